"""Hold what a test scripted for the model: rules in order, of which the first that fits answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Unpack

from ...errors import Unscripted
from ...protocol.ask import Ask
from ...protocol.turn import Turn
from ...wire.http import Json
from .failures import describe_leftover, describe_unscripted
from .reply_options import ReplyOptions
from .rules import Answerer, Condition, Rule, build_turn, turn_for


@dataclass(slots=True)
class Script:
    """The rules of a test, in the order it wrote them. `exchanges` are the answered requests."""

    rules: list[Rule] = field(default_factory=list)
    exchanges: list[tuple[Ask, Turn]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def has_rules(self) -> bool:
        """Whether the test has scripted anything."""
        return bool(self.rules)

    def add(self, rule: Rule) -> Rule:
        """Add a rule behind all others."""
        self.rules.append(rule)
        return rule

    def forget(self) -> None:
        """Drop the rules, and what they answered."""
        self.rules.clear()
        self.exchanges.clear()

    def answer(self, ask: Ask) -> Turn:
        """Answer by the first rule that fits; raises `Unscripted` where none does."""
        for rule in tuple(self.rules):
            if not rule.turns or rule.is_spent or rule.match.find_misses(ask):
                continue
            with self._lock:  # no two requests get the last turn of a rule
                if rule.is_spent:
                    continue
                next_turn = rule.take_turn()
            turn = turn_for(next_turn, ask)
            self.exchanges.append((ask, turn))
            return turn
        raise Unscripted(describe_unscripted(ask, self.rules, self.exchanges))

    @property
    def calls_users_code(self) -> bool:
        """Whether a function of the test's has a say in what is answered."""
        return any(rule.calls_users_code for rule in self.rules)

    @property
    def waiting_rules(self) -> list[Rule]:
        """The rules that wait for a request that nobody made."""
        return [rule for rule in self.rules if rule.owed_count]

    def describe_leftover(self) -> str:
        """Describe what is waiting that nobody asked for, in five parts."""
        return describe_leftover(self.waiting_rules, self.exchanges)


ANY: Condition = object()
"""Stands for a word that a rule does not look at, because None is a value it may look for."""


class When:
    """A rule in the making: tell it what the requests that fit get."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def replies(self, *steps: Json | str, **options: Unpack[ReplyOptions]) -> When:
        """Add one reply; several are played in order, the last again and again.

        See `Fake.replies` for the options. Raises `BadScript` for what cannot be a reply.
        """
        self._rule.turns.append(build_turn(*steps, **options))
        return self

    def answers(self, function: Answerer) -> When:
        """Let a function give or yield the steps; it gets the request as an `Ask`."""
        self._rule.turns.append(function)
        return self
