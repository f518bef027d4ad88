"""Read off a conversation what the unscripted model looks at before it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..protocol.ask import Ask
from ..wire.http import Json
from .function_results import FunctionResult, read_results
from .quoting import replace_surrogates


class Situation(NamedTuple):
    """What is new in this turn, what the user said before, what the functions returned.

    `turn` counts from 1. `new_text` is the user's text of this turn, `question` the user's newest
    text: an older one where this turn only brings function results. `earlier_texts` are the newest
    of those before it, `earlier_text_count` says how many there are. `new_blocks` are the content
    blocks of this turn's user inputs, texts among them. `open_calls` are the names of function
    calls that have no result.
    """

    turn: int
    new_text: str
    question: str
    earlier_texts: tuple[str, ...]
    earlier_text_count: int
    new_blocks: tuple[Json, ...]
    results: tuple[FunctionResult, ...]
    open_calls: tuple[str, ...]


def read_situation(ask: Ask) -> Situation:
    """Return the situation of a request: the same whether the client resent the history or not."""
    facts = ask.dialogue.facts
    new_text = "\n".join(map(replace_surrogates, facts.new_texts))
    earlier_texts = tuple(map(replace_surrogates, facts.earlier_texts))
    repeats_question = bool(earlier_texts) and not new_text
    return Situation(
        turn=ask.turn,
        new_text=new_text,
        question=earlier_texts[-1] if repeats_question else new_text,
        earlier_texts=earlier_texts[:-1] if repeats_question else earlier_texts,
        earlier_text_count=facts.earlier_text_count - repeats_question,
        new_blocks=tuple(_input_blocks(facts.steps_to_answer)),
        results=read_results(facts.steps_to_answer, ask.dialogue),
        open_calls=tuple(str(call.get("name")) for call in facts.open_calls),
    )


def _input_blocks(steps: Sequence[Json]) -> Iterator[Json]:
    for step in steps:
        content = step.get("content")
        if step.get("type") == "user_input" and isinstance(content, list):
            yield from content
