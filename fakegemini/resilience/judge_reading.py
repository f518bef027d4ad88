"""Judges of how a client reads: streams that break off, and what it has never seen."""

from __future__ import annotations

from .day_faults import STATUS
from .evidence import Evidence
from .text_loss import doubled, shortened, tells

_CRASHES = (KeyError, IndexError, TypeError, AttributeError, NameError)
"""What code raises that did not expect something; whoever notices a status raises anything else."""


def takes_a_part(day: Evidence) -> str | None:
    """Gives back the text that came before the stream broke off, as if it were all."""
    if day.error or not shortened(day.value, day.outcome.value, day.stage.delivered):
        return None
    return f"{day.outcome} with a text that stops or has a hole after {day.stage.delivered!r}"


def says_it_twice(day: Evidence) -> str | None:
    """Gives back text that it got twice."""
    if day.error or not day.stage.delivered or not doubled(day.value, day.outcome.value):
        return None
    return f"{day.outcome} with {day.stage.delivered!r} or more of its text twice"


def crashes(day: Evidence) -> str | None:
    """Raises where there was nothing to raise."""
    # A request that the fake refused is another matter.
    refused = any(one.status is None or one.status >= 400 for one in day.requests)
    return f"raised {_short(day.error)}" if day.error and day.ended and not refused else None


def trips_over_a_status(day: Evidence) -> str | None:
    """Raises what does not tell of the status."""
    met = any(one.made and one.made.turn.status == STATUS for one in day.requests)
    if not met or not day.ended or not isinstance(day.error, _CRASHES):
        return None
    return f"raised {_short(day.error)}"


def stops_half_way(day: Evidence) -> str | None:
    """Takes an answer that has a continuation token for the whole turn."""
    made = [one.made for one in day.requests.creates if one.made]
    if day.error or not day.ended or not made or not made[-1].token:
        return None
    if tells(day.outcome.value, [made[-1].token, made[-1].status]):
        return None  # whoever called it knows
    return f"{day.outcome} and never asked for the rest of a turn"


def _short(error: BaseException | None) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:80]}{'…' if len(text) > 80 else ''}"
