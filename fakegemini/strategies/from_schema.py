"""Turn a schema file into a strategy of its values: all its members, and no others.

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

_MAX_ITEMS = 3
_STRATEGY_BY_MEMBER: dict[str, SearchStrategy[Any]] = {
    "id": draw_values.short_names(),
    "call_id": draw_values.short_names(),
    "signature": draw_values.signatures(),
    "url": draw_values.urls(),
    "uri": draw_values.urls(),
    "parameters": draw_values.json_schemas(),
    "schema": draw_values.json_schemas(),
}
"""What to draw for members of which more is known than their type."""


@cache
def strategy_for(name: str) -> SearchStrategy[Any]:
    """Draw values of the schema of that name; raises `KeyError` for an unknown name."""
    return strategy_of(_load_schema(name))


@cache
def strategy_for_both(name: str, second_name: str) -> SearchStrategy[Any]:
    """Draw values of an object schema that fit another one in the members that both have."""
    first_schema = _merge_schemas(_load_schema(name))
    second_members = _merge_schemas(_load_schema(second_name))["properties"]
    shared_members = {
        member: schema
        for member, schema in second_members.items()
        if member in first_schema["properties"]
    }
    return strategy_of(_merge_schemas(first_schema, {"properties": shared_members}))


@cache
def strategy_with_examples(name: str) -> SearchStrategy[Any]:
    """Draw values of a schema, its own examples among them."""
    generated_values, own_examples = strategy_for(name), examples(name)
    return (
        generated_values | st.sampled_from(own_examples).map(deepcopy)
        if own_examples
        else generated_values
    )


@cache
def member_strategies(name: str) -> dict[str, SearchStrategy[Any]]:
    """Return the strategy of each member of an object schema, by its name."""
    properties = _merge_schemas(_load_schema(name))["properties"]
    return {member: strategy_of(schema, member) for member, schema in properties.items()}


@cache
def strategies_by_tag(name: str) -> dict[str, SearchStrategy[Any]]:
    """Return a strategy for each `type` of a schema; the key is empty for values without one."""
    alternatives = _alternatives(_merge_schemas(_load_schema(name)))
    tags = [alternative.get("properties", {}).get("type") or {} for alternative in alternatives]
    return {
        tag.get("const", ""): _plain_strategy(alternative, "")
        for tag, alternative in zip(tags, alternatives, strict=True)
    }


def strategy_of(schema: Json, member: str = "") -> SearchStrategy[Any]:
    """Draw values of a schema; the `member` under which it stands may say more than its type."""
    return st.one_of(
        [
            _plain_strategy(alternative, member)
            for alternative in _alternatives(_merge_schemas(schema))
        ]
    )


@cache
def _load_schema(name: str) -> Json:
    schema: Json = _with_absolute_refs(document(name, closed=True), name)
    return schema


def _with_absolute_refs(schema: Any, name: str) -> Any:
    """Copy a schema with each `$ref` as a schema's name and a pointer, and without examples."""
    if isinstance(schema, list):
        return [_with_absolute_refs(part, name) for part in schema]
    if not isinstance(schema, dict):
        return schema
    absolute_schema = {
        key: _with_absolute_refs(value, name) for key, value in schema.items() if key != "examples"
    }
    if isinstance(schema.get("$ref"), str):
        path, _, pointer = schema["$ref"].partition("#")
        target_name = posixpath.normpath(posixpath.join(posixpath.dirname(name), path[:-5]))
        absolute_schema["$ref"] = f"{target_name if path else name}#{pointer}"
    return absolute_schema


def _resolve_ref(ref: str) -> Json:
    """Return the schema that an absolute `$ref` points to."""
    name, _, pointer = ref.partition("#")
    schema = _load_schema(name)
    for part in filter(None, pointer.split("/")):
        schema = schema[part]
    return schema


def _merge_schemas(*schemas: Any) -> Json:
    """Merge schemas into one that demands what all demand.

    References are replaced by what they point to; conditions go into `allOf`.
    """
    merged_schema: Json = {}
    for schema in schemas:
        if schema is True:
            continue
        if "$ref" in schema:
            sibling_keywords = {
                key: value for key, value in schema.items() if key not in ("$ref", "$defs")
            }
            schema = _merge_schemas(_resolve_ref(schema["$ref"]), sibling_keywords)
        for key, value in schema.items():
            _add_keyword(merged_schema, key, value)
        if "if" in merged_schema:
            _add_keyword(
                merged_schema,
                "allOf",
                [{"if": merged_schema.pop("if"), "then": merged_schema.pop("then")}],
            )
    return merged_schema


def _add_keyword(merged_schema: Json, key: str, value: Any) -> None:
    """Add a keyword to a schema so that what it demanded before still holds."""
    old_value = merged_schema.get(key)
    if key == "properties":
        members = dict(old_value or {})
        for name, schema in value.items():
            is_refused = schema is False or members.get(name) is False
            members[name] = False if is_refused else _merge_schemas(members.get(name, True), schema)
        merged_schema[key] = members
    elif key == "required":
        merged_schema[key] = list(dict.fromkeys([*(old_value or ()), *value]))
    elif key == "allOf":
        merged_schema[key] = [*(old_value or ()), *value]
    elif key == "type" and old_value is not None:
        common_types = [name for name in _as_list(old_value) if name in _as_list(value)]
        merged_schema[key] = common_types[0] if len(common_types) == 1 else common_types
    elif key != "additionalProperties" or value is not False:
        merged_schema[key] = value


def _as_list(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _alternatives(schema: Json) -> list[Json]:
    """Split a schema into schemas without conditions and with one type each."""
    conditions = schema.get("allOf", ())
    unconditional = {key: value for key, value in schema.items() if key != "allOf"}
    if "type" not in unconditional:
        return [unconditional]
    alternatives: list[Json] = []
    for kind in _as_list(unconditional["type"]):
        typed_schema = {**unconditional, "type": kind}
        matching_conditions = [
            condition for condition in conditions if condition["if"].get("type", kind) == kind
        ]
        tag_conditions = [
            condition
            for condition in matching_conditions
            if "properties" in condition["if"] or "not" in condition["if"]
        ]
        base_schema = _merge_schemas(
            typed_schema,
            *(
                condition["then"]
                for condition in matching_conditions
                if condition not in tag_conditions
            ),
        )
        if tag_conditions:
            alternatives += [
                alternative
                for variant in _split_by_tag(base_schema, tag_conditions)
                for alternative in _alternatives(variant)
            ]
        elif "allOf" in base_schema:
            alternatives += _alternatives(base_schema)
        else:
            alternatives.append(base_schema)
    return alternatives


def _split_by_tag(base: Json, conditions: list[Json]) -> list[Json]:
    """Return a schema for each value of the tag, and one without it where that may be missing."""
    variants, known_values, tag = [], [], "type"
    for condition in conditions:
        if_schema, then_schema = condition["if"], condition["then"]
        if "properties" in if_schema:
            ((tag, tag_schema),) = if_schema["properties"].items()
            known_values.append(tag_schema["const"])
            variants.append(
                _merge_schemas(base, then_schema, _require_tag(tag, tag_schema["const"]))
            )
        else:
            variants.append(
                _merge_schemas(
                    base, then_schema, {"properties": {if_schema["not"]["required"][0]: False}}
                )
            )
    enum_values = base.get("properties", {}).get(tag, {}).get("enum", ())
    return [
        *variants,
        *(
            _merge_schemas(base, _require_tag(tag, name))
            for name in enum_values
            if name not in known_values
        ),
    ]


def _require_tag(tag: str, value: str) -> Json:
    return {"properties": {tag: {"const": value}}, "required": [tag]}


def _plain_strategy(schema: Json, member: str) -> SearchStrategy[Any]:
    """Draw values of a schema that has no conditions and one type."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if member in _STRATEGY_BY_MEMBER and (kind == "string" or "properties" not in schema):
        return _STRATEGY_BY_MEMBER[member]
    match kind:
        case "object":
            return _object_strategy(schema)
        case "array":
            return st.lists(strategy_of(schema.get("items", {})), max_size=_MAX_ITEMS)
        case "string":
            return _string_strategy(schema)
        case "integer":
            return draw_values.counts(schema.get("minimum", 0))
        case "number":
            return draw_values.numbers()
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return draw_values.json_values()


def _string_strategy(schema: Json) -> SearchStrategy[str]:
    if schema.get("format") == "date-time":
        return draw_values.times()
    if schema.get("contentEncoding") == "base64":
        return draw_values.base64s()
    if "pattern" in schema:
        pattern: str = schema["pattern"]
        return st.from_regex(pattern, fullmatch=True)
    return draw_values.texts()


def _object_strategy(schema: Json) -> SearchStrategy[Json]:
    required_names = schema.get("required", ())
    member_schemas = {
        name: member_schema
        for name, member_schema in schema.get("properties", {}).items()
        if member_schema is not False
    }
    extra_schema = schema.get("additionalProperties")
    if not member_schemas:
        if not isinstance(extra_schema, dict):
            return draw_values.json_objects() if extra_schema else st.just({}).map(dict)
        return st.dictionaries(
            draw_values.short_names(), strategy_of(extra_schema), max_size=_MAX_ITEMS
        )
    strategies = {
        name: strategy_of(member_schema, name) for name, member_schema in member_schemas.items()
    }
    return st.fixed_dictionaries(
        {name: strategies[name] for name in required_names},
        optional={
            name: strategy for name, strategy in strategies.items() if name not in required_names
        },
    )
