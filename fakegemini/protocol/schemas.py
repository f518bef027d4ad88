"""Find, read and compile the JSON Schemas of the wire, each once.

A schema's name is its path under the folder, without `.json`: `interactions/step/thought`.

Each schema has two readings. *Open* is how a client should read: undeclared members pass, and so do
values outside an enum that the API may extend. *Closed* is how a test should read: both are errors.
The files are neutral; `document` makes either reading of a file:

- closed adds `additionalProperties: false` to every object schema that has `properties`, unless
  it says something about other members itself, or leaves them to another schema (`$ref`, `allOf`,
  `if`). A dispatcher on `type` leaves them: only the schemas it leads to are closed, so nothing
  needs the slower `unevaluatedProperties`, and an unknown member is reported once, where it is.
  Conditions (`if`, `not`) stay as they are, because they must match objects with more members.
- open drops each `enum` whose `$comment` says that the API may add values. An unknown tag then
  leads nowhere and passes.

A `$comment` says what a file rests on, too: `evidence C as of 2026-10: recorded replies`. Both are
in comments because strict validators, such as ajv with its defaults, refuse keywords of one's own.
"""

from __future__ import annotations

import json
import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..wire.http import Json

if TYPE_CHECKING:
    from jsonschema_rs import Validator

OPEN_ENUM = "the API may add values"
"""How the `$comment` beside an enum ends that the API may extend."""

_EVIDENCE = re.compile(r"evidence ([CLIDS]) as of (\d{4}-\d{2}): (.+)", re.DOTALL)

_NAME = re.compile(r"[a-z0-9_]+(?:[./][a-z0-9_]+)+")
"""What a name is made of: nothing that leads out of the folder, or that a file system folds."""

BASE_URL = "https://schemas.fakegemini.invalid/"
"""The beginning of every `$id`; the name and `.json` follow."""


@cache
def folder() -> Path:
    """Return the folder of the schemas: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_schemas"
    return inside if inside.is_dir() else package.parent / "schemas"


@cache
def schema_names(prefix: str = "") -> tuple[str, ...]:
    """Return the names of all schemas that begin with `prefix`, sorted."""
    return tuple(name for name in _all_names() if name.startswith(prefix))


@cache
def _all_names() -> tuple[str, ...]:
    root = folder()
    start = len(root.as_posix()) + 1
    return tuple(sorted(path.as_posix()[start:-5] for path in root.glob("*/**/*.json")))


@cache
def all_text() -> str:
    """Return the source of all schemas: every word that the API has."""
    return "\n".join(path.read_text("utf-8") for path in sorted(folder().glob("*/**/*.json")))


def examples(name: str) -> list[Any]:
    """Return the examples of a schema, maybe none; raises `KeyError` for an unknown name."""
    values: list[Any] = load_schema(name).get("examples", [])
    return values


def document(name: str, *, closed: bool) -> Json:
    """Return a schema in its closed or open reading; raises `KeyError` for an unknown name."""
    schema: Json = _read_schema(load_schema(name), closed)
    return schema


def validator(name: str, *, closed: bool) -> Validator:
    """Return the compiled validator of a schema; raises `KeyError` for an unknown name."""
    return _compile(name, closed)


@cache
def _compile(name: str, closed: bool) -> Validator:
    from jsonschema_rs import Draft202012Validator

    load_schema(name)  # an unknown name is told apart from a reference that leads nowhere
    reading = partial(_find_reading, closed)
    return Draft202012Validator({"$ref": f"{BASE_URL}{name}.json"}, retriever=reading)


def declared_members(location: str) -> tuple[str, ...]:
    """Return the members that the schema of a failed keyword declares.

    `location` is an error's `absolute_keyword_location`: an `$id`, `#` and a JSON pointer to the
    keyword.
    """
    return tuple(_declaring_schema(location).get("properties", ()))


def evidence(location: str) -> str:
    """Say how the schema at an error's location is known: grade, source and date."""
    grade, as_of, source = read_evidence(load_schema(_schema_name(location)))
    return f"{grade}: {source}, {as_of}"


def read_evidence(schema: Json) -> tuple[str, str, str]:
    """Read the grade, the month and the source of a file; raises `ValueError` if it says none."""
    comment = schema.get("$comment", "")
    match = _EVIDENCE.fullmatch(comment.removesuffix(f"; {OPEN_ENUM}"))
    if match is None:
        raise ValueError(f"no evidence: {comment!r}")
    return match[1], match[2], match[3]


def spell_evidence(grade: str, as_of: str, source: str) -> str:
    """Spell the `$comment` of a file."""
    return f"evidence {grade} as of {as_of}: {source}"


def is_open(location: str) -> bool:
    """Tell whether the API may add values to the enum at an error's location."""
    return has_open_enum(_declaring_schema(location))


def has_open_enum(schema: Json) -> bool:
    """Tell whether the API may add values to the enum of a schema."""
    comment: str = schema.get("$comment", "")
    return comment.endswith(OPEN_ENUM)


def _schema_name(location: str) -> str:
    return location.partition("#")[0].removeprefix(BASE_URL).removesuffix(".json")


def _declaring_schema(location: str) -> Json:
    schema: Any = load_schema(_schema_name(location))
    for part in location.partition("#")[2].split("/")[1:-1]:
        part = part.replace("~1", "/").replace("~0", "~")
        schema = schema[int(part)] if isinstance(schema, list) else schema[part]
    declaring: Json = schema
    return declaring


@cache
def load_schema(name: str) -> Json:
    """Return a schema as its file has it, not to be changed; raises `KeyError` for another name."""
    try:
        if not _NAME.fullmatch(name):
            raise FileNotFoundError
        text = (folder() / f"{name}.json").read_bytes()
    except OSError:
        raise KeyError(f"no schema is called {name!r}") from None
    schema: Json = json.loads(text)
    return schema


@cache
def _find_reading(closed: bool, address: str) -> Json:
    """Return the reading of the schema that a reference leads to, without what only people read."""
    reading = document(_schema_name(address), closed=closed)
    return {keyword: value for keyword, value in reading.items() if keyword not in _FOR_PEOPLE}


_FOR_PEOPLE = frozenset({"$comment", "title", "description", "examples"})
_CONDITION_KEYWORDS = frozenset({"if", "not"})
_VALUE_KEYWORDS = frozenset({"const", "default", "enum", "examples"})
_MAP_KEYWORDS = frozenset({"properties", "$defs", "dependentSchemas", "patternProperties"})
_OTHER_MEMBERS_KEYWORDS = frozenset({"additionalProperties", "$ref", "allOf", "if"})


def _read_schema(schema: Any, closed: bool) -> Any:
    """Return a schema, and all that it holds, in its closed or its open reading."""
    if isinstance(schema, list):
        return [_read_schema(subschema, closed) for subschema in schema]
    if not isinstance(schema, dict):
        return schema
    drops_enum = not closed and has_open_enum(schema)
    reading: Json = {
        keyword: _read_keyword(keyword, value, closed)
        for keyword, value in schema.items()
        if not (drops_enum and keyword == "enum")
    }
    if closed and "properties" in reading and _OTHER_MEMBERS_KEYWORDS.isdisjoint(reading):
        reading["additionalProperties"] = False
    return reading


def _read_keyword(keyword: str, value: Any, closed: bool) -> Any:
    if keyword in _VALUE_KEYWORDS or (closed and keyword in _CONDITION_KEYWORDS):
        return value
    if keyword in _MAP_KEYWORDS:
        return {name: _read_schema(subschema, closed) for name, subschema in value.items()}
    return _read_schema(value, closed)
