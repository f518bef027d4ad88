"""How a step becomes stream deltas and back, and the builders for those that people type.

The rule: `step.start` names the step, one delta of the step's own type carries the rest, and
folding merges the delta back. A step type nobody knows follows it too. `KINDS` has one row for
each exception; a new step type of the common kind needs no row and no code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..wire.http import Json
from . import audio_pieces as sound

_PIECE = 28
"""About how many characters of text a delta carries. Recorded pieces are few and irregular."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one step type streams, where it differs from the rule.

    `start` gives the step of `step.start`, `deltas` what follows, and `fold` puts them together
    again. `carries` are the delta types that its step may have, where that is not its own type
    alone. `streamed` False: the type never appears in a stream.
    """

    start: Callable[[Json], Json]
    deltas: Callable[[Json], Iterator[Json]]
    fold: Callable[[Json, list[Json]], Json]
    carries: tuple[str, ...] = ()
    streamed: bool = True


def unfold(whole: Json) -> tuple[Json, list[Json]]:
    """The step of `step.start` and the deltas that make it `whole`."""
    kind = kind_of(whole)
    return kind.start(whole), list(kind.deltas(whole))


def fold(start: Json, deltas: Iterable[Json]) -> Json:
    """The whole step; raises ValueError where fragments of arguments do not make JSON."""
    return kind_of(start).fold(start, list(deltas))


def kind_of(any_step: Json) -> Kind:
    """How this step streams."""
    return KINDS.get(str(any_step.get("type")), PLAIN)


def fits(step_type: str, delta_type: str) -> bool:
    """Whether a delta of that type belongs into a step of that type."""
    return delta_type in (KINDS.get(step_type, PLAIN).carries or (step_type,))


def _naming(*names: str) -> Callable[[Json], Json]:
    def start(whole: Json) -> Json:
        return {key: value for key, value in whole.items() if key in names}

    return start


def _rest(*said: str) -> Callable[[Json], Iterator[Json]]:
    def deltas(whole: Json) -> Iterator[Json]:
        rest = {key: value for key, value in whole.items() if key not in (*said, "type")}
        if rest:
            yield {**rest, "type": whole["type"]}

    return deltas


def _merge(start: Json, deltas: list[Json]) -> Json:
    whole = dict(start)
    for delta in deltas:
        whole.update(delta)
    return whole


def _call_start(whole: Json) -> Json:
    # Recorded: the arguments are an empty object here, and no signature is streamed.
    start: Json = {key: whole[key] for key in ("id", "type", "name") if key in whole}
    return {**start, "arguments": {}}


def _call_deltas(whole: Json) -> Iterator[Json]:
    # Recorded: always one delta with the whole JSON text.
    text = json.dumps(whole.get("arguments", {}), ensure_ascii=False, separators=(",", ":"))
    yield {"arguments": text, "type": "arguments_delta"}


def _call_fold(start: Json, deltas: list[Json]) -> Json:
    text = "".join(str(delta.get("arguments", "")) for delta in deltas)
    return {**start, "arguments": json.loads(text)} if text else start


def _thought_deltas(whole: Json) -> Iterator[Json]:
    for block in whole.get("summary", ()):
        yield {"content": block, "type": "thought_summary"}
    if whole.get("signature"):  # none is sent for a thought that was cut off (recorded)
        yield {"signature": whole["signature"], "type": "thought_signature"}


def _thought_fold(start: Json, deltas: list[Json]) -> Json:
    whole = dict(start)
    for delta in deltas:
        if delta["type"] == "thought_summary":
            whole["summary"] = [*whole.get("summary", []), delta["content"]]
        elif delta["type"] == "thought_signature":
            # Empty ones come between summaries (recorded in June 2026); the last one counts.
            whole["signature"] = delta.get("signature") or whole.get("signature", "")
    return whole


def _output_deltas(whole: Json) -> Iterator[Json]:
    for block in whole.get("content", ()):
        if block.get("type") != "text":
            yield from sound.pieces(block)
            continue
        for piece in pieces(block.get("text", "")):
            yield {"text": piece, "type": "text"}
        if block.get("annotations"):
            yield {"annotations": block["annotations"], "type": "text_annotation_delta"}


def _output_fold(start: Json, deltas: list[Json]) -> Json:
    content = [dict(block) for block in start.get("content", ())]
    for delta in deltas:
        last = content[-1] if content and content[-1].get("type") == "text" else None
        if delta["type"] == "text_annotation_delta":
            if last is None:
                content.append(last := {"text": "", "type": "text"})
            last["annotations"] = [*last.get("annotations", []), *delta.get("annotations", [])]
        elif content and sound.goes_on(content[-1], delta):
            content[-1] = sound.joined(content[-1], delta)
        elif delta["type"] != "text" or last is None:
            content.append(dict(delta))
        else:
            last["text"] += delta["text"]
    return {**start, "content": content}


def pieces(text: str) -> list[str]:
    """`text` as a server hands it out: a few pieces, cut before a space where there is one."""
    out = []
    while len(text) > _PIECE:
        cut = text.find(" ", _PIECE // 2, _PIECE)
        cut = cut if cut > 0 else _PIECE
        out.append(text[:cut])
        text = text[cut:]
    if not out and (cut := text.find(" ")) > 0:
        out.append(text[:cut])
        text = text[cut:]
    return [*out, text] if text else out


_NAMES = ("id", "call_id", "type")
_MCP = (*_NAMES, "name", "server_name")
_SEARCH = (*_NAMES, "search_type")  # the search delta has no member for it

_THOUGHTS = ("thought_summary", "thought_signature")
_OUTPUTS = ("text", "text_annotation_delta", "image", "audio", "video", "document")

PLAIN = Kind(_naming(*_NAMES), _rest("id", "call_id"), _merge)

KINDS: dict[str, Kind] = {
    "user_input": Kind(dict, lambda _: iter(()), _merge, streamed=False),
    "thought": Kind(_naming("type"), _thought_deltas, _thought_fold, _THOUGHTS),
    "model_output": Kind(_naming("type", "error"), _output_deltas, _output_fold, _OUTPUTS),
    "function_call": Kind(_call_start, _call_deltas, _call_fold, ("arguments_delta",)),
    "google_search_call": Kind(_naming(*_SEARCH), _rest("id", "search_type"), _merge),
    "mcp_server_tool_call": Kind(_naming(*_MCP), _rest("id"), _merge),
}
