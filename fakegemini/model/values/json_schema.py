"""Read a JSON Schema: references, merged keywords, the alternatives it leaves open.

The dialect is 2020-12 with what callers of this API also send: upper-case type names,
`nullable`, draft-4 booleans for exclusive bounds, `items` as a list.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from ...errors import StepLimitReached
from ...wire.http import Json
from .local_references import make_references_local

_MAX_CHOICES = 64  # pairs of alternatives that merging two lists of them gives
_MAX_NODES, _MAX_WORDS = 2000, 200  # what is searched for the words of enums, and found

MERGED_PATTERNS = "x-merged-patterns"
"""Where a merged schema keeps all patterns but the first: a keyword that no dialect has."""

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")


class SchemaDocument:
    """A whole schema, which resolves its references and counts the steps spent on it."""

    def __init__(self, root: Any, max_steps: int) -> None:
        self.root = make_references_local(root)
        self._steps_left = max_steps

    def count_steps(self, amount: int = 1) -> None:
        """Count steps; raise `StepLimitReached` when there are none left."""
        self._steps_left -= amount
        if self._steps_left < 0:
            raise StepLimitReached

    def resolve(self, ref: Any) -> Any:
        """Return what a local `$ref` points at; True (any value) where it points nowhere."""
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


def type_names(schema: Json) -> list[str]:
    """Return the types a schema names, lower case and null last; empty where it names none."""
    type_value = schema.get("type")
    entries = type_value if isinstance(type_value, list) else [type_value]
    lower = [name.lower() for name in entries if isinstance(name, str)]
    return sorted((name for name in lower if name in TYPES), key=lambda name: name == "null")


def expand(
    schema: Any, document: SchemaDocument, refs: tuple[str, ...], reentries: int
) -> Iterator[tuple[Json, tuple[str, ...]]]:
    """Yield the plain schemas that `schema` allows, best first, each with the references passed.

    A plain one has no `$ref`, `allOf`, `anyOf`, `oneOf` or `if`. A reference may be entered
    `reentries` times within itself. Raises `StepLimitReached` when the document has no steps left.
    """
    document.count_steps()
    if schema is True:
        schema = {}
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        ref, remainder = str(schema["$ref"]), _drop_keys(schema, "$ref")
        if refs.count(ref) <= reentries:
            for plain, passed_refs in expand(
                document.resolve(ref), document, (*refs, ref), reentries
            ):
                yield from expand(merge_schemas(remainder, plain), document, passed_refs, reentries)
    elif "allOf" in schema:
        first_part, *later_parts = schema["allOf"] or [True]
        remainder = _drop_keys(schema, "allOf")
        for plain, passed_refs in expand(first_part, document, refs, reentries):
            combined_schema = merge_schemas(remainder, plain)
            next_schema = (
                {**combined_schema, "allOf": later_parts} if later_parts else combined_schema
            )
            yield from expand(next_schema, document, passed_refs, reentries)
    elif "anyOf" in schema or "oneOf" in schema:
        key = "anyOf" if "anyOf" in schema else "oneOf"
        remainder = _drop_keys(schema, key)
        for branch in sorted(schema[key], key=_is_null):
            yield from expand(merge_schemas(remainder, branch), document, refs, reentries)
    elif "if" in schema:
        remainder = _drop_keys(schema, "if", "then", "else")
        then_schema = merge_schemas(
            merge_schemas(remainder, schema["if"]), schema.get("then", True)
        )
        yield from expand(then_schema, document, refs, reentries)
        yield from expand(
            merge_schemas(remainder, schema.get("else", True)), document, refs, reentries
        )
    elif _DEPENDENT & schema.keys():
        yield from _expand_dependent(schema, document, refs, reentries)
    else:
        yield schema, refs


_DEPENDENT = frozenset({"dependentSchemas", "dependencies"})


def _expand_dependent(
    schema: Json, document: SchemaDocument, refs: tuple[str, ...], reentries: int
) -> Iterator[tuple[Json, tuple[str, ...]]]:
    """Yield what a schema allows with the members on which others depend, and without them."""
    parts, needed_names = dependents_of(schema)
    remainder = {**_drop_keys(schema, *_DEPENDENT), "dependentRequired": needed_names}
    required = set(schema.get("required", ()))
    declared = required | set(schema.get("properties", ()))
    for names in dict.fromkeys((frozenset(declared), frozenset(required))):
        combined: Any = remainder
        for name, part in parts.items():
            if name in names:
                combined = merge_schemas(combined, part)
        yield from expand(combined, document, refs, reentries)


def dependents_of(schema: Json) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the schemas, and the names of members, that a member's presence asks for.

    Draft 7 has both in `dependencies`.
    """
    mixed = schema.get("dependencies", {})
    lists = {name: part for name, part in mixed.items() if isinstance(part, list)}
    parts = {name: part for name, part in mixed.items() if name not in lists}
    return (
        {**parts, **schema.get("dependentSchemas", {})},
        {**lists, **schema.get("dependentRequired", {})},
    )


def _drop_keys(schema: Json, *keys: str) -> Json:
    return {key: value for key, value in schema.items() if key not in keys}


def _is_null(branch: Any) -> bool:
    return isinstance(branch, dict) and type_names(branch) == ["null"]


_LOWER_BOUNDS = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER_BOUNDS = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_CHOICES = frozenset({"anyOf", "oneOf"})
_SUBSCHEMAS = frozenset({"items", "additionalProperties", "propertyNames", "contains"})


def merge_schemas(first: Any, second: Any) -> Any:
    """Return a schema that asks for both, or nearly so: values are checked against both later."""
    if first is False or second is False:
        return False
    if not isinstance(first, dict) or not isinstance(second, dict):
        return first if isinstance(first, dict) else second
    combined_schema = dict(first)
    for key, value in second.items():
        combined_schema[key] = _merge_keyword(key, first[key], value) if key in first else value
    if "pattern" in first and "pattern" in second:
        patterns = [*first.get(MERGED_PATTERNS, ()), *second.get(MERGED_PATTERNS, ())]
        combined_schema[MERGED_PATTERNS] = [*patterns, second["pattern"]]
    return combined_schema


def _merge_keyword(key: str, first: Any, second: Any) -> Any:
    """Return the value of a keyword that both schemas have; of one we cannot merge, the first."""
    if first == second:
        return first
    if key == "type":
        first_types, second_types = type_names({key: first}), type_names({key: second})
        wide = [*second_types, "integer"] if "number" in second_types else second_types
        common = [name for name in first_types if name in wide]
        return common or (
            ["integer"] if "number" in first_types and "integer" in second_types else common
        )
    if key in ("properties", "patternProperties", "$defs", "definitions"):
        shared_members = {
            name: {"allOf": [first[name], second[name]]} for name in first if name in second
        }
        return {**first, **second, **shared_members}
    if key == "required":
        return list(dict.fromkeys([*first, *second]))
    if key == "enum":
        return [value for value in first if value in second]
    if key in _LOWER_BOUNDS or key in _UPPER_BOUNDS:
        return (max if key in _LOWER_BOUNDS else min)(first, second)
    if key == "multipleOf" and isinstance(first, int) and isinstance(second, int):
        return math.lcm(first, second)
    if key == "allOf" or key == MERGED_PATTERNS:
        return [*first, *second]
    if key == "not":
        return {"anyOf": [first, second]}
    if key == "dependentRequired":
        shared = {name: [*first[name], *second[name]] for name in first if name in second}
        return {**first, **second, **shared}
    if key in _CHOICES:
        return [
            {"allOf": [first_choice, second_choice]}
            for first_choice in first
            for second_choice in second
        ][:_MAX_CHOICES]
    if key in _SUBSCHEMAS:
        return {"allOf": [first, second]} if first is not False and second is not False else False
    return first


def enum_words(schema: Any) -> list[str]:
    """Return the texts that the schema's enums name, a few hundred at most."""
    words: list[str] = []
    queue = [schema]
    for _ in range(_MAX_NODES):
        if not queue or len(words) > _MAX_WORDS:
            break
        node = queue.pop(0)
        if isinstance(node, dict):
            enum = node.get("enum")
            values = enum if isinstance(enum, list) else []
            words += [word for word in values if isinstance(word, str)]
            queue += node.values()
        elif isinstance(node, list):
            queue += node
    return words
