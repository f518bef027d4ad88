"""Hold what a test scripted for the model: rules in order, of which the first that fits answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Unpack

from ...errors import Unscripted
from ...protocol.ask import Ask
from ...protocol.request_log import LoggedRequest
from ...protocol.turn import Turn
from ...wire.http import Json
from .failures import describe_leftover, describe_unscripted
from .played import Played
from .reply_options import ReplyOptions
from .rule_list import RuleList
from .rules import Answerer, Level, Rule, build_turn, check_answerer, turn_for


@dataclass(slots=True)
class Script:
    """The rules of a test, in the order in which they are asked: by level, then as written.

    `played` is what it answered. `level` is that of the rules that are added next.
    """

    rules: RuleList = field(default_factory=RuleList)
    played: Played = field(default_factory=Played)
    level: Level = Level.TEST
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def has_rules(self) -> bool:
        """Whether the test has scripted anything."""
        return bool(self.rules)

    def add(self, rule: Rule) -> Rule:
        """Add a rule behind all others of its level, which is at least that of the script."""
        rule.level = max(rule.level, self.level)
        self.rules.append(rule)
        return rule

    def drop(self, rule: Rule) -> None:
        """Take a rule away, and only this one, where others are equal."""
        self.rules[:] = [each for each in self.rules if each is not rule]

    def forget(self) -> None:
        """Drop the rules, and what they answered."""
        self.rules.clear()
        self.played.forget()

    def answer(self, ask: Ask) -> Turn:
        """Answer by the first rule that fits; raises `Unscripted` where none does."""
        for rule in self.rules.open_rules():
            if not rule.turns or rule.match.find_misses(ask):
                continue
            with self._lock:  # no two requests get the last turn of a rule
                if rule.is_spent:
                    continue
                next_turn = rule.take_turn()
            turn = turn_for(next_turn, ask)
            self.played.add(ask, turn)
            return turn
        raise Unscripted(describe_unscripted(ask, self.rules, self.played))

    def fits(self, ask: Ask) -> bool:
        """Tell whether a rule would answer; nothing is taken."""
        return any(
            rule.turns and not rule.match.find_misses(ask) for rule in self.rules.open_rules()
        )

    @property
    def calls_users_code(self) -> bool:
        """Whether a function of the test's has a say in what is answered."""
        return self.rules.calls_users_code

    @property
    def holds_much(self) -> bool:
        """Whether a scripted turn is long."""
        return self.rules.holds_much

    @property
    def waiting_rules(self) -> list[Rule]:
        """The rules that wait for a request that nobody made."""
        return [rule for rule in self.rules if rule.owed_count]

    def describe_leftover(
        self, requests: Sequence[LoggedRequest], waiting_rules: Sequence[Rule] | None = None
    ) -> str:
        """Describe what is waiting that nobody asked for, all of it if not given, in five parts."""
        waiting_rules = self.waiting_rules if waiting_rules is None else waiting_rules
        return describe_leftover(waiting_rules, self.played, requests, self._find_cover)

    def _find_cover(self, rule: Rule) -> Rule | None:
        """Find a rule that is asked before this one and takes all that it would take, or None."""
        ordered_rules = sorted(self.rules, key=lambda each: each.level)
        place = next(index for index, each in enumerate(ordered_rules) if each is rule)
        return next((each for each in ordered_rules[:place] if each.covers(rule)), None)


class When:
    """A rule in the making: tell it what the requests that fit get."""

    def __init__(self, script: Script, rule: Rule) -> None:
        self._script = script
        self._rule = rule

    def replies(self, *steps: Json | str, **options: Unpack[ReplyOptions]) -> When:
        """Add one reply; several are played in order, the last again and again.

        See `Fake.replies` for the options. Raises `BadScript` for what cannot be a reply; a rule
        that has no other reply is then dropped.
        """
        with self._dropped_if_empty():
            self._rule.add_turn(build_turn(*steps, **options))
        return self

    def answers(self, function: Answerer) -> When:
        """Let a function give or yield the steps; it gets the request as an `Ask`.

        Raises `BadScript` for what is no function; a rule that has no reply is then dropped.
        """
        with self._dropped_if_empty():
            self._rule.add_turn(check_answerer(function))
        return self

    @contextmanager
    def _dropped_if_empty(self) -> Iterator[None]:
        try:
            yield
            self._script.rules.forget_facts()
        except BaseException:
            if not self._rule.turns:
                self._script.drop(self._rule)
            raise
