"""What the unscripted model notices of a conversation before it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..protocol.ask import Ask, text_of, unanswered
from ..wire.http import Json
from .media_heads import pixels, seconds
from .values.prompt_words import Mention, clean, stems


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one function came back with: `value` is its result, read as JSON where it is JSON."""

    name: str
    text: str
    value: Any
    failed: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """One turn: what came now, what was said before, what the functions returned.

    `now` is the text of this turn, `question` the newest text of the user, which is older where
    this turn only brings function results. `open_calls` names the calls without a result.
    """

    turn: int
    now: str
    question: str
    earlier: tuple[str, ...]
    media: tuple[str, ...]
    results: tuple[Outcome, ...]
    open_calls: tuple[str, ...]


def scene(ask: Ask) -> Scene:
    """The scene of a request; the same whether history was resent or kept by the server."""
    steps = ask.conversation
    new = ask.tail
    before = steps[: len(steps) - len(new)]
    earlier = tuple(_said(before))
    now = "\n".join(_said(new))
    results = [step for step in new if step.get("type") == "function_result"]
    called = {step.get("id"): step for step in before if step.get("type") == "function_call"}
    return Scene(
        turn=ask.turn,
        now=now,
        question=now or (earlier[-1] if earlier else ""),
        earlier=earlier if now or not earlier else earlier[:-1],
        media=tuple(_media(new)),
        results=tuple(_outcome(step, called) for step in results),
        open_calls=tuple(str(step.get("name")) for step in unanswered(steps)),
    )


def _said(steps: tuple[Json, ...]) -> Iterator[str]:
    for step in steps:
        text = clean(text_of(step)) if step.get("type") == "user_input" else ""
        if text:
            yield text


def _media(steps: tuple[Json, ...]) -> Iterator[str]:
    for step in steps:
        content = step.get("content")
        if step.get("type") == "user_input" and isinstance(content, list):
            yield from (describe(block) for block in content if block.get("type") != "text")


def describe(block: Json) -> str:
    """A media block in a few words: its type, and how large it is or where it lies."""
    kind = clean(str(block.get("mime_type") or block.get("type")))
    data = block.get("data")
    if isinstance(data, str):
        size, length = pixels(block), seconds(block)
        seen = f", {size[0]}x{size[1]} pixels" if size else ""
        heard = f", {length:.1f} seconds" if length else ""
        return f"{kind}{seen}{heard}, {len(data) * 3 // 4 - data[-2:].count('=')} bytes"
    return f"{kind} at {clean(str(block['uri']))}" if block.get("uri") else kind


def _outcome(step: Json, called: dict[Any, Json]) -> Outcome:
    call = called.get(step.get("call_id"), {})
    name = clean(str(step.get("name") or call.get("name") or "the function"))
    result = step.get("result")
    blocks = result if isinstance(result, list) else None
    if blocks is not None and all(isinstance(block, dict) for block in blocks):
        said = (str(b["text"]) if b.get("type") == "text" else describe(b) for b in blocks)
        result = "\n".join(said)
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    return Outcome(name, clean(text), _read(result), step.get("is_error") is True)


def _read(result: Any) -> Any:
    try:
        return json.loads(result) if isinstance(result, str) else result
    except (ValueError, RecursionError):
        return result


def hints(results: tuple[Outcome, ...]) -> Iterator[Mention]:
    """What function results offer to a structured answer: each scalar under its member's name."""
    waiting: list[tuple[str, Any]] = [("", outcome.value) for outcome in results]
    for number in range(500):
        if not waiting:
            return
        key, value = waiting.pop(0)
        if isinstance(value, dict):
            waiting += value.items()
        elif isinstance(value, list):
            waiting += [(key, item) for item in value]
        elif key and value is not None and not isinstance(value, bool):
            kinds = {"number": _number(value)} | ({"quoted": value} if value != "" else {})
            for kind, item in kinds.items():
                if item is not None:
                    # Negative: in front of whatever the prompt itself offers.
                    yield Mention(kind, item, number - 500, 0, stems(key), -number - 1, shy=True)


def _number(value: Any) -> int | float | None:
    if isinstance(value, (int, float)):
        return value
    try:
        number = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return number if isinstance(number, (int, float)) and not isinstance(number, bool) else None
