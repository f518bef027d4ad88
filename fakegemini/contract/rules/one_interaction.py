"""What holds inside one interaction beyond its shape: sums, status against steps, ids, times."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeGuard

from ...protocol.ask import unanswered_calls
from ...protocol.ids import InteractionId
from ...protocol.status import IDLE, Status, is_running
from ...recordings.server_names import REDACTED
from ...wire.http import Json
from ...wire.json_paths import join_path
from ...wording import brief_json
from ..findings import Kind, Problem
from .schema_fit import find_schema_problems

_TIME_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
_TOTAL_PARTS = (
    "total_input_tokens",
    "total_output_tokens",
    "total_thought_tokens",
    "total_tool_use_tokens",
)
_COUNT_NAMES = frozenset(("total_tokens", *_TOTAL_PARTS, "total_cached_tokens"))
_BREAKDOWNS = {
    "input_tokens_by_modality": "total_input_tokens",
    "output_tokens_by_modality": "total_output_tokens",
    "cached_tokens_by_modality": "total_cached_tokens",
    "tool_use_tokens_by_modality": "total_tool_use_tokens",
}
_EXTRA_COUNTS = frozenset(
    ("model_invocation_token_counts", "non_grounding_model_invocation_token_counts")
)
_CLOCK_SLACK = 120
"""How many seconds an id's clock and `created` may lie apart. Recorded: at most two."""
_ORDER_SLACK = 2

_LIVE = "C: recorded replies, 2026-05 to 2026-10"
_DOCS = "D: interactions overview, 2026-09"
_FULL_ENDS = frozenset((Status.COMPLETED, Status.REQUIRES_ACTION))
"""The ends that recordings show with all their members."""
STATUSES = frozenset(map(str, Status))
"""The known states, as texts."""
_TEXT_MEMBERS = frozenset(("type", "id", "call_id"))
_SPEECH_STEPS = ("thought", "model_output", "user_input")
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
    """The faults of an interaction resource.

    `stored` None: nobody knows. `target_member` is the member that says who was asked.
    """
    problems = find_schema_problems(body, "interactions/interaction")
    if not isinstance(body, dict) or not isinstance(body.get("status"), str):
        yield from problems
        return
    status = body["status"]
    by_agent = "agent" in body
    unfinished = status in _BARE_STATUSES
    for problem in problems:
        may_lack_times = unfinished and problem.path in ("created", "updated")
        is_drift = may_lack_times and problem.rule == "missing-member"
        yield replace(problem, kind=Kind.DRIFT) if is_drift else problem
    yield from _check_identity(body, stored)
    yield from check_times(body)
    yield from check_usage(body.get("usage"), "usage", sure=not by_agent)
    steps = body["steps"] if are_well_formed(body.get("steps")) else None
    yield from _check_status(body, steps, stored, operation, background)
    yield from _check_required_members(body, status, by_agent=by_agent)
    if steps:
        yield from _check_steps(steps, operation, by_agent=by_agent)
    if "model" not in body and not by_agent:
        yield Problem(target_member, "model-or-agent", "neither", "either model or agent", _LIVE)
    elif "model" in body and by_agent:
        yield Problem("agent", "model-or-agent", "both", "either model or agent", _LIVE, Kind.DRIFT)


def check_usage(counts: Any, path: str, *, sure: bool = True) -> Iterator[Problem]:
    """The faults of a usage object: its sums, and breakdowns that do not make their total.

    Not `sure`: of what counts these nobody has a recording, so that a wrong sum is drift.
    """
    if not isinstance(counts, dict):
        return
    numbers = {key: value for key, value in counts.items() if type(value) is int}
    kind = Kind.VIOLATION if sure and counts.keys().isdisjoint(_EXTRA_COUNTS) else Kind.DRIFT
    total = sum(numbers.get(name, 0) for name in _TOTAL_PARTS)
    if numbers.get("total_tokens") != total and numbers.keys() >= _COUNT_NAMES:
        yield from _check_total(numbers, total, path, kind)
    for name in _COUNT_NAMES - counts.keys():
        place = join_path(path, name)
        yield Problem(place, "missing-member", "it is not there", "0 or more", _LIVE, Kind.DRIFT)
    for name in _BREAKDOWNS.keys() & counts.keys():
        token_sum, total_name = _sum_tokens(counts[name]), _BREAKDOWNS[name]
        if total_name in numbers and token_sum not in (None, numbers[total_name]):
            expected = f"{numbers[total_name]}, the {total_name}"
            yield Problem(join_path(path, name), "usage-sum", str(token_sum), expected, _LIVE, kind)
    if numbers.get("total_cached_tokens", 0) > numbers.get("total_input_tokens", 0):
        place = join_path(path, "total_cached_tokens")
        observed = brief_json(counts["total_cached_tokens"])
        # In May 2026 a chained turn did not count its history, so this is not sure.
        yield Problem(place, "usage-sum", observed, "no more than the input", _LIVE, Kind.DRIFT)
    if numbers and min(numbers.values()) < 0:
        for name, value in numbers.items():
            if value < 0:
                place = join_path(path, name)
                yield Problem(place, "usage-sum", str(value), "no negative count", _LIVE)


def _sum_tokens(parts: Any) -> int | None:
    """The tokens of a breakdown together, None where its shape is wrong."""
    total = 0
    for part in parts if isinstance(parts, list) else (None,):
        tokens = part.get("tokens", 0) if isinstance(part, dict) else None
        if type(tokens) is not int:
            return None
        total += tokens
    return total


def _check_total(numbers: dict[str, int], total: int, path: str, kind: Kind) -> Iterator[Problem]:
    observed = numbers["total_tokens"]
    if observed == total - numbers["total_tool_use_tokens"]:
        kind = Kind.DRIFT
    expected = f"{total}, the sum of input, output, thought and tool use"
    yield Problem(
        join_path(path, "total_tokens"), "usage-sum", brief_json(observed), expected, _LIVE, kind
    )


def check_times(body: Json) -> Iterator[Problem]:
    """The faults of `created` and `updated`, where they are."""
    for name in ("created", "updated"):
        value = body.get(name)
        if not isinstance(value, str) or _parse_second(value) is not None:
            continue
        if not REDACTED.search(value):
            yield Problem(name, "time", brief_json(value), "YYYY-MM-DDThh:mm:ssZ", _LIVE)
    first, last = _parse_second(body.get("created")), _parse_second(body.get("updated"))
    if first is not None and last is not None and last < first - _ORDER_SLACK:
        observed = f"{body['updated']}, before `created`"
        yield Problem("updated", "time", brief_json(observed), f"{body['created']} or later", _LIVE)


def check_id(value: str, path: str, body: Json | None = None) -> Iterator[Problem]:
    """The faults of an interaction id: does it decode, and does its clock agree with `body`."""
    parsed = decode_id(value)
    if parsed is None:
        if not REDACTED.search(value):
            expected = "v1_ and the base64 of root and own id"
            yield Problem(path, "id-form", brief_json(value), expected, _LIVE)
        return
    created, updated = (_parse_second((body or {}).get(name)) for name in ("created", "updated"))
    clock = _second_of_id(value)
    if created is None or abs(clock - created) <= _CLOCK_SLACK:
        return
    if updated is not None and abs(clock - updated) <= _CLOCK_SLACK:
        observed = f"{created - clock:+.0f} s from the clock in the id"
        place = path.removesuffix("id") + "created"
        yield Problem(place, "id-clock", observed, "the same time, within seconds", _LIVE)
        return
    observed = f"an id whose clock is {clock - created:+.0f} s from `created`"
    yield Problem(path, "id-clock", observed, "the same time, within seconds", _LIVE)


@lru_cache(maxsize=1024)
def decode_id(value: str) -> InteractionId | None:
    """The halves of an id, or None where it is none; remembered, for ids come several times."""
    return InteractionId.parse(value)


@lru_cache(maxsize=1024)
def _second_of_id(value: str) -> int:
    parsed = decode_id(value)
    return parsed.second if parsed else 0


def _parse_second(value: Any) -> float | None:
    return _parse_unix_time(value) if isinstance(value, str) else None


@lru_cache(maxsize=256)
def _parse_unix_time(value: str) -> float | None:
    from datetime import datetime

    if not _TIME_PATTERN.fullmatch(value):
        return None

    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return None


def check_final_status(steps: list[Json], status: str, stored: bool | None) -> Iterator[Problem]:
    """The faults of a final status against the steps that it ends."""
    open_calls = unanswered_calls(steps)
    if status == Status.REQUIRES_ACTION and not open_calls:
        # A tool search that the client runs is documented to stop the turn as well.
        has_other_call = any(str(step.get("type")).endswith("_call") for step in steps)
        yield Problem(
            "status",
            "status-steps",
            status,
            "a function_call that waits for its result",
            _LIVE,
            Kind.DRIFT if has_other_call else Kind.VIOLATION,
        )
    # One capture (2026-08-21) says completed for calls of an unstored interaction.
    if status == Status.COMPLETED and open_calls and stored:
        yield Problem(
            "status", "status-steps", status, "requires_action: a function_call waits", _LIVE
        )


def check_odd_end(body: Json) -> Iterator[Problem]:
    """The faults of a final status that nobody has seen end a foreground turn, or seen so bare."""
    status = body.get("status")
    if status == Status.FAILED and not body.get("errors"):
        yield Problem("status", "status-body", status, "errors beside it", _DOCS, Kind.DRIFT)
    if status == Status.REQUIRES_CONTINUATION and not body.get("continuation_token"):
        expected = "a continuation_token beside it"
        yield Problem("status", "status-body", status, expected, "S: 3.4.0", Kind.DRIFT)
    if status == Status.BUDGET_EXCEEDED:
        yield Problem("status", "status-body", status, "incomplete", "S: deprecated", Kind.DRIFT)


def _check_identity(body: Json, stored: bool | None) -> Iterator[Problem]:
    value = body.get("id")
    if stored is True and not value:
        yield Problem(
            "id", "missing-member", brief_json(value), "the id of a stored interaction", _LIVE
        )
    if stored is False and "id" in body:
        yield Problem("id", "id-unstored", brief_json(value), "no id with store=false", _LIVE)
    if isinstance(value, str) and value:
        yield from check_id(value, "id", body)


def _check_status(
    body: Json, steps: list[Json] | None, stored: bool | None, operation: str, background: bool
) -> Iterator[Problem]:
    status = body["status"]
    if status not in STATUSES:
        return  # an unknown status is drift, and said elsewhere
    is_unfinished = is_running(Status(status))
    if not is_unfinished:
        if steps is not None:
            yield from check_final_status(
                steps, status, bool(body.get("id")) if stored is None else stored
            )
        yield from check_odd_end(body)
        if operation == "create" and status == Status.CANCELLED:
            yield Problem("status", "status-body", status, "an answer", _DOCS, Kind.DRIFT)
        return
    if operation == "create" and not background:
        expected = "a final one: the request did not ask for the background"
        yield Problem("status", "status-running", status, expected, _LIVE, Kind.DRIFT)
    if operation == "create" and steps is not None:
        kind = Kind.VIOLATION if background and steps else Kind.DRIFT
        yield Problem("steps", "running-steps", "steps", "none while it runs", _LIVE, kind)
    if "usage" in body:
        yield Problem("usage", "running-usage", "usage", "none while it runs", _LIVE, Kind.DRIFT)


def _check_required_members(body: Json, status: str, *, by_agent: bool) -> Iterator[Problem]:
    if status in _BARE_STATUSES:
        return
    kind = Kind.DRIFT if by_agent or status not in _FULL_ENDS else Kind.VIOLATION
    if "usage" not in body:
        yield Problem("usage", "missing-member", "it is not there", "the member", _LIVE, kind)
    if "service_tier" not in body:
        yield Problem("service_tier", "missing-member", "it is not there", "it", _LIVE, Kind.DRIFT)
    if "steps" not in body and status in _FULL_ENDS:
        if status != Status.REQUIRES_ACTION:
            kind = Kind.DRIFT
        yield Problem("steps", "missing-member", "it is not there", "the member", _LIVE, kind)


def _check_steps(steps: list[Json], operation: str, *, by_agent: bool) -> Iterator[Problem]:
    yield from check_call_pairs(steps, "steps[{}]".format)
    for number, step in enumerate(steps):
        step_type = step.get("type")
        if step_type == "thought" and "signature" not in step and not by_agent:
            place = f"steps[{number}].signature"
            yield Problem(place, "missing-member", "it is not there", "it", _LIVE, Kind.DRIFT)
        if step_type == "user_input" and operation == "create":
            place = f"steps[{number}].type"
            yield Problem(
                place, "create-steps", step_type, "the model's steps only", _LIVE, Kind.DRIFT
            )


def are_well_formed(steps: Any) -> TypeGuard[list[Json]]:
    """Whether these are steps whose tags and ids are texts; what else is wrong, the shapes say."""
    if not isinstance(steps, list):
        return False
    for step in steps:
        if not isinstance(step, dict):
            return False
        for name in _TEXT_MEMBERS & step.keys():
            if not isinstance(step[name], str):
                return False
    return True


def check_call_pairs(steps: list[Json], place: Callable[[int], str]) -> Iterator[Problem]:
    """The faults of calls and results among steps: ids of calls are their own, results have one.

    `place` gives the path of a step from its number.
    """
    calls: dict[str, str] = {}
    for number, step in enumerate(steps):
        step_type = step.get("type", "")
        if step_type in _SPEECH_STEPS:
            continue
        step_id, call_id = step.get("id"), step.get("call_id")
        if step_type.endswith("_call") and step_id:
            if step_id in calls and not REDACTED.search(step_id):
                yield Problem(
                    join_path(place(number), "id"),
                    "call-id",
                    brief_json(step_id),
                    "an id of its own",
                    _LIVE,
                )
            calls[step_id] = step_type
        # The call of a client's result lies in an earlier turn.
        if not step_type.endswith("_result") or step_type == "function_result":
            continue
        if call_id and not REDACTED.search(call_id) and call_id not in calls:
            sure = step_type == "google_search_result" and "google_search_call" in calls.values()
            yield Problem(
                join_path(place(number), "call_id"),
                "call-unknown",
                brief_json(call_id),
                ", ".join(map(brief_json, calls)) or "the id of a call before it",
                _LIVE,
                Kind.VIOLATION if sure else Kind.DRIFT,
            )
