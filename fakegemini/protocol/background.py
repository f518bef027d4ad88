"""How long a background run takes, as data: one row a stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ..errors import BadScript
from .clock import POLL_SECONDS
from .status import Status


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that lasts until `polls` polls have seen it or `seconds` have passed.

    `told` says that a script gave the seconds: then a stream takes them where time is real.
    """

    status: Status
    polls: int
    seconds: float
    told: bool = False


Course: TypeAlias = tuple[Stage, ...]
"""The stages of a run, in order; after the last comes the status the turn ends in."""

DEFAULT: Course = (Stage(Status.IN_PROGRESS, polls=1, seconds=10.0),)
"""The first poll finds a run in progress, the second finds it done, so that no test sleeps. Ten
seconds are two of the polls that the docs recommend."""

AT_ONCE: Course = ()
"""Done when it is created: what is not in the background."""


def running_for(
    polls: int = 1, *, seconds: float | None = None, queued: int | None = None
) -> Course:
    """A run that `polls` polls find in progress, or that takes `seconds`, whichever ends first.

    Without `seconds` only polls end it, but for a stream, for which each poll counts as five
    seconds that have passed. `queued` polls find it queued before. Raises `BadScript` for negative
    numbers.
    """
    if polls < 0 or (seconds is not None and seconds < 0) or (queued is not None and queued < 0):
        raise BadScript("running_for() takes no negative numbers")
    each = POLL_SECONDS
    stages = [Stage(Status.QUEUED, queued, queued * each)] if queued is not None else []
    length = polls * each if seconds is None else seconds
    stages.append(Stage(Status.IN_PROGRESS, polls, length, told=seconds is not None))
    return tuple(stages)


def never_ending() -> Course:
    """A run that no poll and no time ends; only cancel and delete do."""
    return (Stage(Status.IN_PROGRESS, polls=2**31, seconds=float("inf"), told=True),)


def seconds_of(course: Course) -> float:
    """How long the whole course takes where nobody polls."""
    return sum(stage.seconds for stage in course)
