"""Write the text of an unscripted answer: it says that a fake speaks, and what it knows."""

from __future__ import annotations

from .function_results import FunctionResult
from .media_heads import describe_block
from .quoting import replace_surrogates, shorten_quote
from .situation import Situation
from .task import Task
from .tools.registry import find_unknown_tools

_INPUT, _HISTORY, _RESULT, _SYSTEM = 300, 120, 300, 120  # characters that are quoted of each
_EARLIER_COUNT = 3  # earlier inputs that are quoted


def write_prose(task: Task, *extra_sentences: str) -> str:
    """Return who speaks in which turn, what was said now and before, what functions returned.

    The extra sentences come last.
    """
    situation = task.situation
    sentences = [
        opening_sentence(task),
        *map(_result_sentence, situation.results),
        *_open_call_sentences(situation),
        *_input_sentences(situation),
    ]
    system = task.ask.body.get("system_instruction")
    if isinstance(system, str) and system:
        sentences.append(f"System instruction: {_quote(system, _SYSTEM)}")
    tool_types = find_unknown_tools(task.ask)
    if tool_types and not situation.results:
        sentences.append(
            f"The unscripted model does not run: {replace_surrogates(', '.join(tool_types))}."
        )
    return " ".join((*sentences, *extra_sentences))


def opening_sentence(task: Task) -> str:
    """Return the first sentence: that this is the fake, in whose name, and which turn it is."""
    name = replace_surrogates(str(task.ask.agent or task.ask.model or "a model"))
    return f"fakegemini speaking for {name}, turn {task.situation.turn}."


def _input_sentences(situation: Situation) -> list[str]:
    sentences = []
    if situation.new_text:
        sentences.append(f"You said: {quote_words(situation.new_text)}")
    elif situation.question and situation.results:
        sentences.append(f"You had asked: {_quote(situation.question, _INPUT)}")
    media = [block for block in situation.new_blocks if block.get("type") != "text"]
    if media:
        sentences.append(f"You sent: {'; '.join(map(describe_block, media))}.")
    if situation.earlier_texts:
        recent_texts = situation.earlier_texts[-_EARLIER_COUNT:]
        omitted_count = situation.earlier_text_count - len(recent_texts)
        ending = f" (and {omitted_count} before that)." if omitted_count else ""
        quotes = ", ".join(_quote(text, _HISTORY) for text in recent_texts)
        sentences.append(f"Earlier you said: {quotes}{ending}")
    return sentences


def quote_words(text: str) -> str:
    """Quote what the user says in this turn."""
    return _quote(text, _INPUT)


def _result_sentence(result: FunctionResult) -> str:
    verb = "failed with" if result.failed else "returned"
    return f"{result.name} {verb} {shorten_quote(result.text, _RESULT)}."


def _open_call_sentences(situation: Situation) -> list[str]:
    if not (situation.results and situation.open_calls):
        return []
    return [f"Still without a result: {replace_surrogates(', '.join(situation.open_calls))}."]


def _quote(text: str, limit: int) -> str:
    # No full stop of ours behind the quote: the words have their own.
    return f'"{shorten_quote(replace_surrogates(text), limit)}"'
