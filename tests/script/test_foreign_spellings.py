"""What people bring from other APIs: each habit is explained by how it is spelt here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from fakegemini import Fake, Refused, Request
from fakegemini.fake.foreign_routes import FOREIGN_ROUTES
from fakegemini.fake.foreign_spellings import (
    BY_REFUSAL,
    FOREIGN_MEMBERS,
    FOREIGN_VALUES,
    Spelling,
)
from fakegemini.protocol.refusals.input_types import is_foreign_type
from fakegemini.protocol.refusals.registry import TABLES
from fakegemini.protocol.schemas import load_schema, schema_names
from fakegemini.wire.http import Json

MODEL = "gemini-3.5-flash"
RESULT = {"type": "function_result", "name": "f", "call_id": "c", "result": "1"}

HOLDERS: dict[str, Any] = {
    "": lambda member: member,
    "generation_config": lambda member: {"generation_config": member},
    "generation_config.tool_choice": lambda member: {"generation_config": {"tool_choice": member}},
    "generation_config.tool_choice value": lambda value: {
        "generation_config": {"tool_choice": value}
    },
    "tools[]": lambda member: {"tools": [member]},
    "tools[] value": lambda value: {"tools": [value]},
    "tools[].type value": lambda value: {"tools": [{"type": value}]},
    "response_format.type value": lambda value: {"response_format": {"type": value}},
    "response_format[].type value": lambda value: {"response_format": [{"type": value}]},
    "input[]": lambda member: {"input": [RESULT | member]},
}
"""For each place, a request that has something there."""


def habits() -> Iterator[tuple[str, str, Json, Spelling]]:
    """Each name of each row: where it stands, what is sent, and how it is to be explained."""
    for place, rows in FOREIGN_MEMBERS.items():
        for spelling, names in rows:
            for name in names.split():
                if (place, name) != ("generation_config", "max_output_tokens"):
                    yield place, name, HOLDERS[place]({name: "x"}), spelling
    for place, rows in FOREIGN_VALUES.items():
        for spelling, names in rows:
            for name in names.split():
                yield f"{place} value", name, HOLDERS[f"{place} value"](name), spelling


def complaint_of(method: str, path: str, body: Any) -> str:
    """What the test is told of one request."""
    fake = Fake()
    fake.handle(Request(method, path, body=json.dumps(body).encode()))
    with pytest.raises(Refused) as caught:
        fake.check()
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "spelling"),
    [
        pytest.param(body, spelling, id=f"{place}:{name}")
        for place, name, body, spelling in habits()
    ],
)
def test_a_habit_is_explained(body: Json, spelling: Spelling) -> None:
    """With what to write, and never with the placeholder."""
    text = complaint_of("POST", "/v1/interactions", {"model": MODEL, "input": "Hi"} | body)

    assert f"Nearest:\n  {spelling.right}\n" in text
    assert f"Fix:\n  {spelling.fix}; " in text


MISTAKES: dict[str, tuple[Any, str, str]] = {
    "a member of generation_config": (
        {"temperature": 0.5},
        '"generation_config": {"temperature": 0.5}',
        "move temperature into `generation_config`",
    ),
    "a member of the request": (
        {"generation_config": {"stream": True}},
        '"stream" beside "generation_config"',
        "move stream out of `generation_config`",
    ),
    "a slip of the pen": ({"stroe": True}, "'store' in the request", "write store in place of"),
    "an unknown member": (
        {"colour": "x"},
        "the members of the request: model, ",
        "take colour out",
    ),
    "an unknown member of an item": (
        {"input": [RESULT | {"colour": "x"}]},
        "the members of input[0]: type, ",
        "take colour out",
    ),
    "a number in quotes": (
        {"generation_config": {"temperature": "0.5"}},
        "generation_config.temperature: 0.5",
        "write it without the quotes",
    ),
    "a word for a number": (
        {"generation_config": {"seed": "x"}},
        "generation_config.seed: 1",
        "write a number",
    ),
    "a boolean in quotes": ({"stream": "True"}, "stream: true", "write it without the quotes"),
    "a word for a boolean": ({"store": "no"}, "store: true, or false", "write true or false"),
    "one for many": (
        {"tools": {"type": "google_search"}},
        'tools: [{"type":"google_search"}]',
        "write it as a list",
    ),
    "an object for a text": (
        {"system_instruction": {"parts": []}},
        'system_instruction: "…"',
        "write it as a text",
    ),
    "a wrong value": (
        {"generation_config": {"thinking_level": "hihg"}},
        'generation_config.thinking_level: "high"',
        "write 'high', if that is meant",
    ),
    "half a value": (
        {"generation_config": {"thinking_level": "lo"}},
        'generation_config.thinking_level: "low"',
        "write 'low', if that is meant",
    ),
    "a value like none": (
        {"generation_config": {"thinking_level": 7}},
        "generation_config.thinking_level: ",
        "write ",
    ),
    "a foreign content": (
        {"input": [{"type": "user_input", "content": [{"type": "input_text", "text": "Hi"}]}]},
        'input[0].content[0].type: "text"',
        "write 'text', if that is meant",
    ),
    "a foreign item": (
        {"input": [{"type": "tool_result", "content": "x"}]},
        '{"type": "function_result", …}',
        "write the type 'function_result'",
    ),
    "a tool without a type": (
        {"tools": [{"description": "x"}]},
        '{"type":"…","description":"x"}',
        "add type",
    ),
    "turns": ({"input": [{"role": "user", "content": "Hi"}]}, '{"type": "user_input"', "as a step"),
    "no base64": (
        {"input": [{"type": "image", "mime_type": "image/png", "data": "#"}]},
        "base64.b64encode",
        "encode the bytes in base64",
    ),
    "a number as input": ({"input": 5}, '"input": "Hi"', "correct what stands at the place"),
}


@pytest.mark.parametrize(("body", "right", "fix"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_of_shape_is_explained(body: Json, right: str, fix: str) -> None:
    """By the nearest thing that is good, made of the request itself where that can be."""
    text = complaint_of("POST", "/v1/interactions", {"model": MODEL, "input": "Hi"} | body)

    nearest = text.partition("Nearest:\n")[2].partition("Difference:")[0]
    assert right in nearest
    assert fix in text.partition("Fix:\n")[2]


HUGE = "x" * 300_000

LONG: dict[str, Json] = {
    "a member in the wrong place": {"temperature": HUGE},
    "one for many": {"tools": {"type": "function", "name": HUGE}},
    "a tool without a type": {"tools": [{"description": HUGE}]},
    "a number in quotes": {"generation_config": {"seed": "1" * 300_000}},
    "a value like none": {"tools": [{"type": HUGE[:3_000]}]},
    "brackets in quotes": {"generation_config": {"seed": "[" * 300_000}},
}


@pytest.mark.parametrize("body", LONG.values(), ids=LONG.keys())
def test_what_is_long_is_shown_in_short(body: Json) -> None:
    """A complaint is for reading."""
    text = complaint_of("POST", "/v1/interactions", {"model": MODEL, "input": "Hi"} | body)

    assert len(text) < 5_000


def test_a_long_type_is_like_none() -> None:
    """Nothing is compared with it."""
    assert not is_foreign_type(HUGE)
    assert not is_foreign_type("user_input" * 100)


ROUTES: dict[str, tuple[str, str]] = {
    f"/v1beta/models/{MODEL}:generateContent": ("generateContent, the older API", "interactions."),
    f"/v1beta/models/{MODEL}:streamGenerateContent": ("generateContent", "interactions.create"),
    "/v1/chat/completions": ("OpenAI's API", "interactions.create"),
    "/v1beta/openai/chat/completions": ("OpenAI's API", "interactions.create"),
    "/v1/responses": ("OpenAI's API", "interactions.create"),
    "/v1/messages": ("Anthropic's API", "interactions.create"),
    "/v1beta/models/e:batchEmbedContents": ("the embeddings", "replace this call"),
    f"/v1beta/models/{MODEL}:countTokens": ("the counting of tokens", "answers carry `usage`"),
    "/upload/v1beta/files": ("the uploads of files", "an input may name any uri"),
    "/v1beta/cachedContents": ("the files, caches, batches", "replace this call"),
    "/v1/interactions/live": ("Live Interactions", "replace this call"),
}


@pytest.mark.parametrize("path", ROUTES)
def test_a_route_of_another_api_is_named(path: str) -> None:
    """As what it is, and nothing is said of the live server."""
    whose, fix = ROUTES[path]

    text = complaint_of("POST", path, {})

    assert text.startswith("The code under test sent a request that fakegemini does not emulate (")
    assert f"POST {path} belongs to {whose}" in text
    assert "the answer's words, which are ours: " in text
    assert "the live server refuses" not in text
    assert fix in text.partition("Fix:\n")[2]
    assert any(route.pattern.search(path) for route in FOREIGN_ROUTES)


PATHS = {
    "/interactions": "/v1/interactions",
    "/v1beta/interaction": "/v1beta/interactions",
    "/v1beta/Interactions": "/v1beta/interactions",
    "/v1beta/v1beta/interactions": "/v1beta/interactions",
    "/v1beta/interactions:create": "/v1beta/interactions",
    f"/v1beta/models/{MODEL}/interactions": "/v1beta/interactions",
    "/model/x": "/v1/models/x",
}


@pytest.mark.parametrize("path", PATHS)
def test_a_misspelt_path_is_put_right(path: str) -> None:
    """Versions twice, none, and slips of the pen."""
    text = complaint_of("POST", path, {"model": MODEL, "input": "Hi"})

    assert f"Nearest:\n  POST {PATHS[path]}\n" in text


def test_what_nobody_observed_is_not_told_as_a_fact() -> None:
    """In the headline and of the words."""
    text = complaint_of("POST", "/v1/interactions", [])

    assert "that the live server probably refuses (HTTP 400 invalid_request, unverified)" in text
    assert "the answer's words, unverified: Invalid JSON payload" in text
    assert "the server's words" not in text


def members(schema: Any) -> Iterator[str]:
    """All members that a schema declares, however deep."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for value in schema.values():
            yield from members(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from members(value)


def test_what_is_written_to_copy_has_members_that_there_are() -> None:
    """And the refusals that have a spelling are rows of the tables."""
    known = {name for each in schema_names("interactions/") for name in members(load_schema(each))}
    tables = (FOREIGN_MEMBERS.values(), FOREIGN_VALUES.values())
    spellings = [spelling for rows in tables for row in rows for spelling, _ in row]
    examples = {"celsius"}

    for spelling in [*spellings, *BY_REFUSAL.values()]:
        assert {*re.findall(r'"(\w+)":', spelling.right)} <= known | examples, spelling
    assert {*BY_REFUSAL} <= {row.name for rows in TABLES.values() for row in rows}
