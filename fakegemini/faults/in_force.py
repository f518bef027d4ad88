"""The faults in force: which requests they spoil, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import BadScript
from ..protocol.paths import OPERATIONS, operation
from ..wire.http import Handler, Reply, Request
from . import Fault, both


@dataclass(slots=True)
class Spell:
    """Some faults, for an operation or all, for a number of requests or all."""

    fault: Fault
    on: str | None
    left: int | None


@dataclass(slots=True)
class Weather:
    """The spells in force, the oldest first and outermost."""

    spells: list[Spell] = field(default_factory=list)

    def add(self, faults: list[Fault], *, times: int | None, on: str | None) -> None:
        """One more spell; raises `BadScript` where it makes no sense."""
        if not faults:
            raise BadScript("faults() takes at least one fault, e.g. faults(refuse(429), times=1)")
        if on is not None and on not in OPERATIONS:
            raise BadScript(f"on= is one of {', '.join(OPERATIONS)}, not {on!r}")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise BadScript(f"times= takes a number of requests from 1, not {times!r}")
        self.spells.append(Spell(both(*faults), on, times))

    def clear(self) -> None:
        """No more spells."""
        self.spells.clear()

    def over(self, handler: Handler) -> Handler:
        """`handler` under the spells that meet a request; each counts it."""

        def answer(request: Request) -> Reply:
            met = [spell for spell in self.spells if _meets(spell, request)]
            for spell in met:
                if spell.left is not None:
                    spell.left -= 1
            self.spells[:] = [spell for spell in self.spells if spell.left != 0]
            return both(*(spell.fault for spell in met))(handler)(request)

        return answer


def _meets(spell: Spell, request: Request) -> bool:
    done = operation(request)
    return done is not None and spell.on in (None, done)
