"""Hold the faults in force: which requests they spoil, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import BadScript
from ..protocol.paths import OPERATIONS, operation
from ..wire.http import Request
from . import Fault, both


@dataclass(slots=True)
class FaultInForce:
    """A fault that is in force.

    `on` is the operation whose requests it spoils, None for all; `requests_left` is how many it
    still spoils, None for any number. `origin` names the file that it comes from; empty for what a
    test or a request put in force.
    """

    fault: Fault
    on: str | None
    requests_left: int | None
    origin: str = ""


@dataclass(slots=True)
class FaultsInForce:
    """All faults in force, the oldest first and outermost."""

    entries: list[FaultInForce] = field(default_factory=list)

    def add(self, faults: list[Fault], *, times: int | None, on: str | None) -> None:
        """Put faults in force for `times` requests of the operation `on`; None is all.

        Raises `BadScript` for no fault, an unknown operation, or a number below 1.
        """
        if not faults:
            raise BadScript("faults() takes at least one fault, e.g. faults(refuse(429), times=1)")
        if on is not None and on not in OPERATIONS:
            raise BadScript(f"on= is one of {', '.join(OPERATIONS)}, not {on!r}")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise BadScript(f"times= takes a number of requests from 1, not {times!r}")
        self.entries.append(FaultInForce(both(*faults), on, times))

    def clear(self) -> None:
        """End all faults."""
        self.entries.clear()

    def take(self, request: Request) -> Fault | None:
        """Count the request for the faults that apply to it; give them as one, None for none."""
        if not self.entries:
            return None
        applicable = [entry for entry in self.entries if _applies_to(entry, request)]
        for entry in applicable:
            if entry.requests_left is not None:
                entry.requests_left -= 1
        self.entries[:] = [entry for entry in self.entries if entry.requests_left != 0]
        return both(*(entry.fault for entry in applicable)) if applicable else None


def _applies_to(entry: FaultInForce, request: Request) -> bool:
    request_operation = operation(request)
    return request_operation is not None and entry.on in (None, request_operation)
