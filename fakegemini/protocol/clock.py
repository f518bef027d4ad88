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
        """Move the clock forward by `seconds`; raises `BadScript` for a step back."""
        if seconds < 0:
            raise BadScript(f"advance() moves the clock forward, not by {seconds!r} seconds")
        self._now += seconds

    def tick(self) -> None:
        """Move the clock by the five seconds that clients are told to wait between two polls."""
        self.advance(POLL_SECONDS)


class OffsetClock(VirtualClock):
    """A clock that runs with another one, ahead of it by what it was advanced."""

    def __init__(self, base: Clock) -> None:
        super().__init__(0.0)
        self._base = base

    def __call__(self) -> float:
        return self._base() + self._now


def format_time(seconds: float) -> str:
    """Write Unix seconds as the server does in `created`: RFC 3339, whole seconds, Z."""
    return _format_second(int(seconds))


@lru_cache(maxsize=64)  # an answer says it twice, and many answers fall into one second
def _format_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
