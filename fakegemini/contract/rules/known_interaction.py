"""What a recording knows of one interaction, and what later exchanges may change of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...protocol.status import MOVES, Status, is_running
from ...protocol.step_reading import FROM_THE_USER
from ...recordings.exchange import Exchange
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Kind, Problem
from .one_interaction import STATUSES
from .poll_answers import check_same_answer
from .recorder_marks import is_blanked_time, is_redacted
from .registry import CHAINS, IDENTITY_SCOPE, STREAMING_DOCS, add_rule, problem
from .shared_names import SharedNames

add_rule(
    "status-move",
    "a status moves as the table of states says, along the polls of one id and in a stream",
    otherwise="drift from a status that runs, and in a stream",
    bears_on="polls",
    scope=IDENTITY_SCOPE,
    evidence=(CHAINS, STREAMING_DOCS),
    example='response.body.status: "incomplete"; expected completed, as before',
)
add_rule(
    "created-moved",
    "`created` stays as it was",
    bears_on="polls",
    scope=IDENTITY_SCOPE,
    evidence=(CHAINS,),
    example='response.body.created: "2026-10-26T08:53:40Z"; expected "2026-10-26T08:53:20Z"',
)
add_rule(
    "steps-moved",
    "the steps of a final interaction stay as they were",
    otherwise="drift for agents, and for steps that were streamed",
    bears_on="polls",
    scope=IDENTITY_SCOPE,
    evidence=(CHAINS,),
    example="response.body.steps: model_output; expected thought, model_output, as before",
)


@dataclass(slots=True)
class KnownInteraction:
    """What a recording has shown of one interaction so far.

    history_known: the calls of all turns before it are known too
    created_before: its create was recorded, and not only a poll of it
    body, steps: the last answer about it
    """

    status: str
    created: str | None
    step_types: tuple[str, ...]
    call_ids: SharedNames
    answered_ids: SharedNames
    history_known: bool = True
    streamed: bool = False
    deleted: bool = False
    body: Json = field(default_factory=dict)
    steps: list[Json] = field(default_factory=list)
    created_before: bool = False


def check_changes(
    previous: KnownInteraction, body: Json, steps: list[Json], exchange: Exchange
) -> Iterator[Problem]:
    """Find what a poll contradicts of what was known: status, `created`, the steps of an end."""
    status = str(body.get("status"))
    statuses_known = previous.status in STATUSES and status in STATUSES
    if statuses_known and status != previous.status and not _is_reachable(previous.status, status):
        was_running = is_running(Status(previous.status))
        expected = "a final one" if was_running else f"{previous.status}, as before"
        kind = Kind.DRIFT if was_running else Kind.VIOLATION
        yield problem("status-move", "status", brief_json(status), expected, kind=kind)
    if _times_differ(previous.created, body.get("created")):
        observed = brief_json(body.get("created"))
        yield problem("created-moved", "created", observed, brief_json(previous.created))
    step_types, is_final = step_types_of(steps), statuses_known and not is_running(Status(status))
    if (
        is_final
        and previous.status == status
        and previous.step_types
        and step_types
        and step_types != previous.step_types
    ):
        expected = f"{', '.join(previous.step_types)}, as before"
        # How a GET shows what was streamed was never recorded.
        was_streamed = previous.streamed or exchange.is_stream
        kind = Kind.DRIFT if was_streamed or "agent" in body else Kind.VIOLATION
        observed = ", ".join(step_types)
        yield problem("steps-moved", "steps", observed, expected, kind=kind)
    # One word for all ids says nothing of which this is.
    is_named = not is_redacted(str(body.get("id"))) or any(map(str.isdigit, str(body["id"])))
    if is_final and previous.status == status and is_named:
        streamed = previous.streamed or exchange.is_stream
        yield from check_same_answer(previous.body, previous.steps, body, steps, streamed=streamed)


def _is_reachable(old: str, new: str) -> bool:
    """Say whether a status leads to another in one move or two of the table of states."""
    return is_running(Status(old)) and (
        new in MOVES[Status(old)].values()
        or any(new in MOVES[step].values() for step in MOVES[Status(old)].values())
    )


def _times_differ(old: Any, new: Any) -> bool:
    """Say whether two times are more than a second apart; nobody knows of those blanked."""
    if old == new or is_blanked_time(old) or is_blanked_time(new):
        return False
    try:
        difference = datetime.fromisoformat(str(old)) - datetime.fromisoformat(str(new))
    except (ValueError, TypeError):
        return False
    return abs(difference.total_seconds()) > 1  # one second apart is recorded


def step_types_of(steps: list[Json]) -> tuple[str, ...]:
    """Return the types of the steps that are not the user's."""
    return tuple(
        [step_type for step in steps if (step_type := step.get("type", "")) not in FROM_THE_USER]
    )
