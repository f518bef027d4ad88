"""What a test said the model will say: rules in order, the first that fits answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..errors import BadScript, Unscripted
from .ask import Ask
from .explain import leftover, unscripted
from .http import Json
from .rules import SEEN, Match
from .steps import say
from .turn import Turn

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
        return planned if isinstance(planned, Turn) else _given(planned(ask))


@dataclass(slots=True)
class Script:
    """The rules of a test, in the order it wrote them. `played` is what answered which request."""

    rules: list[Rule] = field(default_factory=list)
    played: list[tuple[Ask, Turn]] = field(default_factory=list)

    @property
    def used(self) -> bool:
        """Whether the test has scripted anything."""
        return bool(self.rules)

    def add(self, rule: Rule) -> Rule:
        """One more rule, the last in line."""
        self.rules.append(rule)
        return rule

    def forget(self) -> None:
        """No rules, and nothing played."""
        self.rules.clear()
        self.played.clear()

    def answer(self, ask: Ask) -> Turn:
        """The answer of the first rule that fits; raises `Unscripted` where none does."""
        for rule in self.rules:
            if rule.turns and not rule.spent and not rule.match.misses(ask):
                turn = rule.answer(ask)
                self.played.append((ask, turn))
                return turn
        raise Unscripted(unscripted(ask, self.rules, self.played))

    @property
    def waiting(self) -> list[Rule]:
        """The rules that wait for a request nobody made."""
        return [rule for rule in self.rules if rule.owed]

    def leftover(self) -> str:
        """What is waiting that nobody asked for, in five parts."""
        return leftover(self.waiting, self.played)


def rule(times: int | None, wanted: dict[str, Any]) -> Rule:
    """A rule without turns; raises `BadScript` for what cannot be one."""
    if times is not None and (not isinstance(times, int) or times < 1):
        raise BadScript(f"times= takes a number of requests from 1, not {times!r}")
    assert set(wanted) <= set(SEEN)
    return Rule(Match(wanted), times)


def turn_of(*steps: Json | str, **fixed: Any) -> Turn:
    """A turn of these steps; a string is short for `say(string)`. Raises `BadScript`."""
    if not steps and not any(fixed.values()):
        raise BadScript('a reply needs a step, e.g. replies(say("Hello"))')
    return Turn(tuple(_step(item) for item in steps), **fixed)


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
