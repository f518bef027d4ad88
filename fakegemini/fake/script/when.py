"""What a test writes behind `when(…)`."""

from __future__ import annotations

from collections.abc import Iterable

from ...faults import Fault
from ...protocol.background import Course
from ...wire.http import Json
from .rule import Answerer, Rule, turn_of
from .rules import Wanted

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
