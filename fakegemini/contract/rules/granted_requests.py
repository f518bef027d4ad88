"""What the live server was measured to refuse, in a request that it granted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...protocol.ask import build_ask, model_name
from ...protocol.known_models import AGENTS, MODELS
from ...protocol.refusals import TABLES, Layer
from ...protocol.refusals.registry import RefusalRow
from ...protocol.refusals.shape import check_shape
from ...protocol.refusals.subject import Subject
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Kind, Problem
from .registry import REQUEST, Evidence, RequestView, problem, rule

_OBSERVED = frozenset("CL")
_NOT_OF_THE_REQUEST = frozenset(
    ("unknown agent", "unknown model", "unsigned call", "corrupted signature")
)
"""Rows that ask what the fake knows: names of models that are not out yet, signatures it sent."""
_QUOTED = re.compile(r"'([a-z_]+(?:\[\d+\])?(?:\.[a-z_]+(?:\[\d+\])?)*)'")
_PLACES = {
    "mime type without format": "response_mime_type",
    "vocabulary with diarization": "generation_config.transcription_config",
    "two searches": "tools",
    "unsupported uri": "input",
    "no audio input": "input",
    "no block results": "input",
    "no background": "background",
    "unsupported level": "generation_config.thinking_level",
    "no delivery": "response_format",
    "no audio mime type": "response_format",
}
"""The member that a refusal is about, where its words do not name it."""
_ROWS = [
    row
    for layer in (Layer.FIELDS, Layer.CAPABILITIES, Layer.HISTORY)
    for row in TABLES[layer]
    if row.evidence in _OBSERVED and row.name not in _NOT_OF_THE_REQUEST
]
"""The refusals that were recorded or measured, and that a request alone decides."""
_MEASURED = Evidence("L", "refusals", "2026-06 to 2026-10")


@rule(
    "request-refused",
    "a request is granted that the live server is not known to refuse",
    looks_at=(REQUEST,),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="creates",
    evidence=(_MEASURED,),
    example="request.body.response_mime_type: it was granted; expected a refusal: "
    '"responseFormat must be set when responseMimeType is set"',
    recordings_only=True,
)
def check_granted(view: RequestView) -> Iterator[Problem]:
    """Find a request that was granted against the tables of refusals; either may be wrong."""
    body = view.body
    # What is wrong with the shape of a member is said by its schema, which demands no input.
    no_input = None if body.get("input") else check_shape(body)
    if no_input:
        expected = f"a refusal: {brief_json(no_input.message)}"
        yield problem("request-refused", "body.input", "it was granted", expected)
        return
    subject = _subject_of(body, view.exchange.path_parts)
    for row in _ROWS:
        refusal = row.check(subject) if row.can_refuse(body) else None
        if refusal:
            path = f"body.{_place_of(row, refusal.message, body)}"
            expected = f"a refusal: {brief_json(refusal.message)}"
            yield problem("request-refused", path, "it was granted", expected)


def _subject_of(body: Json, path_parts: tuple[str, ...]) -> Subject:
    known_model = MODELS.get(model_name(body) or "")
    ask = build_ask(body, known_model=known_model)
    return Subject(ask, MODELS, AGENTS, any_model=True, enterprise="projects" in path_parts)


def _place_of(row: RefusalRow, message: str, body: Json) -> str:
    """Return the path of the member that a refusal is about."""
    if row.name in _PLACES:
        return _PLACES[row.name]
    names: list[Any] = _QUOTED.findall(message)
    return next((name for name in names if name.split(".")[0].split("[")[0] in body), "model")
