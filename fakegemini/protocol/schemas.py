"""The JSON Schemas of the wire: found, read, closed, compiled, each once.

A schema's name is its path under the folder, without `.json`: `interactions/step/thought`.

Each schema is read in one of two ways. *Open* is how a client should read: members nobody
declared pass, and so do values outside an enum that is marked `x-open`. *Closed* is how a test
should read: both are errors. The files say neither; `document` makes either of them from a file:

- closed adds `additionalProperties: false` to every object schema that has `properties`, unless
  it says something about other members itself, or leaves them to another schema (`$ref`, `allOf`,
  `if`). A dispatcher on `type` leaves them: only the schemas it leads to are closed, so nothing
  needs the slower `unevaluatedProperties`, and an unknown member is reported once, where it is.
  Conditions (`if`, `not`) stay as they are, for they must match objects with more members.
- open drops each `enum` that is marked `x-open`. A tag nobody knows then leads nowhere and passes.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..wire.http import Json

if TYPE_CHECKING:
    from jsonschema_rs import Registry, Validator

BASE_URL = "https://schemas.fakegemini.invalid/"
"""What every `$id` begins with; the name and `.json` follow."""


@cache
def folder() -> Path:
    """Where the schemas are: in the wheel inside the package, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_schemas"
    return inside if inside.is_dir() else package.parent / "schemas"


@cache
def schema_names(prefix: str = "") -> tuple[str, ...]:
    """The names of all schemas that begin with `prefix`, sorted."""
    schema_root = folder()
    paths = (path.relative_to(schema_root).as_posix() for path in schema_root.glob("*/**/*.json"))
    return tuple(sorted(path[:-5] for path in paths if path.startswith(prefix)))


def examples(name: str) -> list[Any]:
    """The examples that the schema gives, possibly none; raises `KeyError` for an unknown name."""
    values: list[Any] = _load_schema(name).get("examples", [])
    return values


def document(name: str, *, closed: bool) -> Json:
    """The schema, closed or open (see above); raises `KeyError` for an unknown name."""
    schema: Json = (_close_schema if closed else _open_schema)(_load_schema(name))
    return schema


def validator(name: str, *, closed: bool) -> Validator:
    """The compiled validator of a schema; raises `KeyError` for an unknown name."""
    return _compile(name, closed)


@cache
def _compile(name: str, closed: bool) -> Validator:
    from jsonschema_rs import Draft202012Validator

    _load_schema(name)
    return Draft202012Validator({"$ref": f"{BASE_URL}{name}.json"}, registry=_registry(closed))


def declared_members(location: str) -> tuple[str, ...]:
    """The members that the schema of a failed keyword declares.

    `location` is an error's `absolute_keyword_location`: an `$id`, `#` and a JSON pointer to the
    keyword.
    """
    return tuple(_declaring_schema(location).get("properties", ()))


def evidence(location: str) -> str:
    """How the schema behind an error's `absolute_keyword_location` is known: grade and source."""
    origin = _load_schema(_schema_name(location))["x-evidence"]
    return f"{origin['grade']}: {origin['source']}, {origin['as_of']}"


def is_open(location: str) -> bool:
    """Whether the API may add values to the enum behind an error's location."""
    return _declaring_schema(location).get("x-open") is True


def _schema_name(location: str) -> str:
    return location.partition("#")[0].removeprefix(BASE_URL).removesuffix(".json")


def _declaring_schema(location: str) -> Json:
    schema: Any = _load_schema(_schema_name(location))
    for part in location.partition("#")[2].split("/")[1:-1]:
        part = part.replace("~1", "/").replace("~0", "~")
        schema = schema[int(part)] if isinstance(schema, list) else schema[part]
    declaring: Json = schema
    return declaring


@cache
def _load_schema(name: str) -> Json:
    if name not in schema_names():
        raise KeyError(f"no schema is called {name!r}")
    schema: Json = json.loads((folder() / f"{name}.json").read_bytes())
    return schema


@cache
def _registry(closed: bool) -> Registry:
    from jsonschema_rs import Registry

    return Registry(
        [(f"{BASE_URL}{name}.json", document(name, closed=closed)) for name in schema_names()]
    )


_CONDITION_KEYWORDS = frozenset({"if", "not"})
_VALUE_KEYWORDS = frozenset({"const", "default", "enum", "examples", "x-evidence"})
_MAP_KEYWORDS = frozenset({"properties", "$defs", "dependentSchemas", "patternProperties"})
_OTHER_MEMBERS_KEYWORDS = frozenset({"additionalProperties", "$ref", "allOf", "if"})


def _close_schema(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return (
            [_close_schema(subschema) for subschema in schema]
            if isinstance(schema, list)
            else schema
        )
    closed_schema: Json = {}
    for keyword, value in schema.items():
        if keyword in _VALUE_KEYWORDS or keyword in _CONDITION_KEYWORDS:
            closed_schema[keyword] = value
        elif keyword in _MAP_KEYWORDS:
            closed_schema[keyword] = {
                key: _close_schema(subschema) for key, subschema in value.items()
            }
        else:
            closed_schema[keyword] = _close_schema(value)
    if "properties" in closed_schema and _OTHER_MEMBERS_KEYWORDS.isdisjoint(closed_schema):
        closed_schema["additionalProperties"] = False
    return closed_schema


def _open_schema(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return (
            [_open_schema(subschema) for subschema in schema]
            if isinstance(schema, list)
            else schema
        )
    open_schema: Json = {}
    for keyword, value in schema.items():
        if keyword == "enum" and schema.get("x-open") is True:
            continue
        if keyword in _VALUE_KEYWORDS:
            open_schema[keyword] = value
        elif keyword in _MAP_KEYWORDS:
            open_schema[keyword] = {
                key: _open_schema(subschema) for key, subschema in value.items()
            }
        else:
            open_schema[keyword] = _open_schema(value)
    return open_schema
