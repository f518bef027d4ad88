"""One rule of a script: which requests it takes, and what they get."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...errors import BadScript, FakeGeminiError
from ...protocol.ask import Ask
from ...protocol.builders import say
from ...protocol.turn import Turn
from ...wire.http import Json
from .rules import SEEN, Match

Answerer: TypeAlias = Callable[[Ask], "Json | str | Turn | Iterable[Json | str]"]
"""A function that is the model: it gets the conversation and gives or yields steps."""


@dataclass(slots=True)
class Rule:
    """Which requests, and what they get: its turns in order, the last one again and again.

    `times` is how many requests it answers, None any number. `used` counts them.
    """

    match: Match
    times: int | None = None
    turns: list[Turn | Answerer] = field(default_factory=list)
    used: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has answered all the requests it answers."""
        return self.times is not None and self.used >= self.times

    @property
    def owed(self) -> int:
        """How many requests it still waits for: each of its turns must be asked for once."""
        return max(0, (max(1, len(self.turns)) if self.times is None else self.times) - self.used)

    def answer(self, ask: Ask) -> Turn:
        """Its next turn."""
        planned = self.turns[min(self.used, len(self.turns) - 1)]
        self.used += 1
        return planned if isinstance(planned, Turn) else _asked(planned, ask)


def rule(times: int | None, wanted: dict[str, Any]) -> Rule:
    """A rule without turns; raises `BadScript` for what cannot be one."""
    if times is not None and (not isinstance(times, int) or times < 1):
        raise BadScript(f"times= takes a number of requests from 1, not {times!r}")
    assert set(wanted) <= set(SEEN)
    return Rule(Match(wanted), times)


def turn_of(*steps: Json | str, hops: int = 1, **fixed: Any) -> Turn:
    """A turn of these steps; a string is short for `say(string)`. Raises `BadScript`."""
    if not isinstance(hops, int) or hops < 1:
        raise BadScript(f"hops= takes a number of answers from 1, not {hops!r}")
    if not steps and not any(fixed.values()):
        raise BadScript('a reply needs a step, e.g. replies(say("Hello"))')
    return Turn(tuple(_step(item) for item in steps), hops=hops, **fixed)


def _asked(function: Answerer, ask: Ask) -> Turn:
    try:
        return _given(function(ask))
    except FakeGeminiError:
        raise
    except Exception as error:  # whatever the test's own function raises is the test's to know
        name = getattr(function, "__name__", "of answers()")
        raise BadScript(
            f"the function {name} failed on a request: {type(error).__name__}: {error}"
        ) from error


def _given(made: Any) -> Turn:
    if isinstance(made, Turn):
        return made
    if isinstance(made, str | dict):
        return turn_of(made)
    if made is None:
        raise BadScript("the function of answers() gave nothing; it must return or yield steps")
    return turn_of(*made)


def _step(item: Json | str) -> Json:
    if isinstance(item, str):
        return say(item)
    if isinstance(item, dict) and isinstance(item.get("type"), str):
        return item
    raise BadScript(
        f"a reply is made of steps, not of {item!r}; build them with say(), call(), think(), step()"
    )
