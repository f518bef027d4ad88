"""Hold a value against its schema; what does not fit becomes findings with a JSON path.

Everything is read closed. In a request what nobody declared is the caller's mistake; in a
response it is drift, news rather than a fault. What only the SDK's types say, and no recording or
measurement, is drift as well, and so are the shapes of a request that the server granted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...protocol.schemas import BASE_URL, evidence, is_open, schema_names, validator
from ...wire.json_paths import join_path
from ...wording import brief_json, spell_json_path
from ..findings import Kind, Problem
from .recorder_marks import is_redacted
from .registry import (
    ANY_ANSWER,
    EXCHANGES,
    OF_THE_SCHEMA,
    RECORDED_MEDIA,
    REPLIES,
    STREAMS,
    Evidence,
    add_rule,
    problem,
)

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from ...wire.http import Json


_COMMON_DELTAS = ("text", "thought_signature", "thought_summary", "arguments_delta")
_RECORDED_GRADES = frozenset("CL")
_GRADED_BY_VALUES = ("config/service_tier", "config/modality")
"""Files whose grade is that of their list of values; the members themselves are recorded."""

_CUT_MEDIA = re.compile(r"[A-Za-z0-9+/]+={0,2}")
"""Base64 whose length is wrong."""

ABSENT = "it is not there"
"""What a finding says of a member that is missing."""

_ONLY_DECLARED = "drift where only the documentation or the SDK's types speak"
GATEWAY_PROBE = Evidence("L", "a public provider sheet", "2026-09-29")
"""A live measurement of a request with a wrong key, refused before it reached the service."""

add_rule(
    "readable",
    "JSON can be read: no lone surrogates, not nested without end",
    bears_on="exchanges",
    scope=ANY_ANSWER,
    evidence=(Evidence("D", "RFC 8259", "2017-12"),),
    example='response.events[0]: {"event_type": "interaction.created", "interaction": '
    "[[[[[[[[[[[[[[[[[[[[[[[[[[…; expected JSON that can be read (Recursion limit "
    "reached)",
)
add_rule(
    "unknown-member",
    "there is no member that the schema does not name",
    kind=Kind.DRIFT,
    otherwise="violation in a request, and where a schema forbids it",
    bears_on="answers",
    scope=ANY_ANSWER,
    evidence=(OF_THE_SCHEMA,),
    example='response.body.mood: mood="fine"; expected no member of that name',
)
add_rule(
    "missing-member",
    "a member that has to be there is there",
    otherwise="drift where only the documentation, the SDK's types or single recordings speak",
    bears_on="answers",
    recorded_elsewhere=RECORDED_MEDIA,
    evidence=(OF_THE_SCHEMA, REPLIES, STREAMS),
    example="response.body.usage: it is not there; expected the member",
)
add_rule(
    "unknown-value",
    "a value is one of the list",
    otherwise="drift in an answer where the API may add values, and where only types speak",
    bears_on="answers",
    scope=ANY_ANSWER,
    evidence=(OF_THE_SCHEMA,),
    example='request.body.service_tier: "luxury"; expected "flex", "standard", "priority", '
    '"deferred"',
)
add_rule(
    "wrong-type",
    "a value has the type of its member",
    otherwise=_ONLY_DECLARED,
    bears_on="answers",
    scope=ANY_ANSWER,
    evidence=(OF_THE_SCHEMA, STREAMS, EXCHANGES),
    example="response.body.status: 3; expected string",
)
add_rule(
    "wrong-value",
    "a value that is always the same is that",
    otherwise=_ONLY_DECLARED,
    bears_on="answers",
    scope=ANY_ANSWER,
    evidence=(OF_THE_SCHEMA,),
    example='response.body.object: "thing"; expected "interaction"',
)
add_rule(
    "wrong-shape",
    "a text has its form, and an error of the gateway its message",
    otherwise=f"{_ONLY_DECLARED}, and where a recorder cut the text",
    bears_on="answers",
    scope=ANY_ANSWER,
    evidence=(OF_THE_SCHEMA, GATEWAY_PROBE),
    example='response.body.steps[0].content[0].data: "%%"; expected text that matches '
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$",
)


def find_schema_problems(
    value: Any, schema: str, *, request: bool = False, accepted: bool = False
) -> list[Problem]:
    """Find what of `value` does not fit the schema of that name, in the order of the schema.

    `accepted` says that a live server took this request.
    """
    closed_validator = validator(schema, closed=True)
    try:
        if closed_validator.is_valid(value):
            return []
        errors = list(closed_validator.iter_errors(value))
    except ValueError as error:  # a lone surrogate, or nested too deep for the validator
        return [problem("readable", "", brief_json(value), f"JSON that can be read ({error})")]
    problems = [
        each
        for error in errors
        for each in _problems_of_error(error, request=request, accepted=accepted)
    ]
    mistyped = {each.path for each in problems if each.rule == "wrong-type"}
    # A value of the wrong type is not in its list either; that is one fault.
    return [each for each in problems if each.rule == "wrong-type" or each.path not in mistyped]


def find_event_problems(event: Json) -> list[Problem]:
    """Find what of a stream's event does not fit the schema of its kind."""
    name = event.get("event_type")
    own_schema = f"interactions/event/{name}"
    return find_schema_problems(
        event,
        own_schema if own_schema in schema_names("interactions/event/") else "interactions/event",
    )


def is_plain_delta(event: Json) -> bool:
    """Say whether this is a sound delta and nothing else, as most events are: the short way."""
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
    """Turn one error of the validator into findings; of several unknown members each is one."""
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
    rule, expected = "wrong-shape", error.message[:120]
    match error_kind.name:
        case "additionalProperties":
            for name in error_kind.value:
                yield problem(
                    "unknown-member",
                    join_path(path, name),
                    f"{name}={brief_json(instance[name])}",
                    "no member of that name",
                    kind=undeclared_kind,
                    evidence=source,
                )
            return
        case "required":
            place = join_path(path, error_kind.value)
            yield problem("missing-member", place, ABSENT, "the member", kind=kind, evidence=source)
            return
        case "falseSchema":
            rule, expected = "unknown-member", "no such member"
        case "enum":
            rule, expected = "unknown-value", ", ".join(map(brief_json, error_kind.value))
            if is_open(location):
                kind = Kind.DRIFT if accepted else undeclared_kind
        case "type":
            rule, expected = "wrong-type", " or ".join(error_kind.value)
        case "const":
            rule, expected = "wrong-value", brief_json(error_kind.value)
        case "pattern":
            expected = f"text that matches {error_kind.value}"
            if isinstance(instance, str) and (
                is_redacted(instance[-400:]) or (not request and _CUT_MEDIA.fullmatch(instance))
            ):
                kind = Kind.DRIFT  # a recorder that cuts large media
    yield problem(rule, path, brief_json(instance), expected, kind=kind, evidence=source)


def _is_recorded(location: str, source: str) -> bool:
    """Say whether what the schema at `location` demands was recorded or measured."""
    name = location.removeprefix(f"{BASE_URL}interactions/").partition(".json#")[0]
    return source[0] in _RECORDED_GRADES or "/" not in name or name in _GRADED_BY_VALUES
