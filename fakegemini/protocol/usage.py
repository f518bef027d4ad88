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
from .tokens import add_tokens, estimate_tokens
from .turn import Turn


def count_usage(ask: Ask, turn: Turn) -> Json:
    """Build the `usage` object of a turn, keys in the recorded order, without empty breakdowns."""
    if turn.usage is not None:
        return turn.usage
    output_counts = add_tokens({}, (step for step in turn.steps if step.get("type") != "thought"))
    return spell_usage(ask, turn, count_input(ask), output_counts)


def count_input(ask: Ask) -> dict[str, int]:
    """Count the tokens that the model reads, by modality."""
    input_counts = (
        dict(ask.dialogue.facts.tokens)
        if ask.era.does("history is counted")
        else add_tokens({}, ask.new_steps)
    )
    for text in (ask.body.get("system_instruction"), ask.tools and json.dumps(ask.tools)):
        if text:
            input_counts["text"] = input_counts.get("text", 0) + estimate_tokens(text)
    return input_counts


def spell_usage(
    ask: Ask, turn: Turn, input_counts: dict[str, int], output_counts: dict[str, int]
) -> Json:
    """Build the `usage` object of these counts by modality."""
    usage: Json = {
        "total_tokens": sum(input_counts.values())
        + sum(output_counts.values())
        + turn.thought_tokens
        + turn.tool_use_tokens,
        "total_input_tokens": sum(input_counts.values()),
        "input_tokens_by_modality": _modality_rows(input_counts),
        "total_cached_tokens": 0,
        "total_output_tokens": sum(output_counts.values()),
    }
    media_counts = {
        modality: size for modality, size in output_counts.items() if modality != "text"
    }
    if media_counts:  # recorded: it lists media alone, and only where there are any
        usage["output_tokens_by_modality"] = _modality_rows(media_counts)
    usage["total_tool_use_tokens"] = turn.tool_use_tokens
    model_calls = _count_model_calls(turn) if ask.model else 1
    if model_calls > 1 and turn.tool_use_tokens:
        usage["tool_use_tokens_by_modality"] = _modality_rows({"text": turn.tool_use_tokens})
    usage["total_thought_tokens"] = turn.thought_tokens
    if turn.grounding:
        usage["grounding_tool_count"] = list(turn.grounding)
    if model_calls > 1:
        rows = _model_call_rows(usage, model_calls)
        usage["model_invocation_token_counts"] = rows
        usage["non_grounding_model_invocation_token_counts"] = rows
    if not usage["input_tokens_by_modality"]:
        del usage["input_tokens_by_modality"]
    if _counts_raw_prompts(ask):
        tokens = usage["total_input_tokens"] + turn.tool_use_tokens
        usage["raw_prompt_token"] = tokens + _FRAME_TOKENS
    return usage


def _count_model_calls(turn: Turn) -> int:
    """Return how often the model was called: once more for each time it let code run."""
    return 1 + len([step for step in turn.steps if step.get("type") == "code_execution_call"])


def _model_call_rows(usage: Json, model_calls: int) -> list[Json]:
    """Share the tokens of a turn among the calls of the model; the last one reads all of it.

    Recorded with code execution alone; how the tokens fall to the calls is our own.
    """
    candidates, thoughts = (
        _share_evenly(usage[key], model_calls)
        for key in ("total_output_tokens", "total_thought_tokens")
    )
    tool_use = _share_evenly(usage["total_tool_use_tokens"], model_calls - 1)
    rows, prompt = [], usage["total_input_tokens"] + _FRAME_TOKENS
    for number in range(model_calls):
        details = {
            "prompt_tokens_details": prompt,
            "candidates_tokens_details": candidates[number],
            "thoughts_tokens_details": thoughts[number],
        }
        rows.append({key: _modality_rows({"text": size}) for key, size in details.items() if size})
        prompt += tool_use[number] if number < len(tool_use) else 0
    return rows


def _share_evenly(total: int, parts: int) -> list[int]:
    return [total * (n + 1) // parts - total * n // parts for n in range(parts)]


def _counts_raw_prompts(ask: Ask) -> bool:
    # Recorded: in every body of a 3.x, omni, speech or transcription model, in none of 2.5.
    model = ask.model or ""
    is_counted = model.startswith("gemini-") and not model.startswith("gemini-2")
    return is_counted and ask.era.does("prompts are counted raw")


_FRAME_TOKENS = 21
"""How much more the recorded `raw_prompt_token` of a bare question was than its input tokens.

With code execution it was the prompt of the model's last call, which has read the tool's use too.
"""


def count_output_tokens(steps: Iterable[Json]) -> int:
    """Estimate the tokens of what the model says in these steps."""
    return sum(add_tokens({}, steps).values())


def _modality_rows(counts: dict[str, int]) -> list[Json]:
    return [{"modality": modality, "tokens": size} for modality, size in counts.items() if size]
