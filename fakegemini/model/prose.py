"""The text of an unscripted answer: it says that a fake speaks, and what it knows."""

from __future__ import annotations

from ..protocol.ask import Ask
from .situation import Outcome, Scene
from .tools.registry import idle
from .values.prompt_words import clean, shorten

_NOW, _BEFORE, _RESULT, _RULE = 300, 120, 300, 120  # characters that are quoted of each
_RECALLED = 3  # earlier inputs that are quoted


def talk(ask: Ask, scene: Scene, *further: str) -> str:
    """Who speaks in which turn, what was said now and before, what functions returned."""
    sentences = [opening(ask, scene), *map(_result, scene.results), *_open(scene), *_said(scene)]
    system = ask.body.get("system_instruction")
    if isinstance(system, str) and system:
        sentences.append(f"System instruction: {_quoted(system, _RULE)}")
    unknown = idle(ask)
    if unknown and not scene.results:
        sentences.append(f"The unscripted model does not run: {clean(', '.join(unknown))}.")
    return " ".join((*sentences, *further))


def opening(ask: Ask, scene: Scene) -> str:
    """The first sentence: that this is the fake, in whose name, and which turn it is."""
    name = clean(str(ask.agent or ask.model or "a model"))
    return f"fakegemini speaking for {name}, turn {scene.turn}."


def _said(scene: Scene) -> list[str]:
    sentences = []
    if scene.now:
        sentences.append(f"You said: {_quoted(scene.now, _NOW)}")
    elif scene.question and scene.results:
        sentences.append(f"You had asked: {_quoted(scene.question, _NOW)}")
    if scene.media:
        sentences.append(f"You sent: {'; '.join(scene.media)}.")
    if scene.earlier:
        recent = scene.earlier[-_RECALLED:]
        left_out = len(scene.earlier) - len(recent)
        more = f" (and {left_out} before that)." if left_out else ""
        quoted = ", ".join(_quoted(text, _BEFORE) for text in recent)
        sentences.append(f"Earlier you said: {quoted}{more}")
    return sentences


def _result(outcome: Outcome) -> str:
    verb = "failed with" if outcome.failed else "returned"
    return f"{outcome.name} {verb} {shorten(outcome.text, _RESULT)}."


def _open(scene: Scene) -> list[str]:
    if not (scene.results and scene.open_calls):
        return []
    return [f"Still without a result: {clean(', '.join(scene.open_calls))}."]


def _quoted(text: str, limit: int) -> str:
    # No full stop of ours behind the quote: the words have their own.
    return f'"{shorten(clean(text), limit)}"'
