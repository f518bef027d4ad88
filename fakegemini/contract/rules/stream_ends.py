"""What holds of the interaction in the first and in the last event of a stream.

A stream of an interaction that is not stored has no id. Recorded in 2026-10 its first event says
`model` and `object` alone, its updates `status` alone, its last event no `id`; to 2026-08 the ids
were empty strings, and the status was in the first event as in any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...protocol.status import Status, is_running
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Kind, Problem
from .ids_and_times import check_id
from .one_interaction import STATUSES
from .registry import FINDERS, STREAM_END, STREAMS, InteractionView, add_rule, problem
from .schema_fit import ABSENT

_RECORDED_ENDS = frozenset((Status.COMPLETED, Status.REQUIRES_ACTION, Status.INCOMPLETE))

_LATE_MEMBERS = frozenset(("steps", "usage", "service_tier", "updated"))
"""What no first event was recorded with."""

add_rule(
    "first-status",
    "a stream begins `in_progress`",
    otherwise="drift for agents, background runs, `queued`, and streams of a GET",
    bears_on="streams",
    evidence=(STREAMS,),
    example='response.events[0].interaction.status: "completed"; expected in_progress',
)
add_rule(
    "first-members",
    "the first event says of the interaction its id, its status and who answers",
    kind=Kind.DRIFT,
    bears_on="streams",
    evidence=(STREAMS,),
    example="response.events[0].interaction.usage: usage; expected it at the end",
)
add_rule(
    "last-status",
    "a stream ends with a status that does not run",
    otherwise="drift for `cancelled`, which nobody has recorded",
    bears_on="streams",
    evidence=(STREAMS,),
    example='response.events[5].interaction.status: "in_progress"; expected a status that '
    "does not run",
)
add_rule(
    "completed-steps",
    "the last event has no steps",
    otherwise="drift for agents, background runs and streams of a GET",
    bears_on="streams",
    evidence=(STREAMS,),
    example="response.events[5].interaction.steps: steps; expected none in the last event",
)


def check_first_interaction(
    interaction: Json, stored: bool, kind: Kind, *, replayed: bool
) -> Iterator[Problem]:
    """Find what is wrong with the interaction of `interaction.created`.

    `kind` is what a breach is that only some streams were recorded not to have; `replayed`: the
    stream of a GET, which may begin at the end.
    """
    identifier = interaction.get("id")
    if identifier:
        yield from check_id(identifier, "id")
    if stored and not identifier:
        observed = ABSENT if identifier is None else brief_json(identifier)
        yield problem("missing-member", "id", observed, "the id", evidence=STREAMS)
    if not stored and identifier:
        observed, expected = brief_json(identifier), "no id, or an empty one"
        yield problem("id-unstored", "id", observed, expected, evidence=STREAMS)
    yield from _check_who_answers(interaction)
    for name in _LATE_MEMBERS & interaction.keys():
        yield problem("first-members", name, name, "it at the end")
    status = interaction.get("status")
    if status is None:
        if stored or identifier is not None:
            expected = "the member, beside an id"
            yield problem("missing-member", "status", ABSENT, expected, evidence=STREAMS)
        return
    if identifier is None and not stored:
        expected = "an empty id beside a status, or neither"
        yield problem("missing-member", "id", ABSENT, expected, kind=Kind.DRIFT, evidence=STREAMS)
    if status != Status.IN_PROGRESS:
        kind = Kind.DRIFT if replayed or status == Status.QUEUED else kind
        yield problem("first-status", "status", brief_json(status), "in_progress", kind=kind)


def check_last_interaction(
    view: InteractionView, kind: Kind, created_id: str | None
) -> Iterator[Problem]:
    """Find what is wrong with the interaction of `interaction.completed`.

    `created_id` is the id of the first event, whose form was looked at there.
    """
    interaction, status = view.body, view.body["status"]
    yield from _check_who_answers(interaction)
    if "steps" in interaction:
        expected = "none in the last event"
        yield problem("completed-steps", "steps", "steps", expected, kind=kind)
    if created_id and interaction.get("id") == created_id:
        for breach in check_id(created_id, "id", interaction):
            if breach.rule == "id-clock":
                yield breach
    if status in STATUSES and is_running(Status(status)):
        expected = "a status that does not run"
        yield problem("last-status", "status", brief_json(status), expected)
    if status == Status.CANCELLED:
        expected = "an end that was recorded"
        yield problem("last-status", "status", brief_json(status), expected, kind=Kind.DRIFT)
    yield from _check_required_members(interaction, kind)
    for finder in FINDERS[STREAM_END].values():
        yield from finder(view)


def _check_required_members(interaction: Json, kind: Kind) -> Iterator[Problem]:
    """Find members that the last event of every recorded stream has."""
    kind = kind if interaction["status"] in _RECORDED_ENDS else Kind.DRIFT
    for name in ("created", "updated"):
        if name not in interaction:
            yield problem("missing-member", name, ABSENT, "the member", kind=kind, evidence=STREAMS)
    # Without usage: seen once on a deep research run (2026-06-27).
    for name in ("usage", "service_tier"):
        if name not in interaction:
            yield problem("missing-member", name, ABSENT, name, kind=Kind.DRIFT, evidence=STREAMS)


def _check_who_answers(interaction: Json) -> Iterator[Problem]:
    for name in ("object", "agent" if "agent" in interaction else "model"):
        if name not in interaction:
            yield problem(
                "missing-member", name, ABSENT, "the member", kind=Kind.DRIFT, evidence=STREAMS
            )
