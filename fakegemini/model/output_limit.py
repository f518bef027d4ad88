"""Keep a turn within `max_output_tokens`: thinking counts, and what no longer fits is cut off."""

from __future__ import annotations

from dataclasses import replace

from ..protocol.status import Status
from ..protocol.turn import Turn
from ..protocol.usage import count_output_tokens
from ..wire.http import Json
from .quoting import joins_characters

_BYTES_PER_TOKEN = 4  # as `protocol.usage` estimates


def limit_output(turn: Turn, limit: int | None) -> Turn:
    """Return the turn with thought and output in at most `limit` tokens; incomplete if it was cut.

    A limit that the thought alone reaches leaves a thought that has a summary, with an empty
    signature, and else no steps (both recorded). Calls are never cut: half of their arguments would
    be of no use. None is no limit.
    """
    if limit is None or turn.thought_tokens + count_output_tokens(turn.steps) <= limit:
        return turn
    if turn.thought_tokens >= limit:
        thoughts = [step for step in turn.steps if step["type"] == "thought" and "summary" in step]
        unsigned = tuple({**thought, "signature": ""} for thought in thoughts[:1])
        return Turn(unsigned, Status.INCOMPLETE, thought_tokens=max(0, limit))
    remaining_tokens = limit - turn.thought_tokens
    steps: list[Json] = []
    for step in turn.steps:
        if step["type"] == "model_output":
            step = {**step, "content": _limit_blocks(step["content"], remaining_tokens)}
        steps.append(step)
    has_output = any(step["type"] == "model_output" and step["content"] for step in steps)
    return replace(turn, steps=tuple(steps) if has_output else (), status=Status.INCOMPLETE)


def _limit_blocks(blocks: list[Json], remaining_tokens: int) -> list[Json]:
    """Return the blocks that fit; of the first that does not, a text is cut, a medium dropped."""
    fitting_blocks: list[Json] = []
    for block in blocks:
        cost = count_output_tokens([{"content": [block]}])
        if cost > remaining_tokens:
            short_block = (
                _shorten_block(block, remaining_tokens) if block["type"] == "text" else None
            )
            return [*fitting_blocks, short_block] if short_block else fitting_blocks
        fitting_blocks.append(block)
        remaining_tokens -= cost
    return fitting_blocks


def _shorten_block(block: Json, remaining_tokens: int) -> Json | None:
    """Return the start of a text block, with the annotations inside it; None if no text fits."""
    text = block["text"]
    cut = len(text.encode()[: remaining_tokens * _BYTES_PER_TOKEN].decode(errors="ignore"))
    while cut and joins_characters(text[cut - 1], text[cut]):
        cut -= 1
    end = len(text[:cut].encode())
    short_block = {**block, "text": text[:cut]}
    if "annotations" in block:
        short_block["annotations"] = [
            annotation for annotation in block["annotations"] if annotation["end_index"] <= end
        ]
        if not short_block["annotations"]:
            del short_block["annotations"]
    return short_block if cut else None
