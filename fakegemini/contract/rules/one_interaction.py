"""What holds inside one interaction beyond its shape: who made it, and status against members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...protocol.status import IDLE, Status, is_running
from ...protocol.step_reading import unanswered_calls
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Kind, Problem
from . import token_counts as _  # noqa: F401  (its rules are in the table)
from .call_pairs import are_well_formed, check_call_pairs
from .ids_and_times import check_id
from .registry import (
    FINDERS,
    OVERVIEW_DOCS,
    REPLIES,
    RESOURCE,
    RUNNING,
    STREAM_END,
    Evidence,
    InteractionView,
    problem,
    rule,
)
from .schema_fit import ABSENT, find_schema_problems

_TYPES_3_4 = Evidence("S", "google-genai types", "3.4.0")
_DEPRECATED_TYPE = Evidence("S", "google-genai types, deprecated", "3.4.0")
_FULL_ENDS = frozenset((Status.COMPLETED, Status.REQUIRES_ACTION))
"""The ends that recordings show with all their members."""
STATUSES = frozenset(map(str, Status))
"""The known states, as texts."""
_RUNNING = frozenset(str(status) for status in Status if is_running(status))
_ENDED = STATUSES - _RUNNING
_BARE_STATUSES = frozenset(
    (Status.CANCELLED, Status.QUEUED, Status.FAILED, Status.IN_PROGRESS, IDLE)
)
"""States that are seen or documented without usage and service tier; of idle nothing is known."""


def check_interaction(
    body: Json,
    *,
    stored: bool | None,
    background: bool,
    operation: str = "",
    target_member: str = "model",
) -> Iterator[Problem]:
    """Find what is wrong with an interaction resource.

    `stored` None: nobody knows. `target_member` is the member that says who was asked.
    """
    problems = find_schema_problems(body, "interactions/interaction")
    if not isinstance(body, dict) or not isinstance(body.get("status"), str):
        yield from problems
        return
    status = body["status"]
    by_agent = "agent" in body
    unfinished = status in _BARE_STATUSES
    for each in problems:
        may_lack_times = unfinished and each.path in ("created", "updated")
        is_drift = may_lack_times and each.rule == "missing-member"
        yield replace(each, kind=Kind.DRIFT) if is_drift else each
    yield from _check_identity(body, stored)
    steps = body["steps"] if are_well_formed(body.get("steps")) else None
    view = InteractionView(body, steps, stored, operation, background, not by_agent)
    for finder in FINDERS[RESOURCE].values():
        yield from finder(view)
    if status in _RUNNING:
        for finder in FINDERS[RUNNING].values():
            yield from finder(view)
    yield from _check_required_members(body, status, by_agent=by_agent)
    if steps:
        yield from check_call_pairs(steps, "steps[{}]".format)
        if not by_agent:
            yield from _check_step_members(steps)
    if "model" not in body and not by_agent:
        expected = "either model or agent"
        yield problem("model-or-agent", target_member, "neither", expected, evidence=REPLIES)
    elif "model" in body and by_agent:
        expected = "either model or agent"
        yield problem(
            "model-or-agent", "agent", "both", expected, kind=Kind.DRIFT, evidence=REPLIES
        )


def _check_identity(body: Json, stored: bool | None) -> Iterator[Problem]:
    """Hold the id against `store`: there where it is stored, and only there."""
    value = body.get("id")
    if stored is True and not value:
        expected = "the id of a stored interaction"
        yield problem("missing-member", "id", brief_json(value), expected, evidence=REPLIES)
    if stored is False and "id" in body:
        yield problem("id-unstored", "id", brief_json(value), "no id with store=false")
    if isinstance(value, str) and value:
        yield from check_id(value, "id", body)


def _check_required_members(body: Json, status: str, *, by_agent: bool) -> Iterator[Problem]:
    """Find members that every recorded reply of that status has."""
    if status in _BARE_STATUSES:
        return

    def missing(name: str, expected: str, kind: Kind) -> Problem:
        return problem("missing-member", name, ABSENT, expected, kind=kind, evidence=REPLIES)

    kind = Kind.DRIFT if by_agent or status not in _FULL_ENDS else Kind.VIOLATION
    if "usage" not in body:
        yield missing("usage", "the member", kind)
    if "service_tier" not in body:
        yield missing("service_tier", "it", Kind.DRIFT)
    if "steps" not in body and status in _FULL_ENDS:
        # A turn without output was recorded as completed, and has no steps.
        yield missing("steps", "the member", kind if status == "requires_action" else Kind.DRIFT)


_RECORDED_MEMBERS = {"thought": "signature", "model_output": "content"}
"""What every recorded step of a type has, although no schema demands it."""


def _check_step_members(steps: list[Json]) -> Iterator[Problem]:
    for number, step in enumerate(steps):
        name = _RECORDED_MEMBERS.get(str(step.get("type")))
        if name and name not in step:
            place = f"steps[{number}].{name}"
            yield problem("missing-member", place, ABSENT, "it", kind=Kind.DRIFT, evidence=REPLIES)


@rule(
    "create-steps",
    "a create answers with steps of the model only",
    looks_at=(RESOURCE,),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="answers to a create",
    evidence=(REPLIES,),
    example="response.body.steps[0].type: user_input; expected the model's steps only",
)
def check_created_steps(view: InteractionView) -> Iterator[Problem]:
    """Find steps of the user in the answer to a create; a GET shows them."""
    if view.operation != "create":
        return
    for number, step in enumerate(view.steps or ()):
        if step.get("type") == "user_input":
            path = f"steps[{number}].type"
            yield problem("create-steps", path, "user_input", "the model's steps only")


@rule(
    "status-steps",
    "`requires_action` has a call that waits, `completed` has none",
    looks_at=(RESOURCE, STREAM_END),
    weighs=("steps.call_id",),
    otherwise="drift beside another call, which may be a tool search of the client",
    bears_on="answers that ended",
    evidence=(REPLIES,),
    example="response.body.status: completed; expected requires_action: a function_call waits",
)
def check_final_status(view: InteractionView) -> Iterator[Problem]:
    """Find a final status that the steps contradict."""
    status, steps = view.body["status"], view.steps
    if steps is None or status not in _ENDED:
        return
    open_calls = unanswered_calls(steps)
    if status == Status.REQUIRES_ACTION and not open_calls:
        # A tool search that the client runs is documented to stop the turn as well.
        has_other_call = any(str(step.get("type")).endswith("_call") for step in steps)
        kind = Kind.DRIFT if has_other_call else Kind.VIOLATION
        expected = "a function_call that waits for its result"
        yield problem("status-steps", "status", status, expected, kind=kind)
    # One capture (2026-08-21) says completed for calls of an unstored interaction.
    is_stored = bool(view.body.get("id")) if view.stored is None else view.stored
    if status == Status.COMPLETED and open_calls and is_stored:
        yield problem("status-steps", "status", status, "requires_action: a function_call waits")


@rule(
    "status-body",
    "`failed` has errors, `requires_continuation` a token; `budget_exceeded` is not sent any more; "
    "a create is not answered `cancelled`",
    looks_at=(RESOURCE, STREAM_END),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="answers that ended",
    evidence=(OVERVIEW_DOCS, _TYPES_3_4, _DEPRECATED_TYPE),
    example="response.body.status: failed; expected errors beside it",
)
def check_odd_end(view: InteractionView) -> Iterator[Problem]:
    """Find a final status that nobody has seen end a foreground turn, or seen so bare."""
    body, status = view.body, view.body["status"]
    if status == Status.FAILED and not body.get("errors"):
        yield problem("status-body", "status", status, "errors beside it")
    if status == Status.REQUIRES_CONTINUATION and not body.get("continuation_token"):
        expected = "a continuation_token beside it"
        yield problem("status-body", "status", status, expected, evidence=_TYPES_3_4)
    if status == Status.BUDGET_EXCEEDED:
        yield problem("status-body", "status", status, "incomplete", evidence=_DEPRECATED_TYPE)
    if status == Status.CANCELLED and view.operation == "create":
        yield problem("status-body", "status", status, "an answer")


@rule(
    "status-running",
    "only a background create is answered with a status that runs",
    looks_at=(RUNNING,),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="answers to a create",
    evidence=(REPLIES,),
    example="response.body.status: in_progress; expected a final one: the request did not "
    "ask for the background",
)
def check_running_status(view: InteractionView) -> Iterator[Problem]:
    """Find a foreground create that is answered before its end."""
    if view.operation == "create" and not view.background:
        expected = "a final one: the request did not ask for the background"
        yield problem("status-running", "status", view.body["status"], expected)


@rule(
    "running-steps",
    "there are no steps in the answer to a create while it runs",
    looks_at=(RUNNING,),
    weighs=(),
    otherwise="drift in the foreground, and for an empty list",
    bears_on="answers that run",
    evidence=(REPLIES,),
    example="response.body.steps: steps; expected none while it runs",
)
def check_running_steps(view: InteractionView) -> Iterator[Problem]:
    """Find steps beside a status that runs."""
    if view.operation == "create" and view.steps is not None:
        kind = Kind.VIOLATION if view.background and view.steps else Kind.DRIFT
        yield problem("running-steps", "steps", "steps", "none while it runs", kind=kind)


@rule(
    "running-usage",
    "there is no usage while it runs",
    looks_at=(RUNNING,),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="answers that run",
    evidence=(REPLIES,),
    example="response.body.usage: usage; expected none while it runs",
)
def check_running_usage(view: InteractionView) -> Iterator[Problem]:
    """Find token counts beside a status that runs."""
    if "usage" in view.body:
        yield problem("running-usage", "usage", "usage", "none while it runs")
