"""Say how long a background run takes, as data: one row a stage."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from ..errors import BadScript
from .clock import POLL_SECONDS, is_number
from .status import Status


class RunStage(NamedTuple):
    """A stage that lasts until `polls` polls have seen it or `seconds` have passed.

    `is_scripted` says that a script chose the seconds: then a stream waits for them in real time.
    """

    status: Status
    polls: int
    seconds: float
    is_scripted: bool = False


Course: TypeAlias = tuple[RunStage, ...]
"""The stages of a run, in order; behind the last one comes the status the turn ends in."""

DEFAULT_COURSE: Course = (RunStage(Status.IN_PROGRESS, polls=1, seconds=10.0),)
"""The first poll finds a run in progress and the second finds it complete, so that no test sleeps.
Ten seconds are two of the polls that the docs recommend."""

AT_ONCE: Course = ()
"""The course of what does not run in the background: it is complete when it is created."""


MOST_POLLS = 1_000_000
"""How many polls a scripted run lasts at most: more than anybody waits for."""


def running_for(
    polls: int = 1, *, seconds: float | None = None, queued: int | None = None
) -> Course:
    """Build a run that `polls` polls find in progress, or that takes `seconds`: the shorter counts.

    Without `seconds` only polls end it; for a stream each of them counts as five seconds. `queued`
    is how many polls find it queued before. Raises `BadScript` for negative numbers, for what
    is no number, and for more than `MOST_POLLS`.
    """
    for name, polls_there in (("polls", polls), ("queued", 0 if queued is None else queued)):
        if not (is_number(polls_there) and isinstance(polls_there, int) and polls_there >= 0):
            raise BadScript(f"running_for({name}=…) takes a number of polls, not {polls_there!r}")
    if seconds is not None and not (is_number(seconds) and seconds >= 0):  # NaN is not either
        raise BadScript(f"running_for(seconds=…) takes seconds from 0, not {seconds!r}")
    if max(polls, queued or 0) > MOST_POLLS:
        raise BadScript(
            f"running_for() takes up to {MOST_POLLS} polls; for a run without an end there is "
            "never_ending()"
        )
    stages = [RunStage(Status.QUEUED, queued, queued * POLL_SECONDS)] if queued is not None else []
    run_seconds = polls * POLL_SECONDS if seconds is None else seconds
    stages.append(RunStage(Status.IN_PROGRESS, polls, run_seconds, is_scripted=seconds is not None))
    return tuple(stages)


def never_ending() -> Course:
    """Build a run that neither polls nor time end; only cancel and delete do."""
    return (RunStage(Status.IN_PROGRESS, polls=2**31, seconds=float("inf"), is_scripted=True),)


def seconds_of(course: Course) -> float:
    """Return how many seconds the whole course takes where nobody polls."""
    return sum(stage.seconds for stage in course)
