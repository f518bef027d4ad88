"""A value against its schema, as faults with a JSON path.

Everything is read closed. In a request what nobody declared is the caller's mistake; in a
response it is drift, news rather than a fault. What only the SDK's types say, and no recording or
measurement, is drift as well, and so are the shapes of a request that the server granted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...protocol.schemas import BASE_URL, evidence, is_open, validator
from ...recordings.server_names import REDACTED
from ...wire.json_paths import join_path
from ...wording import brief_json, spell_json_path
from ..findings import Kind, Problem

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from ...wire.http import Json


EVENTS = frozenset(
    (
        "interaction.created interaction.status_update step.start step.delta step.stop "
        "interaction.completed error"
    ).split()
)
"""The events that have a schema of their own."""

_COMMON_DELTAS = ("text", "thought_signature", "thought_summary", "arguments_delta")
_RECORDED_GRADES = frozenset("CL")
_GRADED_BY_VALUES = ("config/service_tier", "config/modality")
"""Files whose grade is that of their list of values; the members themselves are recorded."""


def find_schema_problems(
    value: Any, schema: str, *, request: bool = False, accepted: bool = False
) -> list[Problem]:
    """What of `value` does not fit the schema of that name, in the order of the schema.

    `accepted` says that a live server took this request.
    """
    closed_validator = validator(schema, closed=True)
    try:
        if closed_validator.is_valid(value):
            return []
        errors = list(closed_validator.iter_errors(value))
    except ValueError as error:  # a lone surrogate, or nested too deep for the validator
        return [Problem("", "readable", brief_json(value), f"JSON that can be read ({error})", "D")]
    problems = [
        problem
        for error in errors
        for problem in _problems_of_error(error, request=request, accepted=accepted)
    ]
    mistyped = {problem.path for problem in problems if problem.rule == "wrong-type"}
    # A value of the wrong type is none of its list either; that is one fault.
    return [
        problem
        for problem in problems
        if problem.rule == "wrong-type" or problem.path not in mistyped
    ]


def find_event_problems(event: Json) -> list[Problem]:
    """What of a stream's event does not fit the schema of its kind."""
    name = event.get("event_type")
    has_schema = isinstance(name, str) and name in EVENTS
    return find_schema_problems(
        event, f"interactions/event/{name}" if has_schema else "interactions/event"
    )


def is_plain_delta(event: Json) -> bool:
    """Whether this is a sound delta and nothing else, as most events are: the short way."""
    index, delta = event.get("index"), event.get("delta")
    if len(event) != 3 or type(index) is not int or index < 0 or not isinstance(delta, dict):
        return False
    delta_type = delta.get("type")
    if delta_type not in _COMMON_DELTAS:
        return False
    try:
        return validator(f"interactions/delta/{delta_type}", closed=True).is_valid(delta)
    except ValueError:
        return False


def _problems_of_error(
    error: ValidationError, *, request: bool, accepted: bool
) -> Iterator[Problem]:
    path, error_kind = spell_json_path(error.instance_path), error.kind
    instance: Any = error.instance
    location = error.absolute_keyword_location or ""
    source = evidence(location)
    undeclared_kind = Kind.VIOLATION if request else Kind.DRIFT
    kind = (
        Kind.VIOLATION
        if _is_recorded(location, source) or (request and not accepted)
        else undeclared_kind
    )
    if accepted and source[0] not in _RECORDED_GRADES:
        kind = Kind.DRIFT
    match error_kind.name:
        case "additionalProperties":
            for name in error_kind.value:
                yield Problem(
                    join_path(path, name),
                    "unknown-member",
                    f"{name}={brief_json(instance[name])}",
                    "no member of that name",
                    source,
                    undeclared_kind,
                )
        case "falseSchema":
            yield Problem(
                path, "unknown-member", brief_json(instance), "no such member", source, kind
            )
        case "required":
            missing = error_kind.value
            yield Problem(
                join_path(path, missing),
                "missing-member",
                "it is not there",
                "the member",
                source,
                kind,
            )
        case "enum":
            allowed = ", ".join(map(brief_json, error_kind.value))
            if is_open(location):
                kind = Kind.DRIFT if accepted else undeclared_kind
            yield Problem(path, "unknown-value", brief_json(instance), allowed, source, kind)
        case "type":
            expected = " or ".join(error_kind.value)
            yield Problem(path, "wrong-type", brief_json(instance), expected, source, kind)
        case "const":
            expected = brief_json(error_kind.value)
            yield Problem(path, "wrong-value", brief_json(instance), expected, source, kind)
        case "pattern":
            if isinstance(instance, str) and REDACTED.search(instance[-400:]):
                kind = Kind.DRIFT  # a recorder that cuts large media
            expected = f"text that matches {error_kind.value}"
            yield Problem(path, "wrong-shape", brief_json(instance), expected, source, kind)
        case _:
            expected = error.message[:120]
            yield Problem(path, "wrong-shape", brief_json(instance), expected, source, kind)


def _is_recorded(location: str, source: str) -> bool:
    name = location.removeprefix(f"{BASE_URL}interactions/").partition(".json#")[0]
    return source[0] in _RECORDED_GRADES or "/" not in name or name in _GRADED_BY_VALUES
