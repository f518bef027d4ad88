"""Whether a value satisfies a schema: the last word on everything `fit` makes.

A validator of our own because the model must not depend on a compiled one, and must understand
`nullable` and upper-case types. Formats are not checked here: `texts` makes them right.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ...wire.http import Json
from .formats import has_format
from .json_schema import Document, types

_Seen = frozenset[tuple[str, int]]

# These would make Python warn about set operations it may get one day: not tried at all.
_WARNS = re.compile(r"\[\^?\[|--|&&|~~|\|\|")


def holds(value: Any, schema: Any, document: Document, seen: _Seen = frozenset()) -> bool:
    """True if `value` satisfies `schema`; what the schema language does not define is ignored."""
    document.burn()
    if not isinstance(schema, dict):
        return schema is not False
    if value is None and schema.get("nullable") is True:
        return True
    if "$ref" in schema:
        step = (str(schema["$ref"]), id(value))
        # A reference that leads back to itself with the same value decides nothing.
        if step in seen or not holds(
            value, document.resolve(schema["$ref"]), document, seen | {step}
        ):
            return False
    named = types(schema)
    if named and not any(_is(value, name) for name in named):
        return False
    if "const" in schema and not same(value, schema["const"]):
        return False
    if "enum" in schema and not any(same(value, item) for item in schema["enum"]):
        return False
    return _own(value, schema, document) and _combined(value, schema, document, seen)


def _is(value: Any, name: str) -> bool:
    if name in ("integer", "number"):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and (name == "number" or value == int(value))
    kinds: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool}
    return isinstance(value, kinds.get(name, type(None)))


def same(left: Any, right: Any) -> bool:
    """Equality of JSON: 1 is 1.0, true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def _combined(value: Any, schema: Json, document: Document, seen: _Seen) -> bool:
    def ok(part: Any) -> bool:
        return holds(value, part, document, seen)

    if not all(ok(part) for part in schema.get("allOf", ())):
        return False
    if "anyOf" in schema and not any(ok(part) for part in schema["anyOf"]):
        return False
    if "oneOf" in schema and sum(ok(part) for part in schema["oneOf"]) != 1:
        return False
    if "not" in schema and ok(schema["not"]):
        return False
    return "if" not in schema or ok(schema.get("then" if ok(schema["if"]) else "else", True))


def _own(value: Any, schema: Json, document: Document) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, str):
        return _string(value, schema)
    if isinstance(value, (int, float)):
        return _number(value, schema)
    if isinstance(value, list):
        return _array(value, schema, document)
    return not isinstance(value, dict) or _object(value, schema, document)


def _sized(size: int, schema: Json, unit: str) -> bool:
    return bool(schema.get(f"min{unit}", 0) <= size <= schema.get(f"max{unit}", size))


def _string(value: str, schema: Json) -> bool:
    sized = _sized(len(value), schema, "Length")
    return (
        sized and matches(schema.get("pattern"), value) and has_format(value, schema.get("format"))
    )


def matches(pattern: Any, text: str) -> bool:
    """Whether the text has the pattern; patterns that Python cannot read have everything."""
    if not isinstance(pattern, str) or _WARNS.search(pattern):
        return True
    try:
        # ASCII as in ECMA 262, whose \w and \d know no other letters and digits.
        return re.search(pattern, text, re.ASCII) is not None
    except re.error:
        return True


def _number(value: float, schema: Json) -> bool:
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
    whole = quotient == int(quotient) if isinstance(step, float) else quotient == 0
    return bool(whole) and Decimal(repr(value)) % Decimal(repr(step)) == 0


def _array(value: list[Any], schema: Json, document: Document) -> bool:
    if not _sized(len(value), schema, "Items"):
        return False
    if schema.get("uniqueItems") is True:
        document.burn(len(value))
        if any(same(one, other) for at, one in enumerate(value) for other in value[:at]):
            return False
    first, rest = item_schemas(schema)
    if not all(holds(item, part, document) for item, part in zip(value, first, strict=False)):
        return False
    if not all(holds(item, rest, document) for item in value[len(first) :]):
        return False
    if "contains" not in schema:
        return True
    hits = sum(holds(item, schema["contains"], document) for item in value)
    return bool(schema.get("minContains", 1) <= hits <= schema.get("maxContains", hits))


def item_schemas(schema: Json) -> tuple[list[Any], Any]:
    """The schemas of the first items, and the one of all others."""
    items = schema.get("items", True)
    if isinstance(items, list):
        return items, schema.get("additionalItems", True)
    return schema.get("prefixItems", []), items


def _object(value: Json, schema: Json, document: Document) -> bool:
    if not _sized(len(value), schema, "Properties"):
        return False
    if any(name not in value for name in schema.get("required", ())):
        return False
    for name, needed in schema.get("dependentRequired", {}).items():
        if name in value and any(other not in value for other in needed):
            return False
    for name, part in schema.get("dependentSchemas", {}).items():
        if name in value and not holds(value, part, document):
            return False
    names = schema.get("propertyNames", True)
    return all(
        holds(name, names, document)
        and all(holds(item, part, document) for part in member_schemas(schema, name))
        for name, item in value.items()
    )


def member_schemas(schema: Json, name: str) -> list[Any]:
    """The schemas that a member of that name must satisfy."""
    properties = schema.get("properties", {})
    found = [properties[name]] if name in properties else []
    patterns = schema.get("patternProperties", {})
    found += [part for pattern, part in patterns.items() if matches(pattern, name)]
    return found or [schema.get("additionalProperties", True)]
