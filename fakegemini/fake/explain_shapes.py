"""Explain a fault of shape: how what was meant is spelt in this API, and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from ..protocol.refusals.input_types import FOREIGN_TYPES, INPUT_TYPES, is_foreign_type
from ..protocol.refusals.schema_error import InstancePath, Shape, read_shape
from ..protocol.schemas import declared_members, load_schema
from ..wording import nearest_name, shorten, spell_json, spell_json_path
from .foreign_spellings import (
    BY_REFUSAL,
    FOREIGN_MEMBERS,
    FOREIGN_VALUES,
    Spelling,
    find_spelling,
)
from .refused_request import Explanation, RefusedRequest

_CONFIG = "generation_config"


def explain_by_words(refused: RefusedRequest) -> Explanation:
    """Explain a refusal whose words say what is wrong by the nearest good request.

    The difference is left to these words.
    """
    shape = read_shape(refused.body) if refused.body is not None else None
    spelling = None
    if shape:
        spellings = (describe(shape) for describe in _DESCRIPTIONS)
        spelling = next(filter(None, spellings), None)
    spelling = spelling or BY_REFUSAL.get(refused.refusal.name)
    if spelling is None:
        return Explanation("the request without the fault named below", "")
    return Explanation(spelling.right, "", spelling.fix)


def _describe_unknown_member(shape: Shape) -> Spelling | None:
    """Tell where a member belongs, or how it is spelt, or which ones its object may have."""
    if shape.unknown_member is None:
        return None
    path, name = shape.unknown_member
    holder = spell_json_path(path) or "the request"
    habit = find_spelling(FOREIGN_MEMBERS, _place(path), name)
    if habit:
        return habit
    members = declared_members(shape.location) if shape.keyword != "falseSchema" else ()
    nearest = nearest_name(name, members, cutoff=0.8)
    if nearest:
        return Spelling(f"{nearest!r} in {holder}", f"write {nearest} in place of {name}")
    if not path and name in _members_of("interactions/config/generation"):
        value = _write(shape.body.get(name))
        return Spelling(f'"{_CONFIG}": {{"{name}": {value}}}', f"move {name} into `{_CONFIG}`")
    if path == [_CONFIG] and name in _members_of("interactions/create"):
        return Spelling(f'"{name}" beside "{_CONFIG}"', f"move {name} out of `{_CONFIG}`")
    if not members:
        return None
    return Spelling(
        f"the members of {holder}: {', '.join(members)}", f"take {shorten(name, 80)} out"
    )


def _members_of(schema_name: str) -> frozenset[str]:
    return frozenset(load_schema(schema_name)["properties"])


def _place(path: InstancePath) -> str:
    """Return a path without its numbers; a content of the input counts as an item of it."""
    place = re.sub(r"\d+", "", spell_json_path(path))
    return "input[]" if place.startswith("input") else place


def _describe_lacking_member(shape: Shape) -> Spelling | None:
    """Tell what an object lacks: by what it has in its place, if that is a known habit."""
    if shape.keyword != "required" or not isinstance(shape.value, dict):
        return None
    place = _place(shape.path)
    habits = (find_spelling(FOREIGN_MEMBERS, place, str(name)) for name in shape.value)
    habit = next(filter(None, habits), None)
    if habit or shape.in_input:
        return habit
    right = {str(shape.demand): "…", **shape.value}
    return Spelling(_write(right), f"add {shape.demand}")


def _describe_wrong_type(shape: Shape) -> Spelling | None:
    """Tell how the same value is written in the type that is wanted."""
    if shape.keyword != "type" or shape.in_input:
        return None
    place, value = spell_json_path(shape.path), shape.value
    habit = find_spelling(FOREIGN_VALUES, _place(shape.path), str(value))
    if habit:
        return habit
    if isinstance(value, str):
        bare = _read_json(value)
        if any(_HAS_TYPE[name](bare) for name in shape.demand if name in _HAS_TYPE):
            return Spelling(f"{place}: {spell_json(bare)}", "write it without the quotes")
    if "array" in shape.demand and not isinstance(value, list):
        right = _write([value])
        return Spelling(f"{place}: {right}", "write it as a list, also where it is only one")
    if shape.demand == ["string"]:
        return Spelling(f'{place}: "…"', "write it as a text")
    if shape.demand == ["boolean"]:
        return Spelling(f"{place}: true, or false", "write true or false, without quotes")
    if "number" in shape.demand or "integer" in shape.demand:
        return Spelling(f"{place}: 1", "write a number, without quotes")
    return None


def _write(value: Any) -> str:
    """Write JSON to copy, as long as a reader likes it."""
    return shorten(spell_json(value, compact=True), _LONGEST_EXAMPLE)


_LONGEST_EXAMPLE = 400


def _read_json(text: str) -> Any:
    try:
        return json.loads(text.strip().lower()) if len(text) < _LONGEST_EXAMPLE else None
    except (ValueError, RecursionError):
        return None


_HAS_TYPE: dict[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
"""Whether a value read from a text is of a type."""


def _describe_wrong_value(shape: Shape) -> Spelling | None:
    """Tell which of the values there are is meant."""
    if shape.keyword != "enum":
        return None
    habit = find_spelling(FOREIGN_VALUES, _place(shape.path), str(shape.value))
    if habit:
        return habit
    values = [str(value) for value in shape.demand]
    nearest = FOREIGN_TYPES.get(str(shape.value), "") if shape.member == "type" else ""
    nearest = nearest if nearest in values else nearest_name(str(shape.value)[:80], values)
    place = spell_json_path(shape.path)
    if nearest:
        return Spelling(f'{place}: "{nearest}"', f"write {nearest!r}, if that is meant")
    return Spelling(f"{place}: one of {', '.join(values)}", "write one of these values")


def _describe_foreign_item(shape: Shape) -> Spelling | None:
    """Tell which type an item of the input has here."""
    asked_input = shape.body.get("input")
    if shape.keyword or not isinstance(asked_input, dict | list):
        return None
    items = [asked_input] if isinstance(asked_input, dict) else asked_input
    names = (str(item.get("type", "")) for item in items)
    name = next(filter(is_foreign_type, names), None)
    if name is None:
        return None
    right = FOREIGN_TYPES.get(name) or nearest_name(name, INPUT_TYPES)
    return Spelling(f'{{"type": "{right}", …}}', f"write the type {right!r}, and its members")


_DESCRIPTIONS = (
    _describe_unknown_member,
    _describe_lacking_member,
    _describe_wrong_type,
    _describe_wrong_value,
    _describe_foreign_item,
)
