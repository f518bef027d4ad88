"""A value against its schema, as faults with a JSON path.

Everything is read closed. In a request what nobody declared is the caller's mistake; in a
response it is drift, news rather than a fault. What only the SDK's types say, and no recording or
measurement, is drift as well, and so are the shapes of a request that the server granted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...protocol.schemas import BASE, evidence, is_open, validator
from ...recordings.server_names import REDACTED
from ...wire.json_paths import join
from ...wording import brief_json, spell_json_path
from ..findings import Fault, Kind

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

_COMMON = ("text", "thought_signature", "thought_summary", "arguments_delta")
_RECORDED = frozenset("CL")
_SEEN = ("config/service_tier", "config/modality")
"""Files whose grade is that of their list of values; the members themselves are recorded."""


def faults(value: Any, schema: str, *, request: bool = False, granted: bool = False) -> list[Fault]:
    """What of `value` does not fit the schema of that name, in the order of the schema.

    `granted` says that a live server took this request.
    """
    checker = validator(schema, closed=True)
    try:
        if checker.is_valid(value):
            return []
        errors = list(checker.iter_errors(value))
    except ValueError as error:  # a lone surrogate, or nested too deep for the validator
        return [Fault("", "readable", brief_json(value), f"JSON that can be read ({error})", "D")]
    found = [each for error in errors for each in _faults(error, request=request, granted=granted)]
    mistyped = {fault.path for fault in found if fault.rule == "wrong-type"}
    # A value of the wrong type is none of its list either; that is one fault.
    return [each for each in found if each.rule == "wrong-type" or each.path not in mistyped]


def event_faults(event: Json) -> list[Fault]:
    """What of a stream's event does not fit the schema of its kind."""
    name = event.get("event_type")
    known = isinstance(name, str) and name in EVENTS
    return faults(event, f"interactions/event/{name}" if known else "interactions/event")


def plain_delta(event: Json) -> bool:
    """Whether this is a sound delta and nothing else, as most events are: the short way."""
    index, delta = event.get("index"), event.get("delta")
    if len(event) != 3 or type(index) is not int or index < 0 or not isinstance(delta, dict):
        return False
    kind = delta.get("type")
    if kind not in _COMMON:
        return False
    try:
        return validator(f"interactions/delta/{kind}", closed=True).is_valid(delta)
    except ValueError:
        return False


def _faults(error: ValidationError, *, request: bool, granted: bool) -> Iterator[Fault]:
    path, kind = spell_json_path(error.instance_path), error.kind
    instance: Any = error.instance
    location = error.absolute_keyword_location or ""
    source = evidence(location)
    news = Kind.VIOLATION if request else Kind.DRIFT
    grade = Kind.VIOLATION if _recorded(location, source) or (request and not granted) else news
    if granted and source[0] not in _RECORDED:
        grade = Kind.DRIFT
    match kind.name:
        case "additionalProperties":
            for name in kind.value:
                yield Fault(
                    join(path, name),
                    "unknown-member",
                    f"{name}={brief_json(instance[name])}",
                    "no member of that name",
                    source,
                    news,
                )
        case "falseSchema":
            yield Fault(
                path, "unknown-member", brief_json(instance), "no such member", source, grade
            )
        case "required":
            missing = kind.value
            yield Fault(
                join(path, missing),
                "missing-member",
                "it is not there",
                "the member",
                source,
                grade,
            )
        case "enum":
            allowed = ", ".join(map(brief_json, kind.value))
            if is_open(location):
                grade = Kind.DRIFT if granted else news
            yield Fault(path, "unknown-value", brief_json(instance), allowed, source, grade)
        case "type":
            wanted = " or ".join(kind.value)
            yield Fault(path, "wrong-type", brief_json(instance), wanted, source, grade)
        case "const":
            wanted = brief_json(kind.value)
            yield Fault(path, "wrong-value", brief_json(instance), wanted, source, grade)
        case "pattern":
            if isinstance(instance, str) and REDACTED.search(instance[-400:]):
                grade = Kind.DRIFT  # a recorder that cuts large media
            wanted = f"text that matches {kind.value}"
            yield Fault(path, "wrong-shape", brief_json(instance), wanted, source, grade)
        case _:
            wanted = error.message[:120]
            yield Fault(path, "wrong-shape", brief_json(instance), wanted, source, grade)


def _recorded(location: str, source: str) -> bool:
    name = location.removeprefix(f"{BASE}interactions/").partition(".json#")[0]
    return source[0] in _RECORDED or "/" not in name or name in _SEEN
