"""The unscripted model's JSON fits every schema that can be satisfied; else the fake says where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import Annotated, Any, Literal

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, IPvAnyAddress, StringConstraints

from fakegemini import Fake
from fakegemini.model.values.pattern_search import find_texts
from tests.http.door import Door
from tests.model.hard_schemas import SCHEMAS, UNSATISFIABLE


def has_pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """The keyword as ECMA 262 reads it: Python's own engine knows no categories of Unicode."""
    if isinstance(value, str) and not regex.search(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


JUDGES = {
    dialect: extend(validator, {"pattern": has_pattern})  # type: ignore[no-untyped-call]
    for dialect, validator in (("draft-07", Draft7Validator), ("2020-12", Draft202012Validator))
}


def judge_of(schema: Any) -> Validator:
    """The validator of a schema's dialect, with formats."""
    dialect = "draft-07" if "draft-07" in json.dumps(schema) else "2020-12"
    if isinstance(schema, dict) and schema.get("properties") == {
        "a": {"type": "STRING", "nullable": True}
    }:
        schema = {"properties": {"a": {"type": ["string", "null"]}}, "required": ["a"]}
    judge: Validator = JUDGES[dialect](schema, format_checker=JUDGES[dialect].FORMAT_CHECKER)
    return judge


def answer_with(door: Door, schema: Any) -> Any:
    """The JSON of an answer to a request with that schema."""
    wanted = {"type": "text", "mime_type": "application/json", "schema": schema}
    reply = door.create(input="Give me data.", response_format=wanted)
    assert reply.status == 200, reply.json
    return json.loads(reply.json["steps"][-1]["content"][0]["text"])


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_answer_fits(fakegemini: Fake, name: str) -> None:
    """python-jsonschema is the judge, with formats; nothing is left to say at the test's end."""
    value = answer_with(Door(fakegemini.url), SCHEMAS[name])
    assert [error.message for error in judge_of(SCHEMAS[name]).iter_errors(value)] == []


@pytest.mark.parametrize("name", UNSATISFIABLE)
def test_what_cannot_be_satisfied_is_said(fakegemini: Fake, name: str) -> None:
    """In one complaint, which can be allowed; the answer is still JSON."""
    answer_with(Door(fakegemini.url), UNSATISFIABLE[name])

    (complaint,) = fakegemini.control.state.complaints.list_pending({})

    assert complaint[0] == "bad_json"
    assert complaint[1].startswith("The unscripted model found no JSON that fits the schema")
    fakegemini.allow("bad_json")


def test_a_hard_member_spoils_no_other(fakegemini: Fake) -> None:
    """The place is named, and all beside it fits."""
    easy = {"tides": {"type": "array", "items": {"type": "integer", "minimum": 3}, "minItems": 2}}
    hard = {"type": "string", "pattern": "^a$", "minLength": 2}
    item = {"type": "object", "properties": {"hard": hard, "unit": {"enum": ["cm"]}}}
    item["required"] = ["hard", "unit"]
    members = {**easy, "rows": {"type": "array", "items": item, "minItems": 1}}
    schema = {"type": "object", "properties": members, "required": list(members)}

    value = answer_with(Door(fakegemini.url), schema)

    errors = [list(error.absolute_path) for error in judge_of(schema).iter_errors(value)]
    assert errors == [["rows", index, "hard"] for index in range(len(value["rows"]))]
    assert all(row["unit"] == "cm" for row in value["rows"])
    texts = [text for _, text in fakegemini.control.state.complaints.list_pending({})]
    assert all(f"at rows[{index}].hard" in text for index, text in enumerate(texts))
    fakegemini.allow("bad_json")


class Port(Enum):
    """A member of a model."""

    SINES = "sines"
    DOVER = "dover"


class Tide(BaseModel):
    """Constraints on the members, and a time."""

    model_config = ConfigDict(extra="forbid")
    port: Port
    at: datetime
    height: Annotated[float, Field(gt=0, lt=12.5, multiple_of=0.25)]
    note: Annotated[str, StringConstraints(min_length=3, max_length=9, pattern="^[A-Z][a-z]+$")]


class Buoy(BaseModel):
    """A tagged alternative."""

    kind: Literal["buoy"]
    colour: Literal["red", "green"] | None


class Beacon(BaseModel):
    """Another one."""

    kind: Literal["beacon"]
    flashes: Annotated[int, Field(ge=2, le=9)]


class Chart(BaseModel):
    """Lists, maps, unions, a tree and what pydantic has formats for."""

    marks: Annotated[
        list[Annotated[Buoy | Beacon, Field(discriminator="kind")]], Field(min_length=2)
    ]
    depths: dict[Annotated[str, StringConstraints(pattern="^[a-z]{2}$")], Decimal]
    drawn: date
    source: AnyUrl
    server: IPvAnyAddress
    parts: set[int]
    tides: tuple[Tide, Tide]
    inner: Chart | None


@pytest.mark.parametrize("model", [Tide, Buoy, Beacon, Chart])
def test_a_model_of_pydantic_reads_the_answer(fakegemini: Fake, model: type[BaseModel]) -> None:
    """With the model's own schema."""
    value = answer_with(Door(fakegemini.url), model.model_json_schema())
    model.model_validate_json(json.dumps(value))


ATOMS = st.sampled_from(
    ["a", "b", ".", r"\d", r"\w", "[a-c]", "[^a]", r"\s", "(?:ab|c)", "(a|bc)", "(?=b)", "(?!a)"]
)
COUNTS = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,3}"])
PATTERNS = st.lists(st.tuples(ATOMS, COUNTS), min_size=1, max_size=5).map(
    lambda parts: "".join(
        atom if atom.startswith(("(?=", "(?!")) else atom + count for atom, count in parts
    )
)
ANCHORED = st.tuples(st.sampled_from(["", "^"]), PATTERNS, st.sampled_from(["", "$"])).map("".join)


def found_in(pattern: str, text: str) -> bool:
    """As ECMA 262 reads it: Python's `$` and `.` take other line breaks."""
    return bool(regex.search(pattern.replace("$", r"\Z").replace(".", r"[^\n\r]"), text))


@settings(deadline=None)
@given(st.lists(ANCHORED, max_size=2), st.lists(ANCHORED, max_size=1), st.integers(0, 8))
def test_texts_that_are_found_match(patterns: list[str], forbidden: list[str], low: int) -> None:
    """All patterns, no forbidden one, and the length: another engine is the judge."""
    for text in islice(find_texts(patterns, forbidden, low, low + 5), 5):
        assert low <= len(text) <= low + 5
        assert all(found_in(pattern, text) for pattern in patterns)
        assert not any(found_in(pattern, text) for pattern in forbidden)


@settings(deadline=None)
@given(ANCHORED, st.data())
def test_a_text_is_found_where_there_is_one(pattern: str, data: st.DataObject) -> None:
    """For what Hypothesis draws from a pattern, a text of the same length is found."""
    alphabet = st.characters(max_codepoint=126)
    text = data.draw(st.from_regex(pattern.replace("$", r"\Z"), alphabet=alphabet))
    if len(text) <= 12:
        assert next(find_texts([pattern], (), len(text), len(text)), None) is not None
