"""Read the results that the client's functions came back with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..protocol.conversation import Conversation
from ..wire.http import Json
from ..wording import spell_json
from .media_heads import describe_block
from .quoting import replace_surrogates

if TYPE_CHECKING:
    from .values.mentions import Mention

_MAX_MEMBERS = 500  # members of results that a structured answer can use


class FunctionResult(NamedTuple):
    """What one function returned: `text` as it came, `value` read as JSON where it is JSON."""

    name: str
    text: str
    value: Any
    failed: bool


def read_results(
    new_steps: Sequence[Json], conversation: Conversation
) -> tuple[FunctionResult, ...]:
    """Return the function results among the new steps; its call says which function it was."""
    result_steps = [step for step in new_steps if step.get("type") == "function_result"]
    calls_by_id = conversation.find_calls(step.get("call_id") for step in result_steps)
    return tuple(_read_result(step, calls_by_id) for step in result_steps)


def _read_result(step: Json, calls_by_id: dict[Any, Json]) -> FunctionResult:
    call = calls_by_id.get(step.get("call_id"), {})
    name = replace_surrogates(str(step.get("name") or call.get("name") or "the function"))
    result = step.get("result")
    blocks = result if isinstance(result, list) else None
    if blocks is not None and all(isinstance(block, dict) for block in blocks):
        block_texts = (
            str(block["text"]) if block.get("type") == "text" else describe_block(block)
            for block in blocks
        )
        result = "\n".join(block_texts)
    text = result if isinstance(result, str) else spell_json(result)
    return FunctionResult(
        name, replace_surrogates(text), _parse_if_json(result), step.get("is_error") is True
    )


def _parse_if_json(result: Any) -> Any:
    """Return what a text says as JSON; anything else, and a text that is no JSON, as it is."""
    try:
        return json.loads(result) if isinstance(result, str) else result
    except (ValueError, RecursionError):
        return result


def result_mentions(results: Sequence[FunctionResult]) -> Iterator[Mention]:
    """Offer function results to a structured answer: each scalar, for a value of its member's name.

    They come before whatever the prompt itself offers, so their positions are negative.
    """
    from .values.mentions import Mention
    from .values.words import word_stems

    queue: list[tuple[str, Any]] = [("", result.value) for result in results]
    for number in range(_MAX_MEMBERS):
        if not queue:
            return
        key, value = queue.pop(0)
        if isinstance(value, dict):
            queue += value.items()
        elif isinstance(value, list):
            queue += [(key, element) for element in value]
        elif key and value is not None and not isinstance(value, bool):
            values_by_kind = {"number": _parse_number(value)} | (
                {"quoted": value} if value != "" else {}
            )
            for kind, candidate in values_by_kind.items():
                if candidate is not None:
                    yield Mention(
                        kind,
                        candidate,
                        start=number - _MAX_MEMBERS,
                        end=0,
                        nearby_stems=word_stems(key),
                        group=-number - 1,
                        needs_label=True,
                    )


def _parse_number(value: Any) -> int | float | None:
    """Return a number, or what a text says as one; None for all else."""
    if isinstance(value, (int, float)):
        return value
    try:
        number = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return number if isinstance(number, (int, float)) and not isinstance(number, bool) else None
