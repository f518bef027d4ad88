"""Two independent validators read the schemas alike, on good recordings and on broken ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import referencing
from jsonschema import Draft202012Validator
from referencing.jsonschema import DRAFT202012

from fakegemini.protocol import schemas
from fakegemini.recordings.exchange import Exchange
from tests.beside import RECORDINGS

from . import mutants
from .mutants import Recording
from .test_mutations import own, recorded

BREAKS = (mutants.wrong_type, mutants.dropped, mutants.unknown_value, mutants.unknown_member)
SAMPLE = 400


@cache
def peer(name: str) -> Draft202012Validator:
    """python-jsonschema's validator of a closed schema."""
    return Draft202012Validator({"$ref": f"{schemas.BASE_URL}{name}.json"}, registry=registry())


@cache
def registry() -> referencing.Registry[Any]:
    """All closed schemas for python-jsonschema."""
    documents = ((name, schemas.document(name, closed=True)) for name in schemas.schema_names())
    return referencing.Registry().with_resources(
        (f"{schemas.BASE_URL}{name}.json", DRAFT202012.create_resource(document))
        for name, document in documents
    )


def payloads(exchange: Exchange) -> Iterator[tuple[str, Any]]:
    """What of an exchange a schema describes, with the schema's name."""
    if mutants.asked(exchange) is not None:
        yield "interactions/create", exchange.request_json
    for event in mutants.events(exchange):
        yield "interactions/event", event
    if isinstance(mutants.answered(exchange), dict):
        yield "interactions/interaction", exchange.response_json
    if mutants.refusal(exchange):
        framed = "event_type" in exchange.response_json
        yield f"interactions/{'event' if framed else 'error'}", exchange.response_json


def broken(recordings: list[Recording]) -> list[tuple[str, Any]]:
    """A seeded sample of payloads with one fault."""
    made = [
        payload
        for recording in recordings
        for at in range(len(recording))
        for kind in BREAKS
        for changed, _ in kind(recording, at)
        for payload in payloads(changed)
        if not schemas.validator(payload[0], closed=True).is_valid(payload[1])
    ]
    return random.Random(1).sample(made, min(SAMPLE, len(made)))


def agree(name: str, value: Any) -> None:
    """Both give the same verdict, and name the same keywords at the same paths."""
    ours = schemas.validator(name, closed=True).iter_errors(value)
    theirs = peer(name).iter_errors(value)
    left = {(tuple(error.instance_path), error.kind.name) for error in ours}
    right = {(tuple(error.absolute_path), str(error.validator)) for error in theirs}
    assert left == right, f"{name}: {value}"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(own, id="own"),
        pytest.param(
            recorded,
            id="recorded",
            marks=pytest.mark.skipif(
                not RECORDINGS.is_dir(), reason="the recordings are not beside the project"
            ),
        ),
    ],
)
def test_two_validators_agree(source: Any) -> None:
    """Every payload of the recordings is good to both, every broken one bad in the same places."""
    recordings = source()
    good = [each for made in recordings for exchange in made for each in payloads(exchange)]

    assert len(good) > 40
    for name, value in good:
        assert schemas.validator(name, closed=True).is_valid(value)
        agree(name, value)
    for name, value in broken(recordings):
        agree(name, value)
