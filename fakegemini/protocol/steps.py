"""Unfold a step into the deltas of a stream, and fold deltas into a step.

The rule: `step.start` names the step, one delta of the step's own type carries the rest, and
folding merges the delta back. An unknown step type follows the rule too. `STEP_KINDS` has one row
for each exception; a new step type of the common kind needs no row and no code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..wire.http import Json
from ..wire.json_text import compact_json
from . import audio_pieces as sound
from .ids import unwrap_signature
from .step_reading import CONTENT_TYPES

_PIECE_CHARS = 28
"""About how many characters of text a delta carries. Recorded pieces are few and irregular."""

_MOST_PIECES = 2000
"""About how many deltas one text has at most. Nobody has observed how one of megabytes is cut."""


class StepKind(NamedTuple):
    """How one step type streams, where it differs from the rule.

    `start` makes the step of `step.start` of a whole step, `deltas` the deltas behind it, and
    `fold` makes the whole step of both. `delta_types` are the types of its deltas, where that is
    not the step's own type. `block_lists` are the members whose blocks are streamed one by one.
    With `streamed` False the type never appears in a stream.
    """

    start: Callable[[Json], Json]
    deltas: Callable[[Json], Iterator[Json]]
    fold: Callable[[Json, list[Json]], Json]
    delta_types: tuple[str, ...] = ()
    block_lists: tuple[str, ...] = ()
    streamed: bool = True


def unfold(full_step: Json) -> tuple[Json, list[Json]]:
    """Return the step of `step.start` and the deltas that make up `full_step`."""
    kind = kind_of(full_step)
    return kind.start(full_step), list(kind.deltas(full_step))


def fold(start: Json, deltas: Iterable[Json]) -> Json:
    """Return the whole step; raises ValueError where parts of arguments do not make JSON."""
    return kind_of(start).fold(start, list(deltas))


def kind_of(any_step: Json) -> StepKind:
    """Return how this step streams."""
    return STEP_KINDS.get(str(any_step.get("type")), PLAIN_KIND)


def find_unstreamable(full_step: Json) -> str:
    """Say which member of a step cannot be streamed as its type is; empty where all can."""
    kind = kind_of(full_step)
    for name in kind.block_lists:
        blocks = full_step.get(name, [])
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            return f"{name} has to be a list of objects, not {blocks!r}"
        for block in blocks:
            if not isinstance(block.get("text", ""), str):
                return f"{name} has to hold texts, not {block['text']!r}"
    is_json_text = "arguments_delta" in kind.delta_types
    if is_json_text and not isinstance(full_step.get("arguments", {}), dict):
        return f"arguments has to be an object, not {full_step['arguments']!r}"
    return ""


def delta_fits(step_type: str, delta_type: str) -> bool:
    """Tell whether a delta of that type belongs into a step of that type."""
    return delta_type in (STEP_KINDS.get(step_type, PLAIN_KIND).delta_types or (step_type,))


def _start_with(*names: str) -> Callable[[Json], Json]:
    def start(full_step: Json) -> Json:
        return {key: value for key, value in full_step.items() if key in names}

    return start


def _delta_without(*names: str) -> Callable[[Json], Iterator[Json]]:
    def deltas(full_step: Json) -> Iterator[Json]:
        members = {key: value for key, value in full_step.items() if key not in (*names, "type")}
        if members:
            yield {**members, "type": full_step["type"]}

    return deltas


def _merge(start: Json, deltas: list[Json]) -> Json:
    full_step = dict(start)
    for delta in deltas:
        full_step.update(delta)
    return full_step


def _start_unsigned(full_step: Json) -> Json:
    # Recorded: an empty signature stands here, whether the delta then has one or not.
    id_member = "id" if "id" in full_step else "call_id"
    start = {id_member: full_step[id_member]} if id_member in full_step else {}
    return {**start, "signature": "", "type": full_step["type"]}


def _code_deltas(full_step: Json) -> Iterator[Json]:
    for delta in _delta_without("id", "call_id")(full_step):
        if delta.get("signature"):  # recorded: the inner bytes alone, without the wrapper
            delta["signature"] = unwrap_signature(str(delta["signature"]))
        yield delta


def _merge_signed(start: Json, deltas: list[Json]) -> Json:
    full_step = _merge(start, deltas)
    if not full_step.get("signature", "-"):  # the empty one of the start is none
        del full_step["signature"]
    return full_step


def _call_start(full_step: Json) -> Json:
    # Recorded: the arguments are an empty object here, and no signature is streamed.
    start: Json = {key: full_step[key] for key in ("id", "type", "name") if key in full_step}
    return {**start, "arguments": {}}


def _call_deltas(full_step: Json) -> Iterator[Json]:
    # Recorded: always one delta with the whole JSON text.
    yield {"arguments": compact_json(full_step.get("arguments", {})), "type": "arguments_delta"}


def _call_fold(start: Json, deltas: list[Json]) -> Json:
    text = "".join(str(delta.get("arguments", "")) for delta in deltas)
    return {**start, "arguments": json.loads(text)} if text else start


def _thought_deltas(full_step: Json) -> Iterator[Json]:
    for block in full_step.get("summary", ()):
        yield {"content": block, "type": "thought_summary"}
    if full_step.get("signature"):  # a thought that was cut off has none (recorded)
        yield {"signature": full_step["signature"], "type": "thought_signature"}


def _thought_fold(start: Json, deltas: list[Json]) -> Json:
    full_step = dict(start)
    for delta in deltas:
        if delta["type"] == "thought_summary":
            full_step["summary"] = [*full_step.get("summary", []), delta["content"]]
        elif delta["type"] == "thought_signature":
            # Empty ones come between summaries (recorded in June 2026); the last one counts.
            full_step["signature"] = delta.get("signature") or full_step.get("signature", "")
    return full_step


def _output_deltas(full_step: Json) -> Iterator[Json]:
    for block in full_step.get("content", ()):
        if block.get("type") != "text":
            yield from sound.split_sound(block)
            continue
        for piece in split_text(block.get("text", "")):
            yield {"text": piece, "type": "text"}
        if block.get("annotations"):
            yield {"annotations": block["annotations"], "type": "text_annotation_delta"}


def _output_fold(start: Json, deltas: list[Json]) -> Json:
    content = [dict(block) for block in start.get("content", ())]
    for delta in deltas:
        last_text = content[-1] if content and content[-1].get("type") == "text" else None
        if delta["type"] == "text_annotation_delta":
            if last_text is None:
                content.append(last_text := {"text": "", "type": "text"})
            last_text["annotations"] = [
                *last_text.get("annotations", []),
                *delta.get("annotations", []),
            ]
        elif content and sound.continues_sound(content[-1], delta):
            content[-1] = sound.join_sounds(content[-1], delta)
        elif delta["type"] != "text" or last_text is None:
            content.append(dict(delta))
        else:
            last_text["text"] += delta["text"]
    return {**start, "content": content}


def split_text(text: str) -> list[str]:
    """Split a text as a server streams it: a few pieces, cut before a space where there is one.

    The pieces of a very long text are longer, so that there are never more than some thousands.
    """
    parts = []
    piece_chars, start = max(_PIECE_CHARS, len(text) // _MOST_PIECES), 0
    while len(text) - start > piece_chars:
        cut = text.find(" ", start + piece_chars // 2, start + piece_chars)
        cut = cut if cut > start else start + piece_chars
        parts.append(text[start:cut])
        start = cut
    text = text[start:]
    if not parts and (cut := text.find(" ")) > 0:
        parts.append(text[:cut])
        text = text[cut:]
    return [*parts, text] if text else parts


_NAMES = ("id", "call_id", "type")
_MCP = (*_NAMES, "name", "server_name")
_SEARCH = (*_NAMES, "search_type")  # the search delta has no member for it

_THOUGHTS = ("thought_summary", "thought_signature")
_OUTPUTS = (*CONTENT_TYPES, "text_annotation_delta")

PLAIN_KIND = StepKind(_start_with(*_NAMES), _delta_without("id", "call_id"), _merge)
_CODE = StepKind(_start_unsigned, _code_deltas, _merge_signed)

STEP_KINDS: dict[str, StepKind] = {
    "user_input": StepKind(
        dict, lambda _: iter(()), _merge, block_lists=("content",), streamed=False
    ),
    "thought": StepKind(
        _start_with("type"), _thought_deltas, _thought_fold, _THOUGHTS, ("summary",)
    ),
    "model_output": StepKind(
        _start_with("type", "error"), _output_deltas, _output_fold, _OUTPUTS, ("content",)
    ),
    "function_call": StepKind(_call_start, _call_deltas, _call_fold, ("arguments_delta",)),
    **{f"code_execution_{end}": _CODE for end in ("call", "result")},
    "google_search_call": StepKind(
        _start_with(*_SEARCH), _delta_without("id", "search_type"), _merge
    ),
    "mcp_server_tool_call": StepKind(_start_with(*_MCP), _delta_without("id"), _merge),
}
