"""Give the time as an argument, so that no pure part asks the machine for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

from ..errors import BadScript

Clock: TypeAlias = Callable[[], float]
"""Returns the time in Unix seconds."""

START = 1_767_225_600.0
"""Where a virtual clock begins: 2026-01-01T00:00:00Z."""


POLL_SECONDS = 5.0
"""What the docs tell clients to wait between two polls."""

_LAST_SECOND = 253_402_300_799.0
"""9999-12-31T23:59:59Z: no later time can be written as the server writes times."""


class VirtualClock:
    """A clock that only `advance` and `tick` move. Calling it returns the time in Unix seconds."""

    def __init__(self, now: float = START) -> None:
        self._now = now

    def __call__(self) -> float:
        return self._now

    @property
    def at(self) -> datetime:
        """Return the time it shows, in UTC."""
        return datetime.fromtimestamp(self(), UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`.

        Raises `BadScript` for a step back, for what is no number, and beyond the year 9999, which
        cannot be written.
        """
        if not is_number(seconds) or not seconds >= 0:  # which NaN is not either
            raise BadScript(f"advance() moves the clock forward, not by {seconds!r} seconds")
        if seconds > _LAST_SECOND or self() + seconds > _LAST_SECOND:
            raise BadScript(f"advance() goes to the end of the year 9999, not {seconds!r} seconds")
        self._now += seconds

    def tick(self, times: int = 1) -> None:
        """Move the clock by the five seconds that clients are told to wait between two polls.

        Does so `times` over, in one step. Raises what `advance` does.
        """
        if not is_number(times) or not times >= 0:
            raise BadScript(f"tick() moves the clock forward, not {times!r} times")
        if times > _LAST_SECOND:
            raise BadScript(f"tick() goes to the end of the year 9999, not {times} times")
        self.advance(POLL_SECONDS * times)

    def make_return(self) -> Callable[[], None]:
        """Return a function that sets it back to how it stands now."""
        now = self._now

        def go_back() -> None:
            self._now = now

        return go_back


class OffsetClock(VirtualClock):
    """A clock that runs with another one, ahead of it by what it was advanced."""

    def __init__(self, base: Clock) -> None:
        super().__init__(0.0)
        self.base = base

    def __call__(self) -> float:
        return self.base() + self._now


def whole_seconds(seconds: float) -> int:
    """Cut Unix seconds to whole ones; raises `BadScript` for a time without a year to write."""
    if not 0 <= seconds <= _LAST_SECOND:
        raise BadScript(f"the clock shows {seconds!r} Unix seconds, which is no year to be written")
    return int(seconds)


def format_time(seconds: float) -> str:
    """Write Unix seconds as the server does in `created`: RFC 3339, whole seconds, Z.

    Raises `BadScript` for a time that has no year of four digits.
    """
    return _format_second(whole_seconds(seconds))


@lru_cache(maxsize=64)  # an answer says it twice, and many answers fall into one second
def _format_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_number(value: object) -> bool:
    """Tell whether a value is a number, which True and False are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
