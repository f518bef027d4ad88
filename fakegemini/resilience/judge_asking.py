"""Judge how a client asks: how often, how soon, and whether it cleans up.

A judge returns what the client did wrong, or None.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from .evidence import Evidence, request_key
from .habits import background_runs

MAX_TRIES = 10
"""How often a create may be sent: the official SDKs try five times, twice that is patience."""

RETRY_AFTER_SECONDS = 1.0
"""The seconds in `Retry-After`, which takes whole ones: the shortest that it can ask for."""

_LEAST_PART_WAITED = 0.9
"""The part of them that a client must wait at least: clocks differ."""

MIN_POLL_PAUSE = 0.01
"""The shortest pause in seconds. The docs tell clients to poll every five seconds; a test may
shorten that, but a pause that takes no longer than the request itself is none."""

LONG_RUN_POLLS = 20
"""How many polls the run takes that shows how fast a client polls."""

MAX_POLLS = 750
"""How many polls are patience: the longest runs take an hour, 720 polls at the pace of the docs."""


def judge_retry_count(evidence: Evidence) -> str | None:
    """Find a client that sends the same create again and again."""
    # Code that sends the same several times on a good day may try each of them a few times.
    times_sent = max((tries.of_each for tries in evidence.count_tries().values()), default=0)
    return f"sent the same request {times_sent} times" if times_sent > MAX_TRIES else None


def judge_retry_after(evidence: Evidence) -> str | None:
    """Find a client that comes back before the time that the server named."""
    creates = evidence.requests.creates
    limited_request = next((request for request in creates if request.status == 429), None)
    if (
        not limited_request
        or not evidence.server.time_was_real
        or evidence.count_tries()[request_key(limited_request)].on_good_day > 1
    ):
        return None  # where the same is sent several times anyway, the next one is no retry
    retries = [
        request for request in creates if request_key(request) == request_key(limited_request)
    ][1:]
    pause = retries[0].at - limited_request.at if retries else RETRY_AFTER_SECONDS
    too_early = pause < RETRY_AFTER_SECONDS * _LEAST_PART_WAITED
    return (
        f"was told to wait {RETRY_AFTER_SECONDS:g} s and waited {pause:.3f} s"
        if too_early
        else None
    )


def judge_blocked_request(evidence: Evidence) -> str | None:
    """Find a client that sends again what was refused for good."""
    # One more than on a good day is already too many.
    times_sent = max((tries.of_one for tries in evidence.count_tries().values()), default=0)
    return f"sent the blocked request {times_sent} times" if times_sent > 1 else None


def judge_poll_pauses(evidence: Evidence) -> str | None:
    """Find a client that polls without a pause."""
    for run in background_runs(evidence.requests):
        polls = [poll for poll in evidence.requests.polls if poll.id == run.id]
        pauses = [next_poll.at - previous_poll.at for previous_poll, next_poll in pairwise(polls)]
        if evidence.server.time_was_real and len(pauses) >= 5 and median(pauses) < MIN_POLL_PAUSE:
            pause = f"{median(pauses) * 1000:.1f} ms"
            return f"polled {len(polls)} times, with {pause} between two polls"
    return None


def judge_poll_count(evidence: Evidence) -> str | None:
    """Find a client that never stops polling."""
    if evidence.server.budget_spent:
        return f"polled {len(evidence.requests.polls)} times and did not stop by itself"
    return None


def judge_abandoned_runs(evidence: Evidence) -> str | None:
    """Find a client that gives up on a run without ending it."""
    abandoned_runs = evidence.find_abandoned_runs() if evidence.came_back else []
    if not abandoned_runs:
        return None
    runs_text = "a run" if len(abandoned_runs) == 1 else f"{len(abandoned_runs)} runs"
    return f"{evidence.outcome} and left {runs_text} going on, neither cancelled nor deleted"


def judge_failed_polls(evidence: Evidence) -> str | None:
    """Find a client that gives up on a run because of one refused poll."""
    abandoned_runs = evidence.find_abandoned_runs() if evidence.came_back else []
    bad_statuses = [
        poll.status for poll in evidence.requests.polls if poll.status and poll.status >= 400
    ]
    if not abandoned_runs or not bad_statuses:
        return None
    return f"{evidence.outcome} at the {bad_statuses[-1]} of a poll, and the run goes on"
