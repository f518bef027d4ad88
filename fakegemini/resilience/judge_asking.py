"""Judges of how a client asks: how often, how soon, and whether it cleans up."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from .evidence import Evidence, same
from .habits import runs

MOST_TRIES = 10
"""The official SDKs try five times; twice that is patience, more is a storm."""

TOLD_SECONDS = 1.0
"""What a client is told to wait: the shortest that `Retry-After`, in whole seconds, can say."""

_EARLY = 0.9
"""The part of it that a client must wait at least: clocks differ."""

LEAST_PAUSE = 0.01
"""The docs tell clients to poll every five seconds. A test may shorten that, but a pause that takes
no longer than the request itself is none."""

MANY_POLLS = 20
"""How many polls a run takes that shows the pace of a client."""

MOST_POLLS = 750
"""The longest runs take an hour, which is 720 polls at the pace of the docs."""


def storms(day: Evidence) -> str | None:
    """Sends the same request again and again."""
    # Who asks the same several times on a good day, too, may try each of them a few times.
    most = max((count // usual for count, usual in day.tries().values()), default=0)
    return f"sent the same request {most} times" if most > MOST_TRIES else None


def hurries(day: Evidence) -> str | None:
    """Comes back before the time that the server named."""
    requests = day.requests.creates
    refused = next((one for one in requests if one.status == 429), None)
    if not refused or not day.stage.slept or day.tries()[same(refused)][1] > 1:
        return None  # where the same is asked several times, the next one is no retry
    again = [one for one in requests if same(one) == same(refused)][1:]
    pause = again[0].at - refused.at if again else TOLD_SECONDS
    early = pause < TOLD_SECONDS * _EARLY
    return f"was told to wait {TOLD_SECONDS:g} s and waited {pause:.3f} s" if early else None


def insists(day: Evidence) -> str | None:
    """Sends again what was refused for good."""
    most = max((count - usual + 1 for count, usual in day.tries().values()), default=0)
    return f"sent the blocked request {most} times" if most > 1 else None


def races(day: Evidence) -> str | None:
    """Polls without a pause."""
    for run in runs(day.requests):
        polls = [one for one in day.requests.polls if one.id == run.id]
        pauses = [again.at - before.at for before, again in pairwise(polls)]
        if day.stage.slept and len(pauses) >= 5 and median(pauses) < LEAST_PAUSE:
            pause = f"{median(pauses) * 1000:.1f} ms"
            return f"polled {len(polls)} times, with {pause} between two polls"
    return None


def polls_for_ever(day: Evidence) -> str | None:
    """Never stops polling."""
    if day.stage.over:
        return f"polled {len(day.requests.polls)} times and did not stop by itself"
    return None


def walks_away(day: Evidence) -> str | None:
    """Gives up on a run, which goes on."""
    left = day.abandoned() if day.ended else []
    if not left:
        return None
    runs_left = "a run" if len(left) == 1 else f"{len(left)} runs"
    return f"{day.outcome} and left {runs_left} going on, neither cancelled nor deleted"


def loses_the_run(day: Evidence) -> str | None:
    """Gives up on a run because of one bad poll."""
    left = day.abandoned() if day.ended else []
    bad = [one.status for one in day.requests.polls if one.status and one.status >= 400]
    if not left or not bad:
        return None
    return f"{day.outcome} at the {bad[-1]} of a poll, and the run goes on"
