"""A scripted reply that no model could give to its request fails the test, each by its name."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from fakegemini import Fake, Request, call, say, step
from fakegemini.errors import Contradiction
from fakegemini.fake.script.contradictions import CONTRADICTIONS
from fakegemini.protocol.schemas import folder
from fakegemini.wire.http import Json

TIDE: Json = {
    "type": "function",
    "name": "read_tide",
    "parameters": {
        "type": "object",
        "properties": {"harbour": {"type": "string"}},
        "required": ["harbour"],
    },
}
TOOLS = {"tools": [TIDE]}
SCHEMA = {"type": "object", "properties": {"high": {"type": "integer"}}, "required": ["high"]}
WANTS_JSON = {
    "response_format": {"type": "text", "mime_type": "application/json", "schema": SCHEMA}
}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(24)).decode()
MP4 = base64.b64encode(b"\0\0\0\x18ftypmp42" + bytes(24)).decode()
SEARCH = step("google_search_call", id="a", arguments={"queries": ["x"]}, signature="eA==")


def picture(mime_type: str) -> Json:
    """A block with the bytes of a PNG."""
    return {"type": "image", "mime_type": mime_type, "data": PNG}


def film(mime_type: str) -> Json:
    """A block with the bytes of an MP4."""
    return {"type": mime_type.partition("/")[0], "mime_type": mime_type, "data": MP4}


def cited(end: int) -> Json:
    """A text with a citation that ends there."""
    citation = {"type": "url_citation", "url": "https://a.example", "start_index": 0}
    return {"type": "text", "text": "Flut: fünf", "annotations": [citation | {"end_index": end}]}


CASES: list[tuple[str, Json, list[Json], str]] = [
    ("undeclared_call", TOOLS, [call("read_tides", harbour="x")], "did you mean 'read_tide'?"),
    ("undeclared_call", {"tools": [{"type": "google_search"}]}, [call("f")], "no function"),
    ("bad_arguments", TOOLS, [call("read_tide")], '"harbour" is a required property'),
    ("bad_arguments", TOOLS, [call("read_tide", harbour=7)], "['harbour'] 7 is not of type"),
    (
        "forbidden_call",
        TOOLS | {"generation_config": {"tool_choice": "none"}},
        [call("read_tide", harbour="x")],
        "tool_choice 'none'",
    ),
    ("missing_tool", TOOLS, [SEARCH, say("x")], "the tool 'google_search'"),
    ("bad_json", WANTS_JSON, [say("High tide at six.")], "wants JSON"),
    ("bad_json", WANTS_JSON, [say('{"high": "six"}')], "['high']"),
    ("wrong_media", {}, [say(picture("image/jpeg"))], "its bytes are image/png"),
    ("wrong_media", {}, [say(picture("image/webp"))], "its bytes are image/png"),
    ("wrong_media", {}, [say(film("audio/wav"))], "its bytes are video/mp4"),
    ("citation_beyond", {}, [say(cited(12))], "ends at byte 12, its text has 11"),
    ("unknown_step", {}, [step("model_outputs"), say("x")], "did you mean 'model_output'?"),
    ("unknown_step", TOOLS, [step("url_context_cal", id="a")], "did you mean 'url_context_call'?"),
]
GOOD: list[tuple[Json, list[Json]]] = [
    (TOOLS, [call("read_tide", harbour="Sines")]),
    (TOOLS, [say("No need to look.")]),
    ({}, [call("whatever")]),
    ({"tools": [{"type": "computer_use", "environment": "browser"}]}, [call("click_at", x=1)]),
    ({"tools": [TIDE | {"parameters": {"type": "OBJECT"}}]}, [call("read_tide", any=1)]),
    ({"tools": [TIDE | {"parameters": {"$ref": "https://a.invalid/x.json"}}]}, [call("read_tide")]),
    ({"tools": [{"type": "google_search"}]}, [SEARCH, say("x")]),
    (WANTS_JSON, [say('{"high": 6}')]),
    (WANTS_JSON | TOOLS, [call("read_tide", harbour="x")]),
    ({}, [say(picture("image/png"))]),
    ({}, [say(film("video/mp4"))]),
    ({}, [say(picture("image/jpg"))]),  # a type that no table has is not judged
    ({}, [say(cited(11))]),
    ({}, [step("teleport_call", id="a"), say("x")]),
]


def answer(fake: Fake, body: Json, steps: list[Json], **options: Any) -> None:
    """Let the steps answer the request."""
    fake.replies(*steps, **options)
    request = {"model": "gemini-3.5-flash", "input": "Hi"} | body
    reply = fake.handle(Request("POST", "/v1/interactions", body=json.dumps(request).encode()))
    assert reply.status == 200


@pytest.mark.parametrize(("name", "body", "steps", "text"), CASES)
def test_a_contradiction_fails_the_test(
    name: str, body: Json, steps: list[Json], text: str
) -> None:
    """The reply is given all the same; at the end it is told, and how to mean it."""
    fake = Fake()
    answer(fake, body, steps)

    with pytest.raises(Contradiction) as caught:
        fake.check()

    assert text in str(caught.value)
    assert str(caught.value).endswith(f'fakegemini.allow("{name}")')
    assert "more of its kind" not in str(caught.value)


@pytest.mark.parametrize(("name", "body", "steps", "text"), CASES)
def test_each_can_be_allowed_by_name(name: Any, body: Json, steps: list[Json], text: str) -> None:
    """And by no other name."""
    fake = Fake()
    fake.allow(name)
    answer(fake, body, steps)
    fake.check()

    fake = Fake()
    fake.allow(*(kind for kind in CONTRADICTIONS if kind != name))
    answer(fake, body, steps)
    with pytest.raises(Contradiction):
        fake.check()


@pytest.mark.parametrize(("body", "steps"), GOOD)
def test_a_reply_that_fits_is_no_contradiction(body: Json, steps: list[Json]) -> None:
    """Nor one about which the request says nothing."""
    fake = Fake()
    answer(fake, body, steps)

    fake.check()


def test_what_ends_early_is_not_judged() -> None:
    """Half a JSON is what an incomplete turn has."""
    fake = Fake()
    answer(fake, WANTS_JSON, [say('{"hi')], status="incomplete")

    fake.check()


def test_every_kind_has_a_case_and_a_word_in_the_form() -> None:
    """A new row needs both."""
    schema = json.loads((folder() / "control" / "allow.json").read_text("utf-8"))

    assert {name for name, *_ in CASES} == set(CONTRADICTIONS)
    assert set(CONTRADICTIONS) <= set(schema["properties"]["kinds"]["items"]["enum"])
