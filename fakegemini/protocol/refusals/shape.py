"""Refuse what the schema of a create finds in its body, and a body without model or input.

`schema_error` finds the first fault, the rows below say it as the live server does. A row that
looks at `keyword` refuses one kind of fault; the last four look at a body without any.
"""

from __future__ import annotations

from typing import Any

from ...wording import nearest_name, spell_json_path
from ..schemas import declared_members
from . import live_words
from .lookups import unreadable_body
from .refusal import Refusal, catch_all, invalid
from .registry import TABLES, Layer, first_refusal, refusal
from .schema_error import Shape, read_shape

SHAPE = TABLES[Layer.SHAPE]


def check_shape(body: object) -> Refusal | None:
    """Return the refusal that a create body earns by its shape, or None.

    `body` is parsed JSON without null members (`protocol.ask.without_nulls`). What depends on a
    model, on stored state or on other members is not looked at, but for model and agent.
    """
    shape = read_shape(body)
    return first_refusal(SHAPE, shape) if shape else unreadable_body()


@refusal(Layer.SHAPE, "L")
def unknown_parameter(shape: Shape) -> Refusal | None:
    """Refuse a member that nobody declared, with the nearest name where one is close.

    Measured between 2026-06 and 2026-09, at the top of a body and inside of it.
    """
    if shape.unknown_member is None:
        return None
    path, name = shape.unknown_member
    nearest = ""
    if shape.keyword != "falseSchema":
        # So close a cut that none of the measured refusals without a hint gets one.
        nearest = nearest_name(name, declared_members(shape.location), cutoff=0.8)
    return invalid(live_words.unknown_parameter(name, spell_json_path(path), nearest))


@refusal(Layer.SHAPE, "I")
def result_without_call_id(shape: Shape) -> Refusal | None:
    """Refuse a function result without `call_id`.

    Reported in google/adk-python#4381.
    """
    if not _lacks_in_result(shape, "call_id"):
        return None
    return invalid("Missing call_id in content of type function_result")


@refusal(Layer.SHAPE, "L")
def result_without_name(shape: Shape) -> Refusal | None:
    """Refuse a function result without `name`, which the documentation calls optional.

    Measured in 2026-08 and 2026-09; on 2026-08-14 it was "Invalid input received"
    (robocurve/inspect-robots#380).
    """
    if not _lacks_in_result(shape, "name"):
        return None
    return invalid("Missing name in content of type function_result")


def _lacks_in_result(shape: Shape, member: str) -> bool:
    if shape.keyword != "required" or shape.demand != member:
        return False
    return bool(shape.value.get("type") == "function_result")


@refusal(Layer.SHAPE, "L")
def result_of_wrong_type(shape: Shape) -> Refusal | None:
    """Refuse a function result that is a number or a boolean.

    Measured in 2026-08 and 2026-09.
    """
    is_scalar = isinstance(shape.value, bool | int | float)
    if not shape.in_input or shape.member != "result" or not is_scalar:
        return None
    return invalid("'result' must be a Struct, FunctionResultSubcontent[], or string")


@refusal(Layer.SHAPE, "L")
def turns_of_old_schema(shape: Shape) -> Refusal | None:
    """Refuse an input of turns, `role` and `content`, as the schema before steps had them.

    Measured in 2026-08 and, by somebody else, on 2026-09-02.
    """
    turns = shape.body.get("input") if shape.in_input else None
    if not isinstance(turns, list) or not any(map(_is_old_turn, turns)):
        return None
    return invalid(
        "When using the steps-based API version, use step_list input format instead of turn_list."
    )


def _is_old_turn(item: object) -> bool:
    return isinstance(item, dict) and "role" in item and "type" not in item


@refusal(Layer.SHAPE, "X")
def missing_parameter(shape: Shape) -> Refusal | None:
    """Refuse an object, outside the input, without a member that it needs.

    The words are ours, after those for an unknown member.
    """
    if shape.keyword != "required" or shape.in_input:
        return None
    return invalid(f"Missing parameter '{shape.demand}' at '{spell_json_path(shape.path)}'.")


@refusal(Layer.SHAPE, "L")
def bad_enum_in_input(shape: Shape) -> Refusal | None:
    """Refuse a value outside its enum, inside the input: the server words it differently there.

    Measured in 2026-07 or 2026-08.
    """
    if shape.keyword != "enum" or not shape.in_input:
        return None
    return invalid(f"Invalid enum value '{shape.value}' at '{spell_json_path(shape.path)}'.")


@refusal(Layer.SHAPE, "L")
def unsupported_value(shape: Shape) -> Refusal | None:
    """Refuse a value outside its enum, with the list of the values there are.

    Measured between 2026-06 and 2026-09. A wrong `type` is named apart from its place, every other
    member by its whole path.
    """
    if shape.keyword != "enum":
        return None
    if shape.member == "type":
        field, place = "type", f" at '{spell_json_path(shape.path[:-1])}'"
    else:
        field, place = spell_json_path(shape.path), ""
    names = ", ".join(f"'{name}'" for name in shape.demand)
    beginning = live_words.unsupported_value(shape.value, field)
    return invalid(f"{beginning}{place}. Supported values: {names}.")


@refusal(Layer.SHAPE, "L")
def corrupt_base64(shape: Shape) -> Refusal | None:
    """Refuse inline data that is not base64.

    Measured; the same words are in recorded error bodies.
    """
    if shape.keyword != "pattern" or shape.member != "data":
        return None
    return _refuse_value(shape, "string, corrupt base64")


@refusal(Layer.SHAPE, "L")
def no_schema(shape: Shape) -> Refusal | None:
    """Refuse a JSON Schema that is neither an object nor a boolean.

    Measured in 2026-07 or 2026-08.
    """
    if shape.keyword != "type" or shape.member not in _SCHEMA_MEMBERS:
        return None
    if isinstance(shape.value, bool):
        return None
    return invalid("schema at top-level must be a boolean or an object")


_SCHEMA_MEMBERS = frozenset({"parameters", "schema"})
"""The members that are JSON Schemas."""


@refusal(Layer.SHAPE, "L")
def bad_shape(shape: Shape) -> Refusal | None:
    """Refuse a member of the wrong JSON type, outside the input.

    Measured in 2026-07 or 2026-08.
    """
    if shape.keyword != "type" or shape.in_input:
        return None
    types = " or ".join(_ARTICLES[name] for name in shape.demand)
    return _refuse_value(shape, f"{types}, got {_json_type(shape.value)}.")


def _refuse_value(shape: Shape, expected: str) -> Refusal:
    return invalid(f"The value is invalid for '{spell_json_path(shape.path)}'. Expected {expected}")


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


@refusal(Layer.SHAPE, "C")
def bad_input(shape: Shape) -> Refusal | None:
    """Refuse any other shape inside the input that the server cannot read.

    Recorded for a member of a content block.
    """
    if not shape.keyword or not shape.in_input:
        return None
    return invalid(f"Invalid input at '{spell_json_path(shape.path)}'.")


@refusal(Layer.SHAPE, "L")
def foreign_input_type(shape: Shape) -> Refusal | None:
    """Refuse an input item whose type is of another API, or a known one misspelt.

    The live server lists the types it takes to whoever sends another (rizukirr/Freyja, 2026-08);
    the sentence around the list is that for tools. Types that are merely unknown pass: a newer
    server may have them.
    """
    asked_input = shape.body.get("input")
    if shape.keyword or not isinstance(asked_input, dict | list):
        return None
    from .input_types import INPUT_TYPES, is_foreign_type  # a first question is a text

    is_single = isinstance(asked_input, dict)
    for index, item in enumerate([asked_input] if is_single else asked_input):
        name = item.get("type")
        if name is None or not is_foreign_type(name):
            continue
        place = "input" if is_single else f"input[{index}]"
        known_names = ", ".join(f"'{known_name}'" for known_name in INPUT_TYPES)
        beginning = live_words.unsupported_value(name, "type")
        return invalid(f"{beginning} at '{place}'. Supported values: {known_names}.")
    return None


@refusal(Layer.SHAPE, "L")
def invalid_argument(shape: Shape) -> Refusal | None:
    """Refuse any other fault of shape, in the words of the catch-all.

    Measured; for which faults the server has no better words is not known.
    """
    return catch_all() if shape.keyword else None


@refusal(Layer.SHAPE, "X")
def model_and_agent(shape: Shape) -> Refusal | None:
    """Refuse a body with both model and agent.

    Documented to exclude each other; the words are those for neither of them.
    """
    both = shape.body.get("model") and shape.body.get("agent")
    return invalid(_MODEL_OR_AGENT) if both else None


@refusal(Layer.SHAPE, "L")
def no_model(shape: Shape) -> Refusal | None:
    """Refuse a body with neither model nor agent.

    Measured; the same words are in recorded error bodies.
    """
    either = shape.body.get("model") or shape.body.get("agent")
    return None if either else invalid(_MODEL_OR_AGENT)


_MODEL_OR_AGENT = "Provide a 'agent', or 'model' parameter."


@refusal(Layer.SHAPE, "L")
def missing_input(shape: Shape) -> Refusal | None:
    """Refuse a body without `input`, unless it asks for the rest of a turn.

    Measured in 2026-07 or 2026-08.
    """
    needs_input = "input" not in shape.body and not shape.body.get("continuation_token")
    return invalid("Missing input.") if needs_input else None


@refusal(Layer.SHAPE, "L")
def empty_input(shape: Shape) -> Refusal | None:
    """Refuse an input with nothing in it.

    Measured in 2026-07 or 2026-08.
    """
    is_empty = "input" in shape.body and not shape.body["input"]
    return invalid("Request has empty input.") if is_empty else None
