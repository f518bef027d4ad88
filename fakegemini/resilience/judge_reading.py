"""Judge how a client reads: streams that break off, and what it has never met.

A judge returns what the client did wrong, or None.
"""

from __future__ import annotations

from ..wording import shorten
from .day_faults import UNKNOWN_STATUS
from .evidence import Evidence
from .text_loss import contains_text, is_doubled, is_shortened

_CRASHES = (KeyError, IndexError, TypeError, AttributeError, NameError)
"""What code raises by accident; code that notices an unknown status raises something else."""

_LONGEST_ERROR = 81
"""How many characters of an exception a verdict shows."""


def judge_shortened_text(evidence: Evidence) -> str | None:
    """Find a client that returns what came before the stream broke off, as if it were all."""
    if evidence.error or not is_shortened(
        evidence.good_value, evidence.outcome.value, evidence.server.delivered_text
    ):
        return None
    return (
        f"{evidence.outcome} with a text that stops or has a hole after "
        f"{evidence.server.delivered_text!r}"
    )


def judge_doubled_text(evidence: Evidence) -> str | None:
    """Find a client that returns a piece of text twice."""
    if (
        evidence.error
        or not evidence.server.delivered_text
        or not is_doubled(evidence.good_value, evidence.outcome.value)
    ):
        return None
    return f"{evidence.outcome} with {evidence.server.delivered_text!r} or more of its text twice"


def judge_crash(evidence: Evidence) -> str | None:
    """Find a client that raises although nothing was refused."""
    # Whoever raises because of a refused request may be right.
    was_refused = any(
        request.status is None or request.status >= 400 for request in evidence.requests
    )
    return (
        f"raised {_describe_error(evidence.error)}"
        if evidence.error and evidence.came_back and not was_refused
        else None
    )


def judge_unknown_status(evidence: Evidence) -> str | None:
    """Find a client that met the unknown status and raised something that says nothing of it."""
    saw_status = any(
        request.interaction and request.interaction.turn.status == UNKNOWN_STATUS
        for request in evidence.requests
    )
    if not saw_status or not evidence.came_back or not isinstance(evidence.error, _CRASHES):
        return None
    return f"raised {_describe_error(evidence.error)}"


def judge_continuation(evidence: Evidence) -> str | None:
    """Find a client that takes an answer with a continuation token for the whole turn."""
    interactions = [
        request.interaction for request in evidence.requests.creates if request.interaction
    ]
    if (
        evidence.error
        or not evidence.came_back
        or not interactions
        or not interactions[-1].continuation_token
    ):
        return None
    if contains_text(
        evidence.outcome.value, [interactions[-1].continuation_token, interactions[-1].status]
    ):
        return None  # the caller can see from it that there is more
    return f"{evidence.outcome} and never asked for the rest of a turn"


def _describe_error(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {shorten(' '.join(str(error).split()), _LONGEST_ERROR)}"
