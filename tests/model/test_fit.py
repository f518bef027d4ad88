"""Values satisfy their schemas: python-jsonschema is the judge, Hypothesis asks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fakegemini.model.values.fit import fit
from fakegemini.model.values.json_schema import SchemaDocument, enum_words
from fakegemini.model.values.mentions import find_mentions
from fakegemini.model.values.prompt_values import PromptValues
from fakegemini.model.values.validate import is_equal_json, is_valid

PROMPTS = (
    "",
    "Add 2 and -3.5 on 2026-03-05 for Ada in Oslo",
    'Say "hi" to a@example.com, twice, at 9:30',
    "東京の天気と 🐶",
)


def fitted(schema: Any, prompt: str = "", *, thrifty: bool = False) -> Any:
    """The value that `fit` finds for a schema and a prompt."""
    found = find_mentions(prompt, enum_words(schema))
    return fit(schema, lambda: PromptValues(prompt, found), for_call=thrifty)[0]


def judge(schema: Any, value: Any) -> None:
    """Fail with the validator's own words where the value does not satisfy the schema."""
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    complaints = [error.message for error in validator.iter_errors(value)]
    assert not complaints, f"{value!r} against {schema!r}: {complaints}"


@st.composite
def _strings(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(st.integers(0, 40))
    sized = {"minLength": low, "maxLength": low + draw(st.integers(0, 30))}
    return {
        "type": "string",
        **draw(
            st.sampled_from(
                [
                    {},
                    {"format": "date-time"},
                    {"format": "date"},
                    {"format": "time"},
                    {"format": "duration"},
                    {"format": "email"},
                    {"format": "hostname"},
                    {"format": "ipv4"},
                    {"format": "ipv6"},
                    {"format": "uri"},
                    {"format": "uuid"},
                    {"format": "json-pointer"},
                    {"format": "regex"},
                    {"pattern": "^[a-z]{2,5}$"},
                    {"pattern": r"^\d{3}-\d{4}$"},
                    {"pattern": r"^(red|green|blue)(-\w+)?$"},
                    {"pattern": r"^#[0-9a-fA-F]{6}$"},
                    {"pattern": r"^[A-Z][a-z]+( [A-Z][a-z]+)*$"},
                    {"pattern": r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$"},
                    {"pattern": "b.?c"},
                    {"pattern": r"^(?!x)\w+$", "minLength": 3},
                    {"pattern": "^a+$", "minLength": 5, "maxLength": 9},
                    {"enum": ["red", "green", "blue"]},
                    {"const": "only"},
                    {"default": "usual"},
                    sized,
                ]
            )
        ),
    }


@st.composite
def _numbers(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(st.integers(-50, 50))
    high = low + draw(st.integers(3, 100))
    either = [
        {},
        {"minimum": low},
        {"maximum": high},
        {"minimum": low, "maximum": high},
        {"exclusiveMinimum": low, "exclusiveMaximum": high},
        {"multipleOf": 3, "minimum": low, "maximum": high},
        {"exclusiveMinimum": 0, "multipleOf": 5},
        {"enum": [3, 5, 8]},
    ]
    fractions = [
        {"minimum": 0.1, "maximum": 0.2},
        {"exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2},
        {"multipleOf": 0.25, "minimum": low},
        {"multipleOf": 0.01, "minimum": low, "maximum": high},
    ]
    kind = draw(st.sampled_from(["integer", "number"]))
    return {"type": kind, **draw(st.sampled_from(either + fractions * (kind == "number")))}


_leaves = st.one_of(
    _strings(),
    _numbers(),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.just({"type": ["null", "string"]}),
    st.just({}),
    st.just(True),
    st.just({"enum": [None, 1, "one", {"a": [1]}]}),
    st.just({"const": {"a": [True, None]}}),
)
_names = st.sampled_from(
    ["name", "location", "count", "date", "tags", "from", "to", "email", "isOpen", "größe", "a/b~c"]
)


@st.composite
def _objects(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(_names, inner, max_size=4))
    required = draw(st.lists(st.sampled_from([*properties, "extra"]), unique=True, max_size=3))
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(st.sampled_from([True, {"type": "integer"}]))
    elif "extra" not in required:
        schema["additionalProperties"] = False
    elif draw(st.booleans()):
        schema["minProperties"] = len(properties) + 2
    return schema


@st.composite
def _arrays(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    low = draw(st.integers(0, 3))
    schema: dict[str, Any] = {"type": "array", "items": draw(inner), "minItems": low}
    if draw(st.booleans()):
        schema["maxItems"] = low + draw(st.integers(0, 2))
    if draw(st.booleans()):
        schema["prefixItems"] = [draw(inner)]
    return schema


def _combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branches = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        _objects(inner),
        _arrays(inner),
        branches.map(lambda parts: {"anyOf": parts}),
        inner.map(lambda part: {"oneOf": [part, False]}),
        inner.map(lambda part: {"allOf": [part, {"description": "more"}]}),
        st.lists(_objects(_leaves), min_size=1, max_size=1).map(
            lambda parts: (
                {"allOf": [*parts, {"required": ["also"]}]}
                if parts[0].get("additionalProperties") is not False
                else {"allOf": parts}
            )
        ),
    )


schemas = st.recursive(_leaves, _combined, max_leaves=8)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=schemas, prompt=st.sampled_from(PROMPTS), thrifty=st.booleans())
def test_every_value_satisfies_its_schema(schema: Any, prompt: str, thrifty: bool) -> None:
    """Whatever the schema and the prompt, an independent validator accepts the value."""
    judge(schema, fitted(schema, prompt, thrifty=thrifty))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=schemas, prompt=st.sampled_from(PROMPTS))
def test_the_same_question_gets_the_same_value(schema: Any, prompt: str) -> None:
    """Nothing but schema and prompt decides."""
    assert fitted(schema, prompt) == fitted(schema, prompt)


_junk = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["string", "#", "^(", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "type properties items required enum const anyOf oneOf allOf not if then else $ref"
                " pattern format minimum maximum multipleOf minItems maxItems minLength uniqueItems"
                " additionalProperties prefixItems contains default examples nullable".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=_junk)
def test_no_schema_is_too_broken(schema: Any) -> None:
    """What is no schema, or one that nothing satisfies, still ends in a JSON value."""
    json.dumps(fitted(schema, "Add 2 and 3"))


TREE = {
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            },
            "required": ["name", "children"],
            "additionalProperties": False,
        }
    },
    "$ref": "#/$defs/Node",
}
LINKED = {
    "type": "object",
    "properties": {
        "value": {"type": "integer"},
        "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    },
    "required": ["value", "next"],
}
EXPRESSION = {
    "$defs": {
        "expr": {"oneOf": [{"$ref": "#/$defs/sum"}, {"type": "number"}]},
        "sum": {
            "type": "object",
            "properties": {"left": {"$ref": "#/$defs/expr"}, "right": {"$ref": "#/$defs/expr"}},
            "required": ["left", "right"],
        },
    },
    "$ref": "#/$defs/expr",
}


@pytest.mark.parametrize(
    "schema",
    [
        TREE,
        LINKED,
        EXPRESSION,
        {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 5},
        {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
        {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
        {"type": "array", "contains": {"const": 7}, "minItems": 3},
        {"type": "array", "contains": {"type": "integer"}, "minContains": 2, "maxItems": 2},
        {"type": "array", "items": {"format": "email", "type": "string"}, "minItems": 30},
        {"oneOf": [{"type": "integer"}, {"type": "integer", "minimum": 0}]},
        {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "string", "minLength": 3}]},
        {"not": {"type": "string"}, "type": ["string", "integer"]},
        {"type": "integer", "not": {"const": 1}},
        {"type": "string", "not": {"enum": ["text"]}},
        {"allOf": [{"minimum": 3}, {"maximum": 4}], "type": "number", "multipleOf": 0.7},
        {"allOf": [{"properties": {"a": {"minimum": 5}}}, {"properties": {"a": {"maximum": 6}}}]},
        {"type": "object", "properties": {"a": True}, "dependentRequired": {"a": ["b"]}},
        {
            "type": "object",
            "properties": {"kind": {"enum": ["a", "b"]}},
            "required": ["kind"],
            "if": {"properties": {"kind": {"const": "a"}}},
            "then": {"required": ["only_a"]},
            "else": {"required": ["only_b"]},
        },
        {"type": "object", "patternProperties": {"^x-[a-z]+$": {"type": "integer"}}},
        {
            "type": "object",
            "propertyNames": {"pattern": "^k[0-9]$"},
            "additionalProperties": {"type": "integer"},
            "minProperties": 3,
        },
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
        {"type": "integer", "minimum": 10**20, "multipleOf": 7},
        {"type": "number", "multipleOf": 0.1, "minimum": 0.15, "maximum": 0.35},
        {"type": "string", "minLength": 500, "maxLength": 500},
        {"type": "string", "maxLength": 0},
        {"type": "string", "pattern": r"^(\d{1,3}\.){3}\d{1,3}$"},
        {"type": "string", "pattern": r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d@$!%*?&]{8,}$"},
        {"type": "string", "pattern": r"^(a|b)\1$"},
        {"type": "string", "pattern": r"(?=.*\d)^[a-z\d]{8,}$"},
        {"$ref": "#/definitions/A~1B", "definitions": {"A/B": {"type": "integer"}}},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"},
    ],
    ids=lambda schema: json.dumps(schema)[:50],
)
def test_hard_schemas(schema: Any) -> None:
    """Recursion, exclusions and tight bounds: there is a value, so it is found."""
    judge(schema, fitted(schema))
    judge(schema, fitted(schema, "Add 2 and 3 in Oslo", thrifty=True))


@pytest.mark.parametrize(
    "schema",
    [
        False,
        None,
        [],
        "string",
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
        {"$ref": "#"},
        {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"type": "object", "properties": {"self": {"$ref": "#"}}, "required": ["self"]},
        {"type": "array", "items": {"$ref": "#"}, "minItems": 3},
        {"type": "array", "minItems": 10**9},
        {"type": "string", "minLength": 10**9},
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": "(a{900}){900}"},
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "number", "multipleOf": 0},
        {"enum": []},
        {"type": "object", "properties": {"a": {"minimum": "low", "type": "integer"}}},
        {"type": "object", "minProperties": 10**9},
        {"not": {}},
    ],
    ids=repr,
)
def test_impossible_schemas_end(schema: Any) -> None:
    """No value satisfies these, or none of bearable size: a best effort comes, and soon."""
    json.dumps(fitted(schema))


def test_deep_nesting_ends() -> None:
    """A schema nested deeper than Python recurses does not break anything."""
    schema: Any = {"type": "integer"}
    for _ in range(3000):
        schema = {"type": "array", "items": schema, "minItems": 1}
    fitted(schema)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}}, {"n": 1}),
        ({"type": "STRING", "enum": ["x"]}, "x"),
        ({"type": "integer", "nullable": True}, 1),
        ({"type": "string", "pattern": r"^\p{Lu}\d{2}$"}, "A16"),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 2),
        ({"type": "array", "items": [{"const": 1}, {"const": 2}]}, [1, 2]),
    ],
)
def test_dialects(schema: Any, value: Any) -> None:
    """Upper-case types, `nullable`, draft-4 bounds and tuples, which the judge cannot read."""
    got = fitted(schema)
    assert (got[:2] if isinstance(got, list) else got) == value


def test_recursion_is_shown_once_in_answers() -> None:
    """A tree has a child, so that a tester sees the nesting, and the child has none."""
    value = fitted(TREE)
    assert value["children"]
    assert value["children"][0]["children"] == []


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [(1, 1.0, True), (True, 1, False), ([1], [1.0], True), ({"a": None}, {"a": None}, True)],
)
def test_json_equality(left: Any, right: Any, equal: bool) -> None:
    """One is one as a float, but true is not."""
    assert is_equal_json(left, right) is equal


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    schema=schemas,
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-9, 99) | st.sampled_from(["", "red", "ab"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
        max_leaves=5,
    ),
)
def test_our_check_agrees_with_the_judge(schema: Any, value: Any) -> None:
    """The validator of our own says what python-jsonschema says, formats included."""
    checker = Draft202012Validator.FORMAT_CHECKER
    expected = Draft202012Validator(schema, format_checker=checker).is_valid(value)
    assert is_valid(value, schema, SchemaDocument(schema, 10**6)) is expected
