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
from .failures import describe_leftover, describe_unscripted
from .rules import Answerer, Condition, Rule, build_turn


@dataclass(slots=True)
class Script:
    """The rules of a test, in the order it wrote them. `exchanges` are the answered requests."""

    rules: list[Rule] = field(default_factory=list)
    exchanges: list[tuple[Ask, Turn]] = field(default_factory=list)

    @property
    def has_rules(self) -> bool:
        """Whether the test has scripted anything."""
        return bool(self.rules)

    def add(self, rule: Rule) -> Rule:
        """One more rule, the last in line."""
        self.rules.append(rule)
        return rule

    def forget(self) -> None:
        """No rules, and nothing played."""
        self.rules.clear()
        self.exchanges.clear()

    def answer(self, ask: Ask) -> Turn:
        """The answer of the first rule that fits; raises `Unscripted` where none does."""
        for rule in self.rules:
            if rule.turns and not rule.is_spent and not rule.match.find_misses(ask):
                turn = rule.next_answer(ask)
                self.exchanges.append((ask, turn))
                return turn
        raise Unscripted(describe_unscripted(ask, self.rules, self.exchanges))

    @property
    def waiting_rules(self) -> list[Rule]:
        """The rules that wait for a request nobody made."""
        return [rule for rule in self.rules if rule.owed_count]

    def describe_leftover(self) -> str:
        """What is waiting that nobody asked for, in five parts."""
        return describe_leftover(self.waiting_rules, self.exchanges)


ANY: Condition = object()
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
        turn = build_turn(
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
