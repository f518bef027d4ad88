"""What holds of token counts: sums, breakdowns by modality and by model call, and the media."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...wire.http import Json
from ...wire.json_paths import join_path
from ...wording import brief_json
from ..findings import Kind, Problem
from .registry import RECORDED_MEDIA, REPLIES, RESOURCE, STREAM_END, InteractionView, problem, rule
from .schema_fit import ABSENT

_COUNT_NAMES = frozenset(
    (
        "total_tokens",
        "total_input_tokens",
        "total_output_tokens",
        "total_thought_tokens",
        "total_tool_use_tokens",
        "total_cached_tokens",
    )
)
_BREAKDOWNS = {
    "input_tokens_by_modality": "total_input_tokens",
    "output_tokens_by_modality": "total_output_tokens",
    "cached_tokens_by_modality": "total_cached_tokens",
    "tool_use_tokens_by_modality": "total_tool_use_tokens",
}
_OUTPUT_BREAKDOWN = "output_tokens_by_modality"
"""Lists media only, so that it may sum to less than its total: recorded 1120 of 1201, 5793 of
6166 and the like, and documented. The others sum to their totals in every recording."""
_MODEL_CALLS = "model_invocation_token_counts"
_OWN_MODEL_CALLS = "non_grounding_model_invocation_token_counts"
"""Recorded 2026-10 with code execution: an entry for each model call, alike under both names."""
_CALL_THOUGHTS = "thoughts_tokens_details"


@rule(
    "usage-sum",
    "counts of tokens make their totals, and none is negative; "
    "a breakdown of the output, which lists media alone, makes at most its total",
    looks_at=(RESOURCE, STREAM_END),
    weighs=("body.usage",),
    otherwise="drift for agents, for counts beside an event, and for counts by model call",
    bears_on="token counts",
    recorded_elsewhere=RECORDED_MEDIA,
    evidence=(REPLIES,),
    example="response.body.usage.total_tokens: 62; expected 61, the sum of input, output, "
    "thought and tool use",
)
def check_interaction_usage(view: InteractionView) -> Iterable[Problem]:
    """Find counts in `usage` that do not add up."""
    return check_usage(view.body.get("usage"), "usage", sure=view.sure)


@rule(
    "usage-media",
    "the breakdown of the output lists a medium only where the output has one of it",
    looks_at=(RESOURCE, STREAM_END),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="token counts of media",
    recorded_elsewhere=RECORDED_MEDIA,
    evidence=(REPLIES,),
    example='response.body.usage.output_tokens_by_modality[0].modality: "image"; expected a '
    "medium of the output",
)
def check_media_counts(view: InteractionView) -> Iterator[Problem]:
    """Find a medium that is counted and that no step of the model holds."""
    usage = view.body.get("usage")
    rows = usage.get(_OUTPUT_BREAKDOWN) if isinstance(usage, dict) else None
    if not rows or not isinstance(rows, list) or not view.steps or not view.sure:
        return
    blocks = {"text", *_block_types(view.steps)}
    for number, row in enumerate(rows):
        modality = row.get("modality") if isinstance(row, dict) else None
        if isinstance(modality, str) and modality not in blocks:
            path = f"usage.{_OUTPUT_BREAKDOWN}[{number}].modality"
            yield problem("usage-media", path, brief_json(modality), "a medium of the output")


def _block_types(steps: list[Json]) -> Iterator[str]:
    for step in steps:
        content = step.get("content")
        for block in content if isinstance(content, list) else ():
            if isinstance(block, dict):
                yield str(block.get("type"))


def check_usage(counts: Any, path: str, *, sure: bool = True) -> Iterator[Problem]:
    """Find what does not add up in a usage object.

    Not `sure`: of what counts these nobody has a recording, so that a wrong sum is drift.
    """
    if not isinstance(counts, dict):
        return
    numbers = {key: value for key, value in counts.items() if type(value) is int}
    kind = Kind.VIOLATION if sure else Kind.DRIFT
    if numbers.keys() >= _COUNT_NAMES:
        total = (
            numbers["total_input_tokens"]
            + numbers["total_output_tokens"]
            + numbers["total_thought_tokens"]
            + numbers["total_tool_use_tokens"]
        )
        if numbers["total_tokens"] != total:
            place, observed = join_path(path, "total_tokens"), brief_json(numbers["total_tokens"])
            expected = f"{total}, the sum of input, output, thought and tool use"
            yield problem("usage-sum", place, observed, expected, kind=kind)
    else:
        for name in _COUNT_NAMES - counts.keys():
            place = join_path(path, name)
            yield problem(
                "missing-member", place, ABSENT, "0 or more", kind=Kind.DRIFT, evidence=REPLIES
            )
    for name in _BREAKDOWNS:
        if name not in counts:
            continue
        yield from _check_modalities(counts[name], join_path(path, name))
        token_sum, whole = _sum_tokens(counts[name]), numbers.get(_BREAKDOWNS[name])
        if token_sum is None or whole is None or token_sum == whole:
            continue
        if name != _OUTPUT_BREAKDOWN or token_sum > whole:
            at_most = "at most " if name == _OUTPUT_BREAKDOWN else ""
            place, expected = join_path(path, name), f"{at_most}{whole}, the {_BREAKDOWNS[name]}"
            yield problem("usage-sum", place, str(token_sum), expected, kind=kind)
    if numbers.get("total_cached_tokens", 0) > numbers.get("total_input_tokens", 0):
        place = join_path(path, "total_cached_tokens")
        observed = brief_json(counts["total_cached_tokens"])
        # In May 2026 a chained turn did not count its history, so this is not sure.
        yield problem("usage-sum", place, observed, "no more than the input", kind=Kind.DRIFT)
    if numbers and min(numbers.values()) < 0:
        for name, value in numbers.items():
            if value < 0:
                place = join_path(path, name)
                yield problem("usage-sum", place, str(value), "no negative count")
    if _MODEL_CALLS in counts:
        yield from _check_model_calls(counts, numbers, path)


def _check_modalities(rows: Any, path: str) -> Iterator[Problem]:
    """Find rows of a breakdown that do not say of what they are."""
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict) and "modality" not in row:
            place = join_path(path, f"[{number}].modality")
            yield problem("missing-member", place, ABSENT, "it", kind=Kind.DRIFT, evidence=REPLIES)


def _sum_tokens(rows: Any) -> int | None:
    """Add up the tokens of a breakdown; None where its shape is wrong."""
    total = 0
    for row in rows if isinstance(rows, list) else (None,):
        tokens = row.get("tokens", 0) if isinstance(row, dict) else None
        if type(tokens) is not int:
            return None
        total += tokens
    return total


def _check_model_calls(counts: Json, numbers: dict[str, int], path: str) -> Iterator[Problem]:
    """Hold the counts by model call against the total of thoughts, and against their twins.

    Two recordings show them, so that a difference is drift. Their outputs make ten more than the
    total of the output in both, and their prompts are in no sum.
    """
    calls, own_calls = counts[_MODEL_CALLS], counts.get(_OWN_MODEL_CALLS)
    if not isinstance(calls, list):
        return
    # A call without the details of its thoughts says nothing of them.
    thoughts = [_sum_tokens(call.get(_CALL_THOUGHTS)) for call in calls if type(call) is dict]
    thought_total = numbers.get("total_thought_tokens")
    known = [number for number in thoughts if number is not None]
    if len(known) == len(calls) and thought_total is not None and sum(known) != thought_total:
        place = join_path(path, _MODEL_CALLS)
        observed, expected = f"{sum(known)} thought tokens", f"{thought_total}, their total"
        yield problem("usage-sum", place, observed, expected, kind=Kind.DRIFT)
    # A search has model calls of its own, which stand under the first name alone.
    if not isinstance(own_calls, list) or len(own_calls) != len(calls):
        return
    for number, (call, own_call) in enumerate(zip(calls, own_calls, strict=True)):
        if isinstance(call, dict) and isinstance(own_call, dict):
            for name in call.keys() & own_call.keys():
                if call[name] != own_call[name]:
                    place = join_path(path, f"{_OWN_MODEL_CALLS}[{number}].{name}")
                    expected = f"{brief_json(call[name])}, as in {_MODEL_CALLS}"
                    yield problem(
                        "usage-sum", place, brief_json(own_call[name]), expected, kind=Kind.DRIFT
                    )
