"""From a schema file to a strategy of its values: all its members, and no others.

Reads the files as they are, so a new type is a new file and no change here. Understands what the
files use: tags (`if` a tag, `then` a file), `$ref` beside other keywords, lists of types.
"""

from __future__ import annotations

import posixpath
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..protocol.schemas import document, examples
from ..wire.http import Json
from . import draw_values

_MOST = 3
_BY_NAME: dict[str, SearchStrategy[Any]] = {
    "id": draw_values.words(),
    "call_id": draw_values.words(),
    "signature": draw_values.signatures(),
    "url": draw_values.urls(),
    "uri": draw_values.urls(),
    "parameters": draw_values.json_schemas(),
    "schema": draw_values.json_schemas(),
}
"""Members of which more is known than their type."""


@cache
def of(name: str) -> SearchStrategy[Any]:
    """The values of the schema of that name; raises `KeyError` for an unknown name."""
    return values_of(_loaded(name))


@cache
def of_both(name: str, other: str) -> SearchStrategy[Any]:
    """The values of an object schema whose members suit another one as well, where it has them."""
    wanted = _merged(_loaded(name))
    also = _merged(_loaded(other))["properties"]
    shared = {member: schema for member, schema in also.items() if member in wanted["properties"]}
    return values_of(_merged(wanted, {"properties": shared}))


@cache
def shown_or_made(name: str) -> SearchStrategy[Any]:
    """The values of a schema, and its own examples among them."""
    made, shown = of(name), examples(name)
    return made | st.sampled_from(shown).map(deepcopy) if shown else made


@cache
def members(name: str) -> dict[str, SearchStrategy[Any]]:
    """What each member of an object schema may be, by its name."""
    properties = _merged(_loaded(name))["properties"]
    return {member: values_of(schema, member) for member, schema in properties.items()}


@cache
def by_tag(name: str) -> dict[str, SearchStrategy[Any]]:
    """The values of a schema that a `type` tells apart, by that type; empty for those without."""
    each = _alternatives(_merged(_loaded(name)))
    tags = [one.get("properties", {}).get("type") or {} for one in each]
    return {tag.get("const", ""): _plain(one, "") for tag, one in zip(tags, each, strict=True)}


def values_of(schema: Json, member: str = "") -> SearchStrategy[Any]:
    """The values of a schema that stands under this member's name."""
    return st.one_of([_plain(each, member) for each in _alternatives(_merged(schema))])


@cache
def _loaded(name: str) -> Json:
    made: Json = _absolute(document(name, closed=True), name)
    return made


def _absolute(schema: Any, name: str) -> Any:
    if isinstance(schema, list):
        return [_absolute(item, name) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _absolute(value, name) for key, value in schema.items() if key != "examples"}
    if isinstance(schema.get("$ref"), str):
        path, _, pointer = schema["$ref"].partition("#")
        home = posixpath.normpath(posixpath.join(posixpath.dirname(name), path[:-5]))
        made["$ref"] = f"{home if path else name}#{pointer}"
    return made


def _target(ref: str) -> Json:
    name, _, pointer = ref.partition("#")
    schema = _loaded(name)
    for part in filter(None, pointer.split("/")):
        schema = schema[part]
    return schema


def _merged(*schemas: Any) -> Json:
    """One schema that asks what all of these ask; references followed, conditions in `allOf`."""
    made: Json = {}
    for schema in schemas:
        if schema is True:
            continue
        if "$ref" in schema:
            beside = {key: value for key, value in schema.items() if key not in ("$ref", "$defs")}
            schema = _merged(_target(schema["$ref"]), beside)
        for key, value in schema.items():
            _add(made, key, value)
        if "if" in made:
            _add(made, "allOf", [{"if": made.pop("if"), "then": made.pop("then")}])
    return made


def _add(made: Json, key: str, value: Any) -> None:
    before = made.get(key)
    if key == "properties":
        members = dict(before or {})
        for name, schema in value.items():
            refused = schema is False or members.get(name) is False
            members[name] = False if refused else _merged(members.get(name, True), schema)
        made[key] = members
    elif key == "required":
        made[key] = list(dict.fromkeys([*(before or ()), *value]))
    elif key == "allOf":
        made[key] = [*(before or ()), *value]
    elif key == "type" and before is not None:
        both = [name for name in _listed(before) if name in _listed(value)]
        made[key] = both[0] if len(both) == 1 else both
    elif key != "additionalProperties" or value is not False:
        made[key] = value


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _alternatives(schema: Json) -> list[Json]:
    """The schemas without conditions and with one type each that make up this one."""
    conditions = schema.get("allOf", ())
    bare = {key: value for key, value in schema.items() if key != "allOf"}
    if "type" not in bare:
        return [bare]
    made: list[Json] = []
    for kind in _listed(bare["type"]):
        base = {**bare, "type": kind}
        meant = [one for one in conditions if one["if"].get("type", kind) == kind]
        tagged = [one for one in meant if "properties" in one["if"] or "not" in one["if"]]
        always = _merged(base, *(one["then"] for one in meant if one not in tagged))
        if tagged:
            made += [each for one in _tagged(always, tagged) for each in _alternatives(one)]
        elif "allOf" in always:
            made += _alternatives(always)
        else:
            made.append(always)
    return made


def _tagged(base: Json, conditions: list[Json]) -> list[Json]:
    made, known, tag = [], [], "type"
    for condition in conditions:
        when, then = condition["if"], condition["then"]
        if "properties" in when:
            ((tag, wanted),) = when["properties"].items()
            known.append(wanted["const"])
            made.append(_merged(base, then, _with(tag, wanted["const"])))
        else:
            made.append(_merged(base, then, {"properties": {when["not"]["required"][0]: False}}))
    free = base.get("properties", {}).get(tag, {}).get("enum", ())
    return [*made, *(_merged(base, _with(tag, name)) for name in free if name not in known)]


def _with(tag: str, value: str) -> Json:
    return {"properties": {tag: {"const": value}}, "required": [tag]}


def _plain(schema: Json, member: str) -> SearchStrategy[Any]:
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if member in _BY_NAME and (kind == "string" or "properties" not in schema):
        return _BY_NAME[member]
    match kind:
        case "object":
            return _object(schema)
        case "array":
            return st.lists(values_of(schema.get("items", {})), max_size=_MOST)
        case "string":
            return _text(schema)
        case "integer":
            return draw_values.counts(schema.get("minimum", 0))
        case "number":
            return draw_values.numbers()
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return draw_values.anything()


def _text(schema: Json) -> SearchStrategy[str]:
    if schema.get("format") == "date-time":
        return draw_values.times()
    if schema.get("contentEncoding") == "base64":
        return draw_values.base64s()
    if "pattern" in schema:
        pattern: str = schema["pattern"]
        return st.from_regex(pattern, fullmatch=True)
    return draw_values.texts()


def _object(schema: Json) -> SearchStrategy[Json]:
    needed = schema.get("required", ())
    named = {name: one for name, one in schema.get("properties", {}).items() if one is not False}
    more = schema.get("additionalProperties")
    if not named:
        if not isinstance(more, dict):
            return draw_values.objects() if more else st.just({}).map(dict)
        return st.dictionaries(draw_values.words(), values_of(more), max_size=_MOST)
    each = {name: values_of(one, name) for name, one in named.items()}
    return st.fixed_dictionaries(
        {name: each[name] for name in needed},
        optional={name: one for name, one in each.items() if name not in needed},
    )
