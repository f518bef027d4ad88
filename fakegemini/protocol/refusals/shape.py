"""Which create bodies the live server refuses for their shape, and in which words.

The closed request schema finds what is wrong; this module says it as the live server does. Only
the first fault is told. The server's own order was never measured; ours is: a body that is no
object, unknown members, wrong shapes, the choice of model or agent, the input. Among faults of
one kind, the one that comes first in the body is told, an object's before those of its members.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ...wire.http import Json
from ...wording import nearest_name
from ..schemas import declared_members, validator
from .limits import no_schema
from .refusal import (
    Refusal,
    bad_enum_in_input,
    bad_input,
    bad_shape,
    corrupt_base64,
    empty_input,
    invalid_argument,
    missing_input,
    missing_parameter,
    model_and_agent,
    no_model,
    result_without_call_id,
    result_without_name,
    unknown_parameter,
    unreadable_body,
    unsupported_value,
)

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

JsonPath: TypeAlias = Sequence[str | int]


def check_shape(body: object) -> Refusal | None:
    """The refusal that this create body earns by its shape, or None.

    `body` is parsed JSON without null members (`protocol.ask.without_nulls`). What depends on a
    model, on stored state or on other members is not looked at, but for model and agent.
    """
    if not isinstance(body, dict):
        return unreadable_body()
    schema_validator = validator("interactions/create", closed=True)
    try:
        errors = [] if schema_validator.is_valid(body) else list(schema_validator.iter_errors(body))
    except ValueError:  # a lone surrogate, or nested too deep: no parser of the server reads these
        return unreadable_body()
    return _refuse_first(errors, body) or _check_model_or_agent(body) or _check_input(body)


def _check_model_or_agent(body: Json) -> Refusal | None:
    model, agent = body.get("model"), body.get("agent")
    if model and agent:
        return model_and_agent()
    return None if model or agent else no_model()


def _check_input(body: Json) -> Refusal | None:
    if "input" not in body:
        return None if body.get("continuation_token") else missing_input()
    return None if body["input"] else empty_input()


def _refuse_first(errors: Iterable[ValidationError], body: Json) -> Refusal | None:
    relevant_errors = [error for error in errors if not _is_null_member(error, body)]
    return (
        _word_refusal(min(relevant_errors, key=lambda error: _error_order(error, body)), body)
        if relevant_errors
        else None
    )


def _is_null_member(error: ValidationError, body: Json) -> bool:
    # Nulls are kept under a function's result, where typed blocks may lie; they too read as absent.
    path = error.instance_path
    return bool(path) and isinstance(path[-1], str) and _value_at(body, path) is None


_SCHEMA_MEMBERS = frozenset({"parameters", "schema"})
"""The members that are JSON Schemas: the live server has words of its own for what is none."""

_UNKNOWN_MEMBER_KEYWORDS = frozenset({"additionalProperties", "falseSchema"})


def _error_order(error: ValidationError, body: Json) -> tuple[bool, list[int], bool]:
    """Unknown members first, then by place in the body; at one place a wrong type first."""
    keyword = error.kind.name
    return (
        keyword not in _UNKNOWN_MEMBER_KEYWORDS,
        _body_position(body, error.instance_path),
        keyword != "type",
    )


def _body_position(value: Any, path: JsonPath) -> list[int]:
    position = []
    for part in path:
        position.append(part if isinstance(part, int) else list(value).index(part))
        value = value[part]
    return position


def _word_refusal(error: ValidationError, body: Json) -> Refusal:
    path, kind = error.instance_path, error.kind
    value = _value_at(body, path)
    match kind.name:
        case "additionalProperties":
            name = next(member for member in value if member in kind.value)
            return unknown_parameter(name, _format_path(path), _nearest_name(name, error))
        case "falseSchema":
            return unknown_parameter(str(path[-1]), _format_path(path[:-1]))
        case "required":
            return _missing_member(kind.value, path, value)
        case "enum":
            return _unsupported_value(value, kind.value, path)
        case "pattern" if path[-1] == "data":
            return corrupt_base64(_format_path(path))
        case "type" if path[-1] in _SCHEMA_MEMBERS and not isinstance(value, bool):
            return no_schema()
        case "type" if path[0] != "input":
            expected = " or ".join(_ARTICLES[name] for name in kind.value)
            return bad_shape(_format_path(path), expected, _json_type(value))
    return bad_input(_format_path(path)) if path[:1] == ["input"] else invalid_argument()


def _missing_member(name: str, path: JsonPath, holder: Json) -> Refusal:
    if holder.get("type") == "function_result" and name == "call_id":
        return result_without_call_id()
    if holder.get("type") == "function_result" and name == "name":
        return result_without_name()
    return (
        bad_input(_format_path(path))
        if path[0] == "input"
        else missing_parameter(name, _format_path(path))
    )


def _unsupported_value(value: Any, allowed: Iterable[str], path: JsonPath) -> Refusal:
    if path[0] == "input":
        return bad_enum_in_input(value, _format_path(path))
    if path[-1] == "type":  # the live server names the tag and its place apart
        return unsupported_value(value, "type", allowed, _format_path(path[:-1]))
    return unsupported_value(value, _format_path(path), allowed)


def _nearest_name(name: str, error: ValidationError) -> str | None:
    # So close a cut that none of the measured refusals without a hint gets one.
    names = declared_members(error.absolute_keyword_location or "")
    return nearest_name(name, names, cutoff=0.8) or None


def _value_at(value: Any, path: JsonPath) -> Any:
    for part in path:
        value = value[part]
    return value


def _format_path(path: JsonPath) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


_ARTICLES = {
    "string": "a string",
    "object": "an object",
    "array": "an array",
    "number": "a number",
    "integer": "an integer",
    "boolean": "a boolean",
    "null": "null",
}


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {dict: "object", list: "array", str: "string", int: "number", float: "number"}
    return names.get(type(value), "null")
