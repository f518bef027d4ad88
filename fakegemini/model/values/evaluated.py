"""Tell which members and items of a value a schema speaks of, for its `unevaluated…` keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ...wire.http import Json
from .json_schema import SchemaDocument, dependents_of
from .schema_patterns import matches_pattern

IsValid: TypeAlias = Callable[[Any, Any], bool]
_MAX_DEPTH = 40  # schemas that lead into each other without a member between them


def unevaluated_parts(
    value: Any, schema: Json, document: SchemaDocument, is_valid: IsValid
) -> Iterator[tuple[Any, Any]]:
    """Yield each member or item that nothing else in the schema speaks of, with its schema.

    `is_valid` judges a value by a subschema: what does not fit speaks of nothing.
    """
    keyword = "unevaluatedProperties" if isinstance(value, dict) else "unevaluatedItems"
    if keyword not in schema or not isinstance(value, (dict, list)):
        return
    inner = {key: part for key, part in schema.items() if key != keyword}
    evaluated = _evaluate(value, inner, document, is_valid, _MAX_DEPTH)
    for key in value if isinstance(value, dict) else range(len(value)):
        if key not in evaluated:
            yield value[key], schema[keyword]


def _evaluate(
    value: Any, schema: Any, document: SchemaDocument, is_valid: IsValid, depth: int
) -> set[Any]:
    document.count_steps()
    if not isinstance(schema, dict) or depth == 0:
        return set()
    evaluate = _members_of if isinstance(value, dict) else _items_of
    evaluated = evaluate(value, schema, is_valid)
    for part in _applied_parts(value, schema, document, is_valid):
        evaluated |= _evaluate(value, part, document, is_valid, depth - 1)
    return evaluated


def _members_of(value: Json, schema: Json, is_valid: IsValid) -> set[Any]:
    if not {"additionalProperties", "unevaluatedProperties"}.isdisjoint(schema):
        return {*value}
    patterns = schema.get("patternProperties", {})
    return {
        name
        for name in value
        if name in schema.get("properties", {})
        or any(matches_pattern(pattern, name) for pattern in patterns)
    }


def _items_of(value: list[Any], schema: Json, is_valid: IsValid) -> set[Any]:
    if "unevaluatedItems" in schema or isinstance(schema.get("items", []), (dict, bool)):
        return {*range(len(value))}
    evaluated = {*range(len(schema.get("prefixItems") or schema.get("items") or ()))}
    if "contains" in schema:
        evaluated |= {
            index for index, item in enumerate(value) if is_valid(item, schema["contains"])
        }
    return evaluated


def _applied_parts(
    value: Any, schema: Json, document: SchemaDocument, is_valid: IsValid
) -> Iterator[Any]:
    """Yield the subschemas that apply to the value itself, and that it fits."""
    if "$ref" in schema:
        yield document.resolve(schema["$ref"])
    yield from schema.get("allOf", ())
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if is_valid(value, part):
            yield part
    if "if" in schema:
        if is_valid(value, schema["if"]):
            yield from (schema["if"], schema.get("then", True))
        else:
            yield schema.get("else", True)
    if isinstance(value, dict):
        yield from (part for name, part in dependents_of(schema)[0].items() if name in value)
