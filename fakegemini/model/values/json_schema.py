"""Reading a JSON Schema: references, merged keywords, the alternatives it leaves open.

The dialect is 2020-12 with what callers of this API also send: upper-case type names,
`nullable`, draft-4 booleans for exclusive bounds, `items` as a list.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from ...errors import Exhausted
from ...wire.http import Json

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")


class Document:
    """A whole schema: resolves its references and counts the steps spent on it."""

    def __init__(self, root: Any, fuel: int) -> None:
        self.root = root
        self._fuel = fuel

    def burn(self, amount: int = 1) -> None:
        """Count steps; raises `Exhausted` when there are none left."""
        self._fuel -= amount
        if self._fuel < 0:
            raise Exhausted

    def resolve(self, ref: Any) -> Any:
        """What a local `$ref` points at; True (anything goes) where it points nowhere."""
        if not isinstance(ref, str) or not ref.startswith("#"):
            return True
        node = self.root
        for raw in ref[1:].split("/")[1:]:
            part = unquote(raw).replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and part in node:
                node = node[part]
            elif isinstance(node, list) and part.isdecimal() and int(part) < len(node):
                node = node[int(part)]
            else:
                return True
        return node


def types(schema: Json) -> list[str]:
    """The types a schema names, lower case and null last; empty where it names none."""
    named = schema.get("type")
    listed = named if isinstance(named, list) else [named]
    lower = [name.lower() for name in listed if isinstance(name, str)]
    return sorted((name for name in lower if name in TYPES), key=lambda name: name == "null")


def expand(
    schema: Any, document: Document, refs: tuple[str, ...], reentries: int
) -> Iterator[tuple[Json, tuple[str, ...]]]:
    """The plain schemas that `schema` allows, best first, each with the references passed.

    Plain: without `$ref`, `allOf`, `anyOf`, `oneOf`, `if`. A reference may be entered
    `reentries` times within itself.
    """
    document.burn()
    if schema is True:
        schema = {}
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        ref, rest = str(schema["$ref"]), _without(schema, "$ref")
        if refs.count(ref) <= reentries:
            for plain, passed in expand(document.resolve(ref), document, (*refs, ref), reentries):
                yield from expand(merge(rest, plain), document, passed, reentries)
    elif "allOf" in schema:
        first, *more = schema["allOf"] or [True]
        rest = _without(schema, "allOf")
        for plain, passed in expand(first, document, refs, reentries):
            merged = merge(rest, plain)
            again = {**merged, "allOf": more} if more else merged
            yield from expand(again, document, passed, reentries)
    elif "anyOf" in schema or "oneOf" in schema:
        key = "anyOf" if "anyOf" in schema else "oneOf"
        rest = _without(schema, key)
        for branch in sorted(schema[key], key=_is_null):
            yield from expand(merge(rest, branch), document, refs, reentries)
    elif "if" in schema:
        rest = _without(schema, "if", "then", "else")
        met = merge(merge(rest, schema["if"]), schema.get("then", True))
        yield from expand(met, document, refs, reentries)
        yield from expand(merge(rest, schema.get("else", True)), document, refs, reentries)
    else:
        yield schema, refs


def _without(schema: Json, *keys: str) -> Json:
    return {key: value for key, value in schema.items() if key not in keys}


def _is_null(branch: Any) -> bool:
    return isinstance(branch, dict) and types(branch) == ["null"]


_LOW = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_HIGH = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_CHOICES = frozenset({"anyOf", "oneOf"})
_BELOW = frozenset({"items", "additionalProperties", "propertyNames", "contains"})


def merge(left: Any, right: Any) -> Any:
    """A schema that asks for both, or something close to it: values are checked afterwards."""
    if left is False or right is False:
        return False
    if not isinstance(left, dict) or not isinstance(right, dict):
        return left if isinstance(left, dict) else right
    merged = dict(left)
    for key, value in right.items():
        merged[key] = _both(key, left[key], value) if key in left else value
    return merged


def _both(key: str, left: Any, right: Any) -> Any:
    if left == right:
        return left
    if key == "type":
        ours, theirs = types({key: left}), types({key: right})
        wide = [*theirs, "integer"] if "number" in theirs else theirs
        common = [name for name in ours if name in wide]
        return common or (["integer"] if "number" in ours and "integer" in theirs else common)
    if key in ("properties", "patternProperties", "$defs", "definitions"):
        both = {name: {"allOf": [left[name], right[name]]} for name in left if name in right}
        return {**left, **right, **both}
    if key == "required":
        return list(dict.fromkeys([*left, *right]))
    if key == "enum":
        return [value for value in left if value in right]
    if key in _LOW or key in _HIGH:
        return (max if key in _LOW else min)(left, right)
    if key == "multipleOf" and isinstance(left, int) and isinstance(right, int):
        return math.lcm(left, right)
    if key == "allOf":
        return [*left, *right]
    if key in _CHOICES:
        return [{"allOf": [one, other]} for one in left for other in right][:64]
    if key in _BELOW:
        return {"allOf": [left, right]} if left is not False and right is not False else False
    return left


def vocabulary(schema: Any) -> list[str]:
    """The texts that the schema's enums and constants name, a few hundred at most."""
    found: list[str] = []
    waiting = [schema]
    for _ in range(2000):
        if not waiting or len(found) > 200:
            break
        node = waiting.pop(0)
        if isinstance(node, dict):
            listed = node.get("enum")
            named = listed if isinstance(listed, list) else []
            found += [word for word in named if isinstance(word, str)]
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found
