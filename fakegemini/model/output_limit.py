"""`max_output_tokens`: thinking counts, and what no longer fits is cut off."""

from __future__ import annotations

from dataclasses import replace

from ..protocol.status import Status
from ..protocol.turn import Turn
from ..protocol.usage import output_tokens
from ..wire.http import Json
from .values.prompt_words import joins

_BYTES = 4  # a token in `core.usage`


def within(turn: Turn, limit: int | None) -> Turn:
    """The turn with thought and output in at most `limit` tokens; incomplete if it was cut.

    A limit that the thought alone reaches leaves no steps (recorded). Calls are never cut: half
    of the arguments would be none.
    """
    if limit is None or turn.thought_tokens + output_tokens(turn.steps) <= limit:
        return turn
    if turn.thought_tokens >= limit:
        return Turn((), Status.INCOMPLETE, thought_tokens=max(0, limit))
    left = limit - turn.thought_tokens
    steps: list[Json] = []
    for step in turn.steps:
        if step["type"] == "model_output":
            step = {**step, "content": _fitting(step["content"], left)}
        steps.append(step)
    cut = any(step["type"] == "model_output" and step["content"] for step in steps)
    return replace(turn, steps=tuple(steps) if cut else (), status=Status.INCOMPLETE)


def _fitting(blocks: list[Json], left: int) -> list[Json]:
    kept: list[Json] = []
    for block in blocks:
        cost = output_tokens([{"content": [block]}])
        if cost > left:
            short = _shortened(block, left) if block["type"] == "text" else None
            return [*kept, short] if short else kept
        kept.append(block)
        left -= cost
    return kept


def _shortened(block: Json, left: int) -> Json | None:
    text = block["text"]
    cut = len(text.encode()[: left * _BYTES].decode(errors="ignore"))
    while cut and joins(text[cut - 1], text[cut]):
        cut -= 1
    end = len(text[:cut].encode())
    short = {**block, "text": text[:cut]}
    if "annotations" in block:
        short["annotations"] = [note for note in block["annotations"] if note["end_index"] <= end]
        if not short["annotations"]:
            del short["annotations"]
    return short if cut else None
