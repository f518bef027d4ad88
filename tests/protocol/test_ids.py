"""Identifiers in the live format, made from a seed."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fakegemini.protocol.ids import NO_THOUGHT_SIGNATURE, IdSource, InteractionId
from tests.beside import RECORDINGS

NOW = 1_780_000_000


def b64(raw: bytes) -> str:
    """Unpadded URL-safe base64."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def record(number: int, payload: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return bytes((number << 3 | 2, len(payload))) + payload


HALF = b64(bytes(17)).encode()
WHOLE = record(1, HALF) + record(2, HALF)

MALFORMED = {
    "empty": "",
    "prefix alone": "v1_",
    "bogus": "v1_bogus",
    "placeholder": "v1_abc123",
    "no prefix": b64(WHOLE),
    "other version": f"v2_{b64(WHOLE)}",
    "padded": f"v1_{b64(WHOLE)}==",
    "standard alphabet": "v1_" + base64.b64encode(WHOLE + b"\xff\xfe").decode(),
    "impossible length": f"v1_{b64(WHOLE)}"[:-1] + "AAA" if len(b64(WHOLE)) % 4 == 3 else "v1_A",
    "one field": "v1_" + b64(record(1, HALF)),
    "fields swapped": "v1_" + b64(record(2, HALF) + record(1, HALF)),
    "a third field": "v1_" + b64(WHOLE + record(3, HALF)),
    "truncated": "v1_" + b64(WHOLE[:-4]),
    "inner not base64": "v1_" + b64(record(1, HALF) + record(2, b"!" * len(HALF))),
    "inner not ASCII": "v1_" + b64(record(1, HALF) + record(2, b"\xff" * len(HALF))),
    "inner too short": "v1_" + b64(record(1, HALF) + record(2, b64(bytes(15)).encode())),
    "inner too long": "v1_" + b64(record(1, HALF) + record(2, b64(bytes(18)).encode())),
    "a space": f"v1_{b64(WHOLE)} ",
    "an accent": f"v1_{b64(WHOLE)}é",
    "a slash": "v1_a/b",
    "a null": "v1_\0",
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_id_is_none(text: str) -> None:
    """What the live server would not recognise."""
    assert InteractionId.parse(text) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    """Anything may stand in a path."""
    assert InteractionId.parse(text) is None
    assert InteractionId.parse(f"v1_{text}") is None


@given(st.binary(min_size=16, max_size=17), st.binary(min_size=16, max_size=17))
def test_an_id_comes_back_from_its_text(root: bytes, own: bytes) -> None:
    """Both halves, of either length."""
    identifier = InteractionId(b64(root), b64(own))

    assert InteractionId.parse(str(identifier)) == identifier
    assert identifier.second == int.from_bytes(own[:4], "little")


def test_a_minted_id_has_the_recorded_form() -> None:
    """The length of the recorded ones, and the second it was minted in."""
    own = IdSource("s").own_half(NOW)
    identifier = InteractionId(own, own)

    assert len(str(identifier)) in (67, 70)
    assert identifier.second == NOW


def told(value: Any) -> Iterator[tuple[str, str]]:
    """Each id that stands beside a time, at any depth."""
    if isinstance(value, dict):
        if str(value.get("id", "")).startswith("v1_") and "created" in value:
            yield value["id"], value["created"]
        for item in value.values():
            yield from told(item)
    elif isinstance(value, list):
        for item in value:
            yield from told(item)


def recorded() -> list[Any]:
    """The recordings with ids of the live server; another recorder wrote placeholders."""
    if not RECORDINGS.is_dir():
        reason = "the recordings are not on this machine"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="recordings")]
    folders = ("Arize-ai__openinference", "braintrustdata__braintrust-sdk-python")
    return [
        pytest.param(path, id=path.stem)
        for folder in folders
        for path in sorted((RECORDINGS / folder).glob("*.yaml"))
    ]


@pytest.mark.parametrize("path", recorded())
def test_a_recorded_id_has_our_form_and_tells_its_time(path: Path) -> None:
    """Every one parses, comes back, and was minted within seconds of its `created`."""
    text = path.read_text("utf-8")
    for found in set(re.findall(r"\bv1_[A-Za-z0-9_-]+", text)):
        identifier = InteractionId.parse(found)
        assert identifier
        assert str(identifier) == found
    for exchange in yaml.safe_load(text)["interactions"]:
        body = exchange["response"]["body"]["string"]
        lines = [line[6:] for line in body.splitlines() if line.startswith("data: {")] or [body]
        for name, created in (pair for line in lines for pair in told(json.loads(line))):
            identifier = InteractionId.parse(name)
            assert identifier
            assert abs(identifier.second - datetime.fromisoformat(created).timestamp()) <= 10


@pytest.mark.parametrize("make", ["call_id", "signature", "uuid"])
def test_the_same_seed_mints_the_same(make: str) -> None:
    """In the same order, and never twice the same."""
    first, second = IdSource("seed"), IdSource("seed")

    ours = [getattr(first, make)() for _ in range(50)]

    assert ours == [getattr(second, make)() for _ in range(50)]
    assert len(set(ours)) == 50
    assert getattr(IdSource("other"), make)() not in ours


def test_the_same_seed_mints_the_same_id() -> None:
    """But for the second, which is part of it."""
    assert IdSource("s").own_half(NOW) == IdSource("s").own_half(NOW)
    assert IdSource("s").own_half(NOW) != IdSource("s").own_half(NOW + 1)
    assert IdSource("s").own_half(NOW) != IdSource("t").own_half(NOW)


def test_minted_words_are_pinned() -> None:
    """The same in every process and every release: recordings of users depend on them."""
    mint = IdSource("pinned")

    assert mint.own_half(NOW) == PINNED[0]
    assert mint.call_id() == PINNED[1]
    assert mint.uuid() == PINNED[2]


PINNED = ("AKUYajnmOgjehVblzoQViuw", "ul0vdyjn", "6004fd98-3f4c-449c-8fa9-26c38ad836de")


@given(st.text())
def test_minted_words_have_the_live_form(seed: str) -> None:
    """Call ids, signatures and UUIDs, whatever the seed."""
    mint = IdSource(seed)

    assert re.fullmatch("[a-z0-9]{8}", mint.call_id())
    raw = base64.b64decode(mint.signature(), validate=True)
    assert raw[0] == 0x0A
    assert raw[1] == len(raw) - 2
    assert b"fakegemini" in raw
    assert uuid.UUID(mint.uuid()).version == 4


def test_the_signature_of_no_thought_is_base64() -> None:
    """One client decodes every signature."""
    assert base64.b64decode(NO_THOUGHT_SIGNATURE, validate=True)[0] == 0x0A
