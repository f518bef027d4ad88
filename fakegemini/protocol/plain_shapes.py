"""Tell by the schema alone that an object of texts and booleans is good, without compiling it.

Most creates are a model, a text and a flag or two. The library that compiles schemas, and what it
makes of that of a create, take 11 ms and 4 MB: they wait for a body that is more than that. What
is not certain is left to them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ..wire.http import Json
from .schemas import load_schema

_TYPES = {str: "string", bool: "boolean"}

_ABOUT_OTHERS = frozenset(
    "$schema $id $comment title description examples deprecated items properties required "
    "additionalProperties".split()
)
"""Keywords that demand nothing of a text or a boolean."""

_IS_OBJECT = {"type": "object"}

_LONGEST = 65_536
"""How many characters are looked through for halves of surrogate pairs, while others wait."""


def is_plain(name: str, body: Json) -> bool:
    """Tell whether a body is sure to be valid by the closed reading of a schema of that name."""
    is_sure = [_is_sure(name, key, value) for key, value in body.items()]
    return all(is_sure) and _looks_at_members_alone(name)


def _is_sure(name: str, key: str, value: Any) -> bool:
    kind = _TYPES.get(type(value))
    if kind is None or not _takes_all(name, key, kind):
        return False
    return kind == "boolean" or value.isascii() or _is_readable(value)


def _is_readable(text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


@cache
def _takes_all(name: str, key: str, kind: str) -> bool:
    """Tell whether a schema takes all values of a type as a member."""
    member = load_schema(name).get("properties", {}).get(key)
    return isinstance(member, dict) and _demands_only(name, member, kind)


@cache
def _looks_at_members_alone(name: str) -> bool:
    """Tell whether a schema demands of an object nothing but what its members are."""
    schema = load_schema(name)
    keywords = schema.keys() - (_ABOUT_OTHERS - {"required", "additionalProperties", "items"})
    return keywords == {"type"} and schema["type"] == "object"


def _demands_only(name: str, schema: Json, kind: str) -> bool:
    """Tell whether a schema demands of values of a type nothing but this type."""
    keywords = schema.keys() - _ABOUT_OTHERS
    if keywords == {"$ref"}:
        target = _name_of(name, schema["$ref"])
        return target is not None and _demands_only(target, load_schema(target), kind)
    if schema.get("if") == _IS_OBJECT and "else" not in schema:
        keywords -= {"if", "then"}
    types = schema.get("type")
    return keywords == {"type"} and (types == kind or (isinstance(types, list) and kind in types))


def _name_of(name: str, reference: str) -> str | None:
    """Return the name of the schema that a reference leads to, where it is a file below."""
    if "#" in reference or ":" in reference or reference.startswith((".", "/")):
        return None
    folder = name.rpartition("/")[0]
    return f"{folder}/{reference}".removesuffix(".json")
