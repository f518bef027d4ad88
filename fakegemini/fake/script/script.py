"""What a test said the model will say: rules in order, the first that fits answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...errors import Unscripted
from ...faults import Fault
from ...protocol.ask import Ask
from ...protocol.background import Course
from ...protocol.turn import Turn
from ...wire.http import Json
from .failures import leftover, unscripted
from .rules import Answerer, Rule, Wanted, turn_of


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


ANY: Wanted = object()
"""Stands for a word that a rule does not look at: None is a value it may want."""


class When:
    """A rule in the making: say what the requests that fit it get."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def replies(
        self,
        *steps: Json | str,
        status: str | None = None,
        usage: Json | None = None,
        id: str | None = None,
        errors: Iterable[Json] = (),
        background: Course | None = None,
        fault: Fault | None = None,
        hops: int = 1,
    ) -> When:
        """One reply more; several are played in order, the last again and again.

        See `Fake.replies` for what can be fixed. Raises `BadScript` for what cannot be a reply.
        """
        turn = turn_of(
            *steps,
            status=status,
            usage=usage,
            id=id,
            errors=tuple(errors),
            course=background,
            fault=fault,
            hops=hops,
        )
        self._rule.turns.append(turn)
        return self

    def answers(self, function: Answerer) -> When:
        """A function that gives or yields the steps; it gets the request as an `Ask`."""
        self._rule.turns.append(function)
        return self
