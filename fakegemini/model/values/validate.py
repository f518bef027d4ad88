"""Check a value against a schema: the last word on everything that `fit` makes.

It is a validator of our own because the model must not depend on a compiled one, and because the
API's schemas have `nullable` and upper-case types.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ...wire.http import Json
from .evaluated import unevaluated_parts
from .formats import has_format
from .json_schema import SchemaDocument, dependents_of, type_names
from .schema_patterns import matches_pattern

_Visits = frozenset[tuple[str, int]]


def is_valid(
    value: Any, schema: Any, document: SchemaDocument, visits: _Visits = frozenset()
) -> bool:
    """Return whether a value satisfies a schema; keywords that are not JSON Schema's are ignored.

    `visits` are the references followed on the way here, each with the id of its value. Raises
    `StepLimitReached` when the document has no steps left.
    """
    document.count_steps()
    if not isinstance(schema, dict):
        return schema is not False
    if value is None and schema.get("nullable") is True:
        return True
    if "$ref" in schema:
        visit = (str(schema["$ref"]), id(value))
        # A reference that leads back to itself with the same value decides nothing.
        if visit in visits or not is_valid(
            value, document.resolve(schema["$ref"]), document, visits | {visit}
        ):
            return False
    types_of_schema = type_names(schema)
    if types_of_schema and not any(_has_type(value, name) for name in types_of_schema):
        return False
    if "const" in schema and not is_equal_json(value, schema["const"]):
        return False
    if "enum" in schema and not any(is_equal_json(value, item) for item in schema["enum"]):
        return False
    return (
        _satisfies_keywords(value, schema, document)
        and _satisfies_combinations(value, schema, document, visits)
        and all(
            is_valid(part, part_schema, document)
            for part, part_schema in unevaluated_parts(
                value, schema, document, lambda part, inner: is_valid(part, inner, document)
            )
        )
    )


def _has_type(value: Any, name: str) -> bool:
    if name in ("integer", "number"):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and (name == "number" or value == int(value))
    kinds: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool}
    return isinstance(value, kinds.get(name, type(None)))


def is_equal_json(first: Any, second: Any) -> bool:
    """Return whether two values are the same JSON: 1 is 1.0, true is not 1."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(is_equal_json, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(
            is_equal_json(first[key], second[key]) for key in first
        )
    return bool(first == second)


def _satisfies_combinations(
    value: Any, schema: Json, document: SchemaDocument, visits: _Visits
) -> bool:
    def satisfies(part: Any) -> bool:
        return is_valid(value, part, document, visits)

    if not all(satisfies(part) for part in schema.get("allOf", ())):
        return False
    if "anyOf" in schema and not any(satisfies(part) for part in schema["anyOf"]):
        return False
    if "oneOf" in schema and sum(satisfies(part) for part in schema["oneOf"]) != 1:
        return False
    if "not" in schema and satisfies(schema["not"]):
        return False
    return "if" not in schema or satisfies(
        schema.get("then" if satisfies(schema["if"]) else "else", True)
    )


def _satisfies_keywords(value: Any, schema: Json, document: SchemaDocument) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, str):
        return _is_valid_string(value, schema)
    if isinstance(value, (int, float)):
        return _is_valid_number(value, schema)
    if isinstance(value, list):
        return _is_valid_array(value, schema, document)
    return not isinstance(value, dict) or _is_valid_object(value, schema, document)


def _has_size(size: int, schema: Json, unit: str) -> bool:
    return bool(schema.get(f"min{unit}", 0) <= size <= schema.get(f"max{unit}", size))


def _is_valid_string(value: str, schema: Json) -> bool:
    size_fits = _has_size(len(value), schema, "Length")
    return (
        size_fits
        and matches_pattern(schema.get("pattern"), value)
        and has_format(value, schema.get("format"))
    )


def _is_valid_number(value: float, schema: Json) -> bool:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is True or above is False:
        above = low if above else None
    if below is True or below is False:
        below = high if below else None
    if (low is not None and value < low) or (high is not None and value > high):
        return False
    if (above is not None and value <= above) or (below is not None and value >= below):
        return False
    step = schema.get("multipleOf")
    if not step:
        return True
    # Validators divide either as floats or as decimals; a value must please both.
    quotient = value / step if isinstance(step, float) else value % step
    is_multiple = quotient == int(quotient) if isinstance(step, float) else quotient == 0
    return bool(is_multiple) and Decimal(repr(value)) % Decimal(repr(step)) == 0


def _is_valid_array(value: list[Any], schema: Json, document: SchemaDocument) -> bool:
    if not _has_size(len(value), schema, "Items"):
        return False
    if schema.get("uniqueItems") is True:
        document.count_steps(len(value))
        if any(
            is_equal_json(item, earlier_item)
            for index, item in enumerate(value)
            for earlier_item in value[:index]
        ):
            return False
    prefix_schemas, rest_schema = item_schemas(schema)
    if not all(
        is_valid(item, part, document) for item, part in zip(value, prefix_schemas, strict=False)
    ):
        return False
    if not all(is_valid(item, rest_schema, document) for item in value[len(prefix_schemas) :]):
        return False
    if "contains" not in schema:
        return True
    hits = sum(is_valid(item, schema["contains"], document) for item in value)
    return bool(schema.get("minContains", 1) <= hits <= schema.get("maxContains", hits))


def item_schemas(schema: Json) -> tuple[list[Any], Any]:
    """Return the schemas of the first items, and the one of all others."""
    items = schema.get("items", True)
    if isinstance(items, list):
        return items, schema.get("additionalItems", True)
    return schema.get("prefixItems", []), items


def _is_valid_object(value: Json, schema: Json, document: SchemaDocument) -> bool:
    if not _has_size(len(value), schema, "Properties"):
        return False
    if any(name not in value for name in schema.get("required", ())):
        return False
    parts, dependents = dependents_of(schema)
    for name, needed_names in dependents.items():
        if name in value and any(needed_name not in value for needed_name in needed_names):
            return False
    for name, part in parts.items():
        if name in value and not is_valid(value, part, document):
            return False
    names = schema.get("propertyNames", True)
    return all(
        is_valid(name, names, document)
        and all(is_valid(item, part, document) for part in member_schemas(schema, name))
        for name, item in value.items()
    )


def member_schemas(schema: Json, name: str) -> list[Any]:
    """Return the schemas that a member of that name must satisfy."""
    properties = schema.get("properties", {})
    schemas = [properties[name]] if name in properties else []
    patterns = schema.get("patternProperties", {})
    schemas += [part for pattern, part in patterns.items() if matches_pattern(pattern, name)]
    return schemas or [schema.get("additionalProperties", True)]
