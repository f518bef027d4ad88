"""What holds of the content of steps: signatures, citations, the bytes of media."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from ...protocol.step_reading import is_from_user
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Kind, Problem
from .media_bytes import begins_as, guess_type
from .recorder_marks import is_redacted
from .registry import (
    RECORDED_MEDIA,
    TURN,
    Evidence,
    TurnView,
    problem,
    rule,
)
from .step_places import StepPlace

_SHORTEST_SIGNATURE = 40
"""Every signature that was recorded is longer; what is shorter was put there by somebody."""
_SIGNATURES = Evidence("C", "61 of 61 recorded replies", "2026-05 to 2026-10")
_CITATIONS = Evidence("C", "46 of 46 recorded citations", "2026-05 to 2026-10")


@rule(
    "signature-base64",
    "a signature is base64",
    looks_at=(TURN,),
    weighs=("steps.signature",),
    bears_on="signatures",
    recorded_elsewhere=RECORDED_MEDIA,
    otherwise="drift for a short one, which somebody may have put there",
    evidence=(_SIGNATURES,),
    example='response.body.steps[0].signature: "?"; expected base64',
)
def check_signatures(view: TurnView) -> Iterator[Problem]:
    """Find signatures that are no base64; one that a recorder replaced says nothing."""
    for step, place in zip(view.steps, view.places, strict=True):
        for holder, path in _signed(step, place):
            value = holder.get("signature")
            if not isinstance(value, str) or not value or _is_base64(value) or is_redacted(value):
                continue
            kind = Kind.VIOLATION if len(value) >= _SHORTEST_SIGNATURE else Kind.DRIFT
            yield problem("signature-base64", path, brief_json(value), "base64", kind=kind)


def _signed(step: Json, place: StepPlace) -> Iterator[tuple[Json, str]]:
    """Yield what may have a signature: the step, or its start and each delta, with the path."""
    if place.deltas is None:
        yield step, place.path_of("signature")
        return
    for path, delta in place.deltas:
        yield delta, f"{path}.delta.signature"


def _is_base64(text: str) -> bool:
    try:
        binascii.a2b_base64(text.replace("-", "+").replace("_", "/"), strict_mode=True)
    except (binascii.Error, ValueError):
        return False
    return True


@rule(
    "citation-range",
    "a citation is a span of the bytes of its text, on the boundaries of characters",
    looks_at=(TURN,),
    weighs=("steps.annotations",),
    bears_on="citations",
    otherwise="drift beside a text that a recorder changed, and for types that were not recorded",
    evidence=(_CITATIONS,),
    example="response.body.steps[1].content[0].annotations[0].end_index: 99; expected at most 8, "
    "the bytes of the text",
)
def check_citations(view: TurnView) -> Iterator[Problem]:
    """Find citations beyond their text, backwards, or inside of a character."""
    for step, place in zip(view.steps, view.places, strict=True):
        for number, block in _blocks(step):
            text, annotations = block.get("text"), block.get("annotations")
            if not isinstance(text, str) or not isinstance(annotations, list):
                continue
            raw = text.encode("utf-8", "surrogatepass")
            for at, annotation in enumerate(annotations):
                if not isinstance(annotation, dict):
                    continue
                sure = annotation.get("type") == "url_citation" and not is_redacted(text)
                kind = Kind.VIOLATION if sure else Kind.DRIFT
                for member, observed, expected in _span_faults(annotation, raw):
                    path = place.path_of(f"content[{number}].annotations[{at}].{member}")
                    yield problem("citation-range", path, observed, expected, kind=kind)


def _span_faults(annotation: Json, raw: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield member, what is there and what was expected of each fault of a span."""
    start, end = annotation.get("start_index", 0), annotation.get("end_index")
    if type(start) is not int or type(end) is not int:
        return
    if start < 0:
        yield "start_index", str(start), "0 or more"
    elif start >= end:
        yield "start_index", str(start), f"less than {end}, the end"
    elif _is_inside_character(raw, start):
        yield "start_index", f"{start}, inside of a character", "the boundary of one"
    if end > len(raw):
        yield "end_index", str(end), f"at most {len(raw)}, the bytes of the text"
    elif end > start and _is_inside_character(raw, end):
        yield "end_index", f"{end}, inside of a character", "the boundary of one"


def _is_inside_character(raw: bytes, at: int) -> bool:
    return 0 < at < len(raw) and raw[at] & 0xC0 == 0x80


def _blocks(step: Json) -> Iterator[tuple[int, Json]]:
    """Yield each block of a step of the model with its number.

    What the client sent a get repeats as it came: nothing in it is the server's.
    """
    content: Any = None if is_from_user(step) else step.get("content")
    for number, block in enumerate(content if isinstance(content, list) else ()):
        if isinstance(block, dict):
            yield number, block


@rule(
    "media-bytes",
    "the bytes of media are of their `mime_type`",
    looks_at=(TURN,),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="inline media",
    evidence=(Evidence("C", "recorded pictures and films", "2026-05 to 2026-10"),),
    example="response.body.steps[1].content[0].data: the bytes of image/png; expected those of "
    "image/jpeg",
)
def check_media_bytes(view: TurnView) -> Iterator[Problem]:
    """Find inline data that begins as another type does; recorders cut it, but rarely its start."""
    for step, place in zip(view.steps, view.places, strict=True):
        for number, block in _blocks(step):
            data, mime_type = block.get("data"), block.get("mime_type")
            if (
                not isinstance(data, str)
                or not isinstance(mime_type, str)
                or is_redacted(data[:60])
            ):
                continue
            if begins_as(data, mime_type) is False:
                actual = guess_type(data)
                observed = f"the bytes of {actual}" if actual else brief_json(data[:24])
                path = place.path_of(f"content[{number}].data")
                yield problem("media-bytes", path, observed, f"those of {mime_type}")


_SHARED_SIGNATURES = ("code_execution_call", "function_call")
"""The calls that were recorded with the signature of the thought before them."""


@rule(
    "call-signature",
    "a signed call has the signature of the thought before it",
    looks_at=(TURN,),
    weighs=("code_execution_call.signature", "function_call.signature"),
    kind=Kind.DRIFT,
    bears_on="calls",
    evidence=(
        Evidence("C", "recorded replies, and one stream without the outer bytes", "2026-10"),
    ),
    example='response.body.steps[1].signature: "BBBB"; expected "AAAA", as of the thought',
)
def check_call_signatures(view: TurnView) -> Iterator[Problem]:
    """Find calls whose signature is neither that of their thought nor its inner bytes.

    Agents and searches sign on their own.
    """
    thought = ""
    for step, place in zip(view.steps, view.places, strict=True):
        signature, step_type = step.get("signature"), step.get("type")
        if not isinstance(signature, str) or not signature or is_redacted(signature):
            continue
        is_shared = step_type in _SHARED_SIGNATURES and "agent" not in view.body
        if step_type == "thought":
            thought = signature
        elif is_shared and thought and not _holds(thought, signature):
            path = place.path_of("signature")
            expected = f"{brief_json(thought)}, as of the thought"
            yield problem("call-signature", path, brief_json(signature), expected)


def _holds(outer: str, inner: str) -> bool:
    """Say whether the bytes of one signature end with those of another."""
    try:
        return base64.b64decode(outer).endswith(base64.b64decode(inner, validate=True))
    except (binascii.Error, ValueError):
        return True  # what is no base64 has its own finding
