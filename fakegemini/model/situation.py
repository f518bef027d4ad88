"""What the unscripted model notices of a conversation before it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..protocol.ask import Ask, text_of, unanswered_calls
from ..wire.http import Json
from .media_heads import read_pixel_size, read_seconds
from .values.prompt_words import Mention, replace_surrogates, word_stems


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """What one function came back with: `value` is its result, read as JSON where it is JSON."""

    name: str
    text: str
    value: Any
    failed: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """One turn: what came now, what was said before, what the functions returned.

    `new_text` is the text of this turn, `question` the newest one of the user, which is older where
    this turn only brings function results. `open_calls` names the calls without a result.
    """

    turn: int
    new_text: str
    question: str
    earlier_texts: tuple[str, ...]
    media_descriptions: tuple[str, ...]
    results: tuple[FunctionResult, ...]
    open_calls: tuple[str, ...]


def read_situation(ask: Ask) -> Situation:
    """The situation of a request; the same whether history was resent or kept by the server."""
    steps = ask.conversation
    new_steps = ask.steps_to_answer
    earlier_steps = steps[: len(steps) - len(new_steps)]
    earlier_texts = tuple(_input_texts(earlier_steps))
    new_text = "\n".join(_input_texts(new_steps))
    result_steps = [step for step in new_steps if step.get("type") == "function_result"]
    calls_by_id = {
        step.get("id"): step for step in earlier_steps if step.get("type") == "function_call"
    }
    return Situation(
        turn=ask.turn,
        new_text=new_text,
        question=new_text or (earlier_texts[-1] if earlier_texts else ""),
        earlier_texts=earlier_texts if new_text or not earlier_texts else earlier_texts[:-1],
        media_descriptions=tuple(_describe_media(new_steps)),
        results=tuple(_read_result(step, calls_by_id) for step in result_steps),
        open_calls=tuple(str(step.get("name")) for step in unanswered_calls(steps)),
    )


def _input_texts(steps: tuple[Json, ...]) -> Iterator[str]:
    for step in steps:
        text = replace_surrogates(text_of(step)) if step.get("type") == "user_input" else ""
        if text:
            yield text


def _describe_media(steps: tuple[Json, ...]) -> Iterator[str]:
    for step in steps:
        content = step.get("content")
        if step.get("type") == "user_input" and isinstance(content, list):
            yield from (describe_block(block) for block in content if block.get("type") != "text")


def describe_block(block: Json) -> str:
    """A media block in a few words: its type, and how large it is or where it lies."""
    kind = replace_surrogates(str(block.get("mime_type") or block.get("type")))
    data = block.get("data")
    if isinstance(data, str):
        size, length = read_pixel_size(block), read_seconds(block)
        pixel_note = f", {size[0]}x{size[1]} pixels" if size else ""
        length_note = f", {length:.1f} seconds" if length else ""
        return f"{kind}{pixel_note}{length_note}, {len(data) * 3 // 4 - data[-2:].count('=')} bytes"
    return f"{kind} at {replace_surrogates(str(block['uri']))}" if block.get("uri") else kind


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
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    return FunctionResult(
        name, replace_surrogates(text), _parse_json(result), step.get("is_error") is True
    )


def _parse_json(result: Any) -> Any:
    try:
        return json.loads(result) if isinstance(result, str) else result
    except (ValueError, RecursionError):
        return result


def result_mentions(results: tuple[FunctionResult, ...]) -> Iterator[Mention]:
    """What function results offer to a structured answer: each scalar under its member's name."""
    queue: list[tuple[str, Any]] = [("", result.value) for result in results]
    for number in range(500):
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
                    # Negative: in front of whatever the prompt itself offers.
                    yield Mention(
                        kind,
                        candidate,
                        number - 500,
                        0,
                        word_stems(key),
                        -number - 1,
                        needs_label=True,
                    )


def _parse_number(value: Any) -> int | float | None:
    if isinstance(value, (int, float)):
        return value
    try:
        number = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return number if isinstance(number, (int, float)) and not isinstance(number, bool) else None
