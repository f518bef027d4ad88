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

BASE = "https://schemas.fakegemini.invalid/"
"""What every `$id` begins with; the name and `.json` follow."""


@cache
def folder() -> Path:
    """Where the schemas are: in the wheel inside the package, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_schemas"
    return inside if inside.is_dir() else package.parent / "schemas"


@cache
def names(prefix: str = "") -> tuple[str, ...]:
    """The names of all schemas that begin with `prefix`, sorted."""
    root = folder()
    paths = (path.relative_to(root).as_posix() for path in root.rglob("*.json"))
    return tuple(sorted(path[:-5] for path in paths if path.startswith(prefix)))


def examples(name: str) -> list[Any]:
    """The examples that the schema gives, possibly none; raises `KeyError` for an unknown name."""
    shown: list[Any] = _file(name).get("examples", [])
    return shown


def document(name: str, *, closed: bool) -> Json:
    """The schema, closed or open (see above); raises `KeyError` for an unknown name."""
    made: Json = (_closed if closed else _opened)(_file(name))
    return made


def validator(name: str, *, closed: bool) -> Validator:
    """The compiled validator of a schema; raises `KeyError` for an unknown name."""
    return _compiled(name, closed)


@cache
def _compiled(name: str, closed: bool) -> Validator:
    from jsonschema_rs import Draft202012Validator

    _file(name)
    return Draft202012Validator({"$ref": f"{BASE}{name}.json"}, registry=_registry(closed))


def declared(location: str) -> tuple[str, ...]:
    """The members that the schema of a failed keyword declares.

    `location` is an error's `absolute_keyword_location`: an `$id`, `#` and a JSON pointer to the
    keyword.
    """
    return tuple(_holder(location).get("properties", ()))


def evidence(location: str) -> str:
    """How the schema behind an error's `absolute_keyword_location` is known: grade and source."""
    known = _file(_name_in(location))["x-evidence"]
    return f"{known['grade']}: {known['source']}, {known['as_of']}"


def is_open(location: str) -> bool:
    """Whether the API may add values to the enum behind an error's location."""
    return _holder(location).get("x-open") is True


def _name_in(location: str) -> str:
    return location.partition("#")[0].removeprefix(BASE).removesuffix(".json")


def _holder(location: str) -> Json:
    schema: Any = _file(_name_in(location))
    for part in location.partition("#")[2].split("/")[1:-1]:
        part = part.replace("~1", "/").replace("~0", "~")
        schema = schema[int(part)] if isinstance(schema, list) else schema[part]
    held: Json = schema
    return held


@cache
def _file(name: str) -> Json:
    if name not in names():
        raise KeyError(f"no schema is called {name!r}")
    loaded: Json = json.loads((folder() / f"{name}.json").read_bytes())
    return loaded


@cache
def _registry(closed: bool) -> Registry:
    from jsonschema_rs import Registry

    return Registry([(f"{BASE}{name}.json", document(name, closed=closed)) for name in names()])


_CONDITIONS = frozenset({"if", "not"})
_VALUES = frozenset({"const", "default", "enum", "examples", "x-evidence"})
_MAPS = frozenset({"properties", "$defs", "dependentSchemas", "patternProperties"})
_LEAVES_MEMBERS = frozenset({"additionalProperties", "$ref", "allOf", "if"})


def _closed(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return [_closed(item) for item in schema] if isinstance(schema, list) else schema
    made: Json = {}
    for keyword, value in schema.items():
        if keyword in _VALUES or keyword in _CONDITIONS:
            made[keyword] = value
        elif keyword in _MAPS:
            made[keyword] = {key: _closed(item) for key, item in value.items()}
        else:
            made[keyword] = _closed(value)
    if "properties" in made and _LEAVES_MEMBERS.isdisjoint(made):
        made["additionalProperties"] = False
    return made


def _opened(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return [_opened(item) for item in schema] if isinstance(schema, list) else schema
    made: Json = {}
    for keyword, value in schema.items():
        if keyword == "enum" and schema.get("x-open") is True:
            continue
        if keyword in _VALUES:
            made[keyword] = value
        elif keyword in _MAPS:
            made[keyword] = {key: _opened(item) for key, item in value.items()}
        else:
            made[keyword] = _opened(value)
    return made
