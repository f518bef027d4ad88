"""The faults in force: which requests they spoil, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import BadScript
from ..protocol.paths import OPERATIONS, operation
from ..wire.http import Handler, Reply, Request
from . import Fault, both


@dataclass(slots=True)
class FaultInForce:
    """Some faults, for an operation or all, for a number of requests or all.

    `origin` names the file that they come from; empty for what a test or a request put in force.
    """

    fault: Fault
    on: str | None
    requests_left: int | None
    origin: str = ""


@dataclass(slots=True)
class FaultsInForce:
    """The faults in force, the oldest first and outermost."""

    entries: list[FaultInForce] = field(default_factory=list)

    def add(self, faults: list[Fault], *, times: int | None, on: str | None) -> None:
        """One more fault; raises `BadScript` where it makes no sense."""
        if not faults:
            raise BadScript("faults() takes at least one fault, e.g. faults(refuse(429), times=1)")
        if on is not None and on not in OPERATIONS:
            raise BadScript(f"on= is one of {', '.join(OPERATIONS)}, not {on!r}")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise BadScript(f"times= takes a number of requests from 1, not {times!r}")
        self.entries.append(FaultInForce(both(*faults), on, times))

    def clear(self) -> None:
        """No more faults."""
        self.entries.clear()

    def wrap(self, handler: Handler) -> Handler:
        """`handler` under the faults that meet a request; each counts it."""

        def answer_with_faults(request: Request) -> Reply:
            applicable = [entry for entry in self.entries if _applies_to(entry, request)]
            for entry in applicable:
                if entry.requests_left is not None:
                    entry.requests_left -= 1
            self.entries[:] = [entry for entry in self.entries if entry.requests_left != 0]
            return both(*(entry.fault for entry in applicable))(handler)(request)

        return answer_with_faults


def _applies_to(entry: FaultInForce, request: Request) -> bool:
    request_operation = operation(request)
    return request_operation is not None and entry.on in (None, request_operation)
