"""When a scripted reply is the right one: what of a request a rule looks at.

Exact by default; a compiled pattern is searched for, a function is asked. What is matched is the
normalised request, see `Ask`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...errors import BadScript, FakeGeminiError
from ...protocol.ask import Ask, steps_of
from ...protocol.builders import say
from ...protocol.turn import Turn
from ...wire.http import Json

Wanted: TypeAlias = Any
"""A value that must be equal, a compiled pattern that must be found, or a function that says."""


def _input(ask: Ask) -> Any:
    return ask.text


def _tools(ask: Ask) -> list[str]:
    return [str(tool.get("name") or tool.get("type")) for tool in ask.tools]


SEEN: dict[str, Callable[[Ask], Any]] = {
    "input": _input,
    "model": lambda ask: ask.model,
    "agent": lambda ask: ask.agent,
    "tools": _tools,
    "turn": lambda ask: ask.turn,
    "previous": lambda ask: ask.parent,
    "where": lambda ask: ask,
}
"""What each word of `when` looks at. A new word is a row here."""


@dataclass(slots=True)
class Match:
    """What a rule wants of a request; without anything it takes every request."""

    wanted: dict[str, Wanted] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, wanted in self.wanted.items():
            if name == "where" and not callable(wanted):
                raise BadScript(f"when(where=…) takes a function of the request, not {wanted!r}")

    def misses(self, ask: Ask) -> list[str]:
        """Why the request does not fit, a line each; empty if it does."""
        return [line for name, wanted in self.wanted.items() if (line := _miss(name, wanted, ask))]

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={_show(wanted)}" for name, wanted in self.wanted.items())
        return f"when({shown})" if shown else "any request"


def _miss(name: str, wanted: Wanted, ask: Ask) -> str | None:
    seen = SEEN[name](ask)
    if name == "input" and isinstance(wanted, dict | list):
        seen, wanted = list(ask.given), steps_of(wanted)
    if name == "previous" and isinstance(wanted, bool):
        seen = seen is not None
    if name == "tools" and isinstance(wanted, list | tuple | set | frozenset):
        return None if sorted(wanted) == sorted(seen) else _line(name, sorted(wanted), seen)
    if isinstance(wanted, re.Pattern):
        fits = isinstance(seen, str) and wanted.search(seen) is not None
    elif callable(wanted):
        fits = bool(wanted(seen))
    else:
        fits = wanted == seen
    return None if fits else _line(name, wanted, seen)


def _line(name: str, wanted: Wanted, seen: Any) -> str:
    got = "" if name == "where" else f", the request has {seen!r}"
    return f"{name}: the rule wants {_show(wanted)}{got}"


def _show(wanted: Wanted) -> str:
    if isinstance(wanted, re.Pattern):
        return f"re.compile({wanted.pattern!r})"
    return getattr(wanted, "__name__", None) or repr(wanted)


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
