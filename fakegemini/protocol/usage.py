"""Count tokens so that the sums hold; the counts themselves are estimates of our own.

Order of the keys and the law `total = input + output + thought + tool use` are recorded. Since
July 2026 the server counts the whole chain as input. The figures for media are unverified
stand-ins: nobody can count without the live tokenizer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..wire.http import Json
from .ask import Ask
from .tokens import MEDIA_TOKENS as MEDIA_TOKENS
from .tokens import add_tokens
from .tokens import estimate_tokens as estimate_tokens
from .turn import Turn


def count_usage(ask: Ask, turn: Turn) -> Json:
    """Build the `usage` object of a turn, keys in the recorded order, without empty breakdowns."""
    if turn.usage is not None:
        return turn.usage
    input_counts = (
        dict(ask.dialogue.facts.tokens)
        if ask.era.does("history is counted")
        else add_tokens({}, ask.new_steps)
    )
    for text in (ask.body.get("system_instruction"), ask.tools and json.dumps(ask.tools)):
        if text:
            input_counts["text"] = input_counts.get("text", 0) + estimate_tokens(text)
    output_counts = add_tokens({}, (step for step in turn.steps if step.get("type") != "thought"))
    usage: Json = {
        "total_tokens": sum(input_counts.values())
        + sum(output_counts.values())
        + turn.thought_tokens
        + turn.tool_use_tokens,
        "total_input_tokens": sum(input_counts.values()),
        "input_tokens_by_modality": _modality_rows(input_counts),
        **_raw_prompt_tokens(ask, sum(input_counts.values())),
        "total_cached_tokens": 0,
        "total_output_tokens": sum(output_counts.values()),
    }
    if set(output_counts) - {"text"}:  # recorded for media output only
        usage["output_tokens_by_modality"] = _modality_rows(output_counts)
    usage["total_tool_use_tokens"] = turn.tool_use_tokens
    usage["total_thought_tokens"] = turn.thought_tokens
    if turn.grounding:
        usage["grounding_tool_count"] = list(turn.grounding)
    if not usage["input_tokens_by_modality"]:
        del usage["input_tokens_by_modality"]
    return usage


def _raw_prompt_tokens(ask: Ask, input_tokens: int) -> Json:
    # The members around it are sorted in the recordings: its place is unverified, as its count.
    is_gemini_3 = (ask.model or "").startswith("gemini-3")
    has_raw_count = is_gemini_3 and ask.era.does("prompts are counted raw")
    return {"raw_prompt_token": input_tokens + _FRAME_TOKENS} if has_raw_count else {}


_FRAME_TOKENS = 21
"""How much more the recorded `raw_prompt_token` of a bare question was than its input tokens."""


def count_output_tokens(steps: Iterable[Json]) -> int:
    """Estimate the tokens of what the model says in these steps."""
    return sum(add_tokens({}, steps).values())


def _modality_rows(counts: dict[str, int]) -> list[Json]:
    return [{"modality": modality, "tokens": size} for modality, size in counts.items() if size]
