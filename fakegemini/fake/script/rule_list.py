"""List the rules of a script, with what each request asks about all of them worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from operator import attrgetter
from typing import Any

from .rules import Rule


def _changing(name: str) -> Any:
    """Return a method of lists that changes one, after which nothing is known of its rules."""
    method: Callable[..., Any] = getattr(list, name)

    @wraps(method)
    def change(self: RuleList, *arguments: Any, **options: Any) -> Any:
        try:
            return method(self, *arguments, **options)
        finally:
            self.forget_facts()

    return change


class RuleList(list[Rule]):
    """Rules in the order in which they were added.

    A test may script thousands of replies: those that are used up cost the next request nothing.
    """

    _open_rules: list[Rule] | None = None
    _start: int = 0
    _calls_users_code: bool | None = None
    _holds_much: bool | None = None

    def forget_facts(self) -> None:
        """Forget what was worked out: a rule, or a turn of one, came or went."""
        self._open_rules = self._calls_users_code = self._holds_much = None

    append = _changing("append")
    clear = _changing("clear")
    extend = _changing("extend")
    insert = _changing("insert")
    pop = _changing("pop")
    remove = _changing("remove")
    reverse = _changing("reverse")
    sort = _changing("sort")
    __delitem__ = _changing("__delitem__")
    __iadd__ = _changing("__iadd__")
    __imul__ = _changing("__imul__")
    __setitem__ = _changing("__setitem__")

    @property
    def calls_users_code(self) -> bool:
        """Whether a function of the test's has a say in what is answered."""
        if self._calls_users_code is None:
            self._calls_users_code = any(rule.calls_users_code for rule in self)
        return self._calls_users_code

    @property
    def holds_much(self) -> bool:
        """Whether a scripted turn is long."""
        if self._holds_much is None:
            self._holds_much = any(rule.holds_much for rule in self)
        return self._holds_much

    def open_rules(self) -> Iterator[Rule]:
        """Yield the rules that can still answer, in the order in which they are asked."""
        ordered, start = self._open_rules, self._start
        if ordered is None:
            ordered = sorted((rule for rule in self if not rule.is_spent), key=attrgetter("level"))
            start = 0
        while start < len(ordered) and ordered[start].is_spent:
            start += 1
        if start * 2 > len(ordered):
            ordered, start = ordered[start:], 0
        self._open_rules, self._start = ordered, start
        for place in range(start, len(ordered)):
            rule = ordered[place]
            if not rule.is_spent:
                yield rule
