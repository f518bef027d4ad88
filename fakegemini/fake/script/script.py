"""What a test said the model will say: rules in order, the first that fits answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...errors import Unscripted
from ...protocol.ask import Ask
from ...protocol.turn import Turn
from .failures import leftover, unscripted
from .rule import Rule


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
