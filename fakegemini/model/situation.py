"""Read off a conversation what the unscripted model looks at before it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..protocol.ask import Ask, text_of, unanswered_calls
from ..wire.http import Json
from .function_results import FunctionResult, read_results
from .quoting import replace_surrogates


@dataclass(frozen=True, slots=True)
class Situation:
    """What is new in this turn, what the user said before, what the functions returned.

    `turn` counts from 1. `new_text` is the user's text of this turn, `question` the user's newest
    text: an older one where this turn only brings function results. `new_blocks` are the content
    blocks of this turn's user inputs, texts among them. `open_calls` are the names of function
    calls that have no result.
    """

    turn: int
    new_text: str
    question: str
    earlier_texts: tuple[str, ...]
    new_blocks: tuple[Json, ...]
    results: tuple[FunctionResult, ...]
    open_calls: tuple[str, ...]


def read_situation(ask: Ask) -> Situation:
    """Return the situation of a request: the same whether the client resent the history or not."""
    steps = ask.conversation
    new_steps = ask.steps_to_answer
    earlier_steps = steps[: len(steps) - len(new_steps)]
    earlier_texts = tuple(_input_texts(earlier_steps))
    new_text = "\n".join(_input_texts(new_steps))
    return Situation(
        turn=ask.turn,
        new_text=new_text,
        question=new_text or (earlier_texts[-1] if earlier_texts else ""),
        earlier_texts=earlier_texts if new_text or not earlier_texts else earlier_texts[:-1],
        new_blocks=tuple(_input_blocks(new_steps)),
        results=read_results(new_steps, earlier_steps),
        open_calls=tuple(str(step.get("name")) for step in unanswered_calls(steps)),
    )


def _input_texts(steps: Sequence[Json]) -> Iterator[str]:
    """Yield the text of each user input that has one."""
    for step in steps:
        text = replace_surrogates(text_of(step)) if step.get("type") == "user_input" else ""
        if text:
            yield text


def _input_blocks(steps: Sequence[Json]) -> Iterator[Json]:
    for step in steps:
        content = step.get("content")
        if step.get("type") == "user_input" and isinstance(content, list):
            yield from content
