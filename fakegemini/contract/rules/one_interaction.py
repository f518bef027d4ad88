"""What holds inside one interaction beyond its shape: sums, status against steps, ids, times."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeGuard

from ...protocol.ask import unanswered
from ...protocol.ids import InteractionId
from ...protocol.status import IDLE, Status, running
from ...recordings.server_names import REDACTED
from ...wire.http import Json
from ...wire.json_paths import join
from ...wording import brief_json
from ..findings import Fault, Kind
from .schema_fit import faults

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
_PARTS = (
    "total_input_tokens",
    "total_output_tokens",
    "total_thought_tokens",
    "total_tool_use_tokens",
)
_NAMES = frozenset(("total_tokens", *_PARTS, "total_cached_tokens"))
_BREAKDOWNS = {
    "input_tokens_by_modality": "total_input_tokens",
    "output_tokens_by_modality": "total_output_tokens",
    "cached_tokens_by_modality": "total_cached_tokens",
    "tool_use_tokens_by_modality": "total_tool_use_tokens",
}
_COUNTED_APART = frozenset(
    ("model_invocation_token_counts", "non_grounding_model_invocation_token_counts")
)
_CLOCK_SLACK = 120
"""How many seconds an id's clock and `created` may lie apart. Recorded: at most two."""
_ORDER_SLACK = 2

_LIVE = "C: recorded replies, 2026-05 to 2026-10"
_DOCS = "D: interactions overview, 2026-09"
_ENDED = frozenset((Status.COMPLETED, Status.REQUIRES_ACTION))
"""The ends that recordings show with all their members."""
STATES = frozenset(map(str, Status))
"""The known states, as texts."""
_NAMING = frozenset(("type", "id", "call_id"))
_SPEECH = ("thought", "model_output", "user_input")
_BARE = frozenset((Status.CANCELLED, Status.QUEUED, Status.FAILED, Status.IN_PROGRESS, IDLE))
"""States that are seen or documented without usage and service tier; of idle nothing is known."""


def interaction(
    body: Json,
    *,
    stored: bool | None,
    background: bool,
    operation: str = "",
    asked_of: str = "model",
) -> Iterator[Fault]:
    """The faults of an interaction resource.

    `stored` None: nobody knows. `asked_of` is the member that says who was asked.
    """
    shapes = faults(body, "interactions/interaction")
    if not isinstance(body, dict) or not isinstance(body.get("status"), str):
        yield from shapes
        return
    status = body["status"]
    by_agent = "agent" in body
    unfinished = status in _BARE
    for fault in shapes:
        early = unfinished and fault.path in ("created", "updated")
        softer = early and fault.rule == "missing-member"
        yield replace(fault, kind=Kind.DRIFT) if softer else fault
    yield from _identity(body, stored)
    yield from times(body)
    yield from usage(body.get("usage"), "usage", sure=not by_agent)
    steps = body["steps"] if sound(body.get("steps")) else None
    yield from _states(body, steps, stored, operation, background)
    yield from _absent(body, status, by_agent=by_agent)
    if steps:
        yield from _steps(steps, operation, by_agent=by_agent)
    if "model" not in body and not by_agent:
        yield Fault(asked_of, "model-or-agent", "neither", "either model or agent", _LIVE)
    elif "model" in body and by_agent:
        yield Fault("agent", "model-or-agent", "both", "either model or agent", _LIVE, Kind.DRIFT)


def usage(counts: Any, path: str, *, sure: bool = True) -> Iterator[Fault]:
    """The faults of a usage object: its sums, and breakdowns that do not make their total.

    Not `sure`: of what counts these nobody has a recording, so that a wrong sum is drift.
    """
    if not isinstance(counts, dict):
        return
    numbers = {key: value for key, value in counts.items() if type(value) is int}
    kind = Kind.VIOLATION if sure and counts.keys().isdisjoint(_COUNTED_APART) else Kind.DRIFT
    total = sum(numbers.get(name, 0) for name in _PARTS)
    if numbers.get("total_tokens") != total and numbers.keys() >= _NAMES:
        yield from _total(numbers, total, path, kind)
    for name in _NAMES - counts.keys():
        place = join(path, name)
        yield Fault(place, "missing-member", "it is not there", "0 or more", _LIVE, Kind.DRIFT)
    for name in _BREAKDOWNS.keys() & counts.keys():
        summed, whole = _summed(counts[name]), _BREAKDOWNS[name]
        if whole in numbers and summed not in (None, numbers[whole]):
            expected = f"{numbers[whole]}, the {whole}"
            yield Fault(join(path, name), "usage-sum", str(summed), expected, _LIVE, kind)
    if numbers.get("total_cached_tokens", 0) > numbers.get("total_input_tokens", 0):
        place = join(path, "total_cached_tokens")
        found = brief_json(counts["total_cached_tokens"])
        # In May 2026 a chained turn did not count its history, so this is not sure.
        yield Fault(place, "usage-sum", found, "no more than the input", _LIVE, Kind.DRIFT)
    if numbers and min(numbers.values()) < 0:
        for name, value in numbers.items():
            if value < 0:
                place = join(path, name)
                yield Fault(place, "usage-sum", str(value), "no negative count", _LIVE)


def _summed(parts: Any) -> int | None:
    """The tokens of a breakdown together, None where its shape is wrong."""
    total = 0
    for part in parts if isinstance(parts, list) else (None,):
        tokens = part.get("tokens", 0) if isinstance(part, dict) else None
        if type(tokens) is not int:
            return None
        total += tokens
    return total


def _total(numbers: dict[str, int], total: int, path: str, kind: Kind) -> Iterator[Fault]:
    found = numbers["total_tokens"]
    if found == total - numbers["total_tool_use_tokens"]:
        kind = Kind.DRIFT
    expected = f"{total}, the sum of input, output, thought and tool use"
    yield Fault(join(path, "total_tokens"), "usage-sum", brief_json(found), expected, _LIVE, kind)


def times(body: Json) -> Iterator[Fault]:
    """The faults of `created` and `updated`, where they are."""
    for name in ("created", "updated"):
        value = body.get(name)
        if not isinstance(value, str) or _second(value) is not None:
            continue
        if not REDACTED.search(value):
            yield Fault(name, "time", brief_json(value), "YYYY-MM-DDThh:mm:ssZ", _LIVE)
    first, last = _second(body.get("created")), _second(body.get("updated"))
    if first is not None and last is not None and last < first - _ORDER_SLACK:
        found = f"{body['updated']}, before `created`"
        yield Fault("updated", "time", brief_json(found), f"{body['created']} or later", _LIVE)


def identifier(value: str, path: str, body: Json | None = None) -> Iterator[Fault]:
    """The faults of an interaction id: does it decode, and does its clock agree with `body`."""
    parsed = decoded(value)
    if parsed is None:
        if not REDACTED.search(value):
            expected = "v1_ and the base64 of root and own id"
            yield Fault(path, "id-form", brief_json(value), expected, _LIVE)
        return
    created, updated = (_second((body or {}).get(name)) for name in ("created", "updated"))
    clock = _clock(value)
    if created is None or abs(clock - created) <= _CLOCK_SLACK:
        return
    if updated is not None and abs(clock - updated) <= _CLOCK_SLACK:
        found = f"{created - clock:+.0f} s from the clock in the id"
        place = path.removesuffix("id") + "created"
        yield Fault(place, "id-clock", found, "the same time, within seconds", _LIVE)
        return
    found = f"an id whose clock is {clock - created:+.0f} s from `created`"
    yield Fault(path, "id-clock", found, "the same time, within seconds", _LIVE)


@lru_cache(maxsize=1024)
def decoded(value: str) -> InteractionId | None:
    """The halves of an id, or None where it is none; remembered, for ids come several times."""
    return InteractionId.parse(value)


@lru_cache(maxsize=1024)
def _clock(value: str) -> int:
    parsed = decoded(value)
    return parsed.second if parsed else 0


def _second(value: Any) -> float | None:
    return _unix(value) if isinstance(value, str) else None


@lru_cache(maxsize=256)
def _unix(value: str) -> float | None:
    from datetime import datetime

    if not _TIME.fullmatch(value):
        return None

    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return None


def status_of(steps: list[Json], status: str, stored: bool | None) -> Iterator[Fault]:
    """The faults of a final status against the steps that it ends."""
    open_calls = unanswered(steps)
    if status == Status.REQUIRES_ACTION and not open_calls:
        # A tool search that the client runs is documented to stop the turn as well.
        other = any(str(step.get("type")).endswith("_call") for step in steps)
        yield Fault(
            "status",
            "status-steps",
            status,
            "a function_call that waits for its result",
            _LIVE,
            Kind.DRIFT if other else Kind.VIOLATION,
        )
    # One capture (2026-08-21) says completed for calls of an unstored interaction.
    if status == Status.COMPLETED and open_calls and stored:
        yield Fault(
            "status", "status-steps", status, "requires_action: a function_call waits", _LIVE
        )


def odd_end(body: Json) -> Iterator[Fault]:
    """The faults of a final status that nobody has seen end a foreground turn, or seen so bare."""
    status = body.get("status")
    if status == Status.FAILED and not body.get("errors"):
        yield Fault("status", "status-body", status, "errors beside it", _DOCS, Kind.DRIFT)
    if status == Status.REQUIRES_CONTINUATION and not body.get("continuation_token"):
        expected = "a continuation_token beside it"
        yield Fault("status", "status-body", status, expected, "S: 3.4.0", Kind.DRIFT)
    if status == Status.BUDGET_EXCEEDED:
        yield Fault("status", "status-body", status, "incomplete", "S: deprecated", Kind.DRIFT)


def _identity(body: Json, stored: bool | None) -> Iterator[Fault]:
    value = body.get("id")
    if stored is True and not value:
        yield Fault(
            "id", "missing-member", brief_json(value), "the id of a stored interaction", _LIVE
        )
    if stored is False and "id" in body:
        yield Fault("id", "id-unstored", brief_json(value), "no id with store=false", _LIVE)
    if isinstance(value, str) and value:
        yield from identifier(value, "id", body)


def _states(
    body: Json, steps: list[Json] | None, stored: bool | None, operation: str, background: bool
) -> Iterator[Fault]:
    status = body["status"]
    if status not in STATES:
        return  # an unknown status is drift, and said elsewhere
    is_running = running(Status(status))
    if not is_running:
        if steps is not None:
            yield from status_of(steps, status, bool(body.get("id")) if stored is None else stored)
        yield from odd_end(body)
        if operation == "create" and status == Status.CANCELLED:
            yield Fault("status", "status-body", status, "an answer", _DOCS, Kind.DRIFT)
        return
    if operation == "create" and not background:
        expected = "a final one: the request did not ask for the background"
        yield Fault("status", "status-running", status, expected, _LIVE, Kind.DRIFT)
    if operation == "create" and steps is not None:
        sure = Kind.VIOLATION if background and steps else Kind.DRIFT
        yield Fault("steps", "running-steps", "steps", "none while it runs", _LIVE, sure)
    if "usage" in body:
        yield Fault("usage", "running-usage", "usage", "none while it runs", _LIVE, Kind.DRIFT)


def _absent(body: Json, status: str, *, by_agent: bool) -> Iterator[Fault]:
    if status in _BARE:
        return
    sure = Kind.DRIFT if by_agent or status not in _ENDED else Kind.VIOLATION
    if "usage" not in body:
        yield Fault("usage", "missing-member", "it is not there", "the member", _LIVE, sure)
    if "service_tier" not in body:
        yield Fault("service_tier", "missing-member", "it is not there", "it", _LIVE, Kind.DRIFT)
    if "steps" not in body and status in _ENDED:
        if status != Status.REQUIRES_ACTION:
            sure = Kind.DRIFT
        yield Fault("steps", "missing-member", "it is not there", "the member", _LIVE, sure)


def _steps(steps: list[Json], operation: str, *, by_agent: bool) -> Iterator[Fault]:
    yield from paired(steps, "steps[{}]".format)
    for number, step in enumerate(steps):
        kind = step.get("type")
        if kind == "thought" and "signature" not in step and not by_agent:
            place = f"steps[{number}].signature"
            yield Fault(place, "missing-member", "it is not there", "it", _LIVE, Kind.DRIFT)
        if kind == "user_input" and operation == "create":
            place = f"steps[{number}].type"
            yield Fault(place, "create-steps", kind, "the model's steps only", _LIVE, Kind.DRIFT)


def sound(steps: Any) -> TypeGuard[list[Json]]:
    """Whether these are steps whose tags and ids are texts; what else is wrong, the shapes say."""
    if not isinstance(steps, list):
        return False
    for step in steps:
        if not isinstance(step, dict):
            return False
        for name in _NAMING & step.keys():
            if not isinstance(step[name], str):
                return False
    return True


def paired(steps: list[Json], place: Callable[[int], str]) -> Iterator[Fault]:
    """The faults of calls and results among steps: ids of calls are their own, results have one.

    `place` gives the path of a step from its number.
    """
    calls: dict[str, str] = {}
    for number, step in enumerate(steps):
        kind = step.get("type", "")
        if kind in _SPEECH:
            continue
        own, answers = step.get("id"), step.get("call_id")
        if kind.endswith("_call") and own:
            if own in calls and not REDACTED.search(own):
                yield Fault(
                    join(place(number), "id"), "call-id", brief_json(own), "an id of its own", _LIVE
                )
            calls[own] = kind
        # The call of a client's result lies in an earlier turn.
        if not kind.endswith("_result") or kind == "function_result":
            continue
        if answers and not REDACTED.search(answers) and answers not in calls:
            sure = kind == "google_search_result" and "google_search_call" in calls.values()
            yield Fault(
                join(place(number), "call_id"),
                "call-unknown",
                brief_json(answers),
                ", ".join(map(brief_json, calls)) or "the id of a call before it",
                _LIVE,
                Kind.VIOLATION if sure else Kind.DRIFT,
            )
