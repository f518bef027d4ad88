"""Bad input: the live server's words where they are known, and never a 5xx."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakegemini import Fake, say
from fakegemini.protocol.refusals.input_types import FOREIGN_TYPES, INPUT_TYPES, is_foreign_type
from fakegemini.protocol.schemas import schema_names
from fakegemini.wire.http import Json
from tests.beside import ERROR_BODIES

from .door import AGENT, MODEL, NOT_FOUND, Door, invalid

STEP_TYPES = [name.rpartition("/")[2] for name in schema_names("interactions/step/")]
SYNTAX = "Invalid JSON payload: syntax error in request body"
NO_MODEL = "Provide a 'agent', or 'model' parameter."
LEGACY = (
    "The legacy Interactions API schema is no longer supported. Please upgrade your google-genai "
    "Python SDK to version >= 2.0.0 (e.g., run pip install -U google-genai) to use the "
    "Interactions API. For details and migration examples, see: "
    "https://ai.google.dev/gemini-api/docs/interactions-breaking-changes-may-2026"
)

UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"model":"m","input":',
    "a word": b"hello",
    "single quotes": b"{'model':'m'}",
    "a trailing comma": b'{"model":"m",}',
    "NaN": b'{"model":"m","input":"x","generation_config":{"seed":NaN}}',
    "infinity": b'{"model":"m","input":-Infinity}',
    "not UTF-8": b'{"model":"m","input":"\xff\xfe"}',
    "binary": bytes(range(256)),
    "a form": b"model=m&input=x",
    "two objects": b"{}{}",
    "a list": b"[]",
    "a string": b'"x"',
    "a number": b"17",
    "null": b"null",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_json_object_is_refused(door: Door, body: bytes) -> None:
    """In one way."""
    answer = door.ask("POST", "/v1/interactions", body)

    assert (answer.status, answer.json) == (400, invalid(SYNTAX))


REFUSED: dict[str, tuple[Json, int, Json]] = {
    "unknown member": ({"audio_format": "x"}, 400, invalid("Unknown parameter 'audio_format'.")),
    "unknown nested": (
        {"generation_config": {"odd": 1}},
        400,
        invalid("Unknown parameter 'odd' at 'generation_config'."),
    ),
    "a type of response format of another API": (
        {"response_format": {"type": "json_schema", "json_schema": {}}},
        400,
        invalid(
            "The value 'json_schema' is not supported for 'type' at 'response_format'. Supported "
            "values: 'boolean', 'video', 'audio', 'integer', 'number', 'image', 'array', "
            "'object', 'text', 'string'."
        ),
    ),
    "neither": ({"model": None}, 400, invalid(NO_MODEL)),
    "both": ({"agent": AGENT}, 400, invalid(NO_MODEL)),
    "unknown model": ({"model": "gemini-of-tomorrow"}, 404, NOT_FOUND),
    "unknown model with its prefix": ({"model": "models/nope"}, 404, NOT_FOUND),
    "unknown agent": (
        {"model": None, "agent": "nobody"},
        400,
        invalid("Agent 'nobody' is invalid or not found"),
    ),
    "an agent as a model": (
        {"model": AGENT},
        400,
        invalid(
            f"'{AGENT}' refers to an agent, but was provided in the 'model' field. "
            "Please use the 'agent' field instead."
        ),
    ),
    "no background": (
        {"model": "gemini-2.5-flash", "background": True},
        400,
        invalid("Model 'gemini-2.5-flash' does not support background interactions."),
    ),
    "background without store": (
        {"background": True, "store": False},
        400,
        invalid("background=true requires store=true."),
    ),
    "wrong type of a member": (
        {"generation_config": []},
        400,
        invalid("The value is invalid for 'generation_config'. Expected an object, got array."),
    ),
    "wrong type of a switch": (
        {"background": "yes"},
        400,
        invalid("The value is invalid for 'background'. Expected a boolean, got string."),
    ),
    "no input": ({"input": None}, 400, invalid("Missing input.")),
    "an empty input": ({"input": ""}, 400, invalid("Request has empty input.")),
    "an input of a wrong type": ({"input": 17}, 400, invalid("Invalid input at 'input'.")),
    "corrupt base64": (
        {"input": [{"type": "image", "mime_type": "image/png", "data": "?"}]},
        400,
        invalid("The value is invalid for 'input[0].data'. Expected string, corrupt base64"),
    ),
}


@pytest.mark.parametrize(("change", "status", "body"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("stream", [False, True], ids=["unary", "stream"])
def test_a_bad_request_gets_the_words_of_the_live_server(
    door: Door, change: Json, status: int, body: Json, stream: bool
) -> None:
    """As JSON, or as one SSE frame on the same status and without `[DONE]` (recorded)."""
    asked = {"model": MODEL, "input": "Hi", "stream": stream} | change

    answer = door.ask("POST", "/v1/interactions", asked)

    assert answer.status == status
    if stream:
        assert answer.kind == "text/event-stream"
        assert answer.events == [{**body, "event_type": "error"}]
        assert not answer.done
    else:
        assert answer.kind == "application/json; charset=UTF-8"
        assert answer.json == body
        assert list(answer.json["error"]) == ["message", "code"]


TOOL_TYPE = "The value 'time_machine' is not supported for 'type' at 'tools[0]'. Supported values: "
LEVEL = "The value 'wild' is not supported for 'generation_config.thinking_level'. Supported values"


@pytest.mark.parametrize(
    ("change", "start"),
    [
        ({"tools": [{"type": "time_machine"}]}, TOOL_TYPE),
        ({"generation_config": {"thinking_level": "wild"}}, LEVEL),
    ],
)
def test_a_value_outside_its_enum_names_the_others(door: Door, change: Json, start: str) -> None:
    """All of them, quoted."""
    answer = door.create(**change)

    assert answer.status == 400
    assert answer.json["error"]["message"].startswith(start)
    assert answer.json["error"]["message"].endswith("'.")


OLD = "google-genai-sdk/1.75.0 gl-python/3.14.7"


@pytest.mark.parametrize("header", ["x-goog-api-client", "User-Agent", "X-Goog-Api-Client"])
def test_an_old_sdk_is_told_to_upgrade(door: Door, header: str) -> None:
    """Recorded on 2026-10-08; the bytes have the `>` escaped."""
    asked = {"model": MODEL, "input": "Hi"}

    answer = door.ask("POST", "/v1beta/interactions", asked, {header: OLD})

    assert (answer.status, answer.json) == (400, invalid(LEGACY))
    assert b"version \\u003e= 2.0.0" in answer.body
    assert door.ask("GET", "/v1beta/interactions/v1_x", None, {header: OLD}).json == answer.json


@pytest.mark.parametrize("version", ["2.0.0", "2.17.0", "3.4.0", "10.0.0"])
def test_a_newer_sdk_is_served(door: Door, version: str) -> None:
    """Only 1.x is legacy."""
    headers = {"x-goog-api-client": f"google-genai-sdk/{version} gl-python/3.11.7"}

    assert (
        door.ask("POST", "/v1/interactions", {"model": MODEL, "input": "x"}, headers).status == 200
    )


def recorded() -> list[Any]:
    """The recorded error bodies that the fake answers to a request of ours."""
    if not ERROR_BODIES.is_file():
        reason = "the recordings are not on this machine"
        return [pytest.param("", "", marks=pytest.mark.skip(reason=reason), id="recordings")]
    rows = [json.loads(line) for line in ERROR_BODIES.read_text("utf-8").splitlines()]
    messages = [row["body"]["error"]["message"] for row in rows if isinstance(row["body"], dict)]
    return [
        pytest.param(messages, message, id=name)
        for name, message in (
            ("legacy", LEGACY),
            ("background", REFUSED["no background"][2]["error"]["message"]),
            ("not found", NOT_FOUND["error"]["message"]),
            ("name", "Invalid interaction name: interactions/v1_bogus"),
            ("subject", NO_MODEL),
            ("base64", REFUSED["corrupt base64"][2]["error"]["message"]),
        )
    ]


@pytest.mark.parametrize(("messages", "message"), recorded())
def test_our_words_are_recorded(messages: list[str], message: str) -> None:
    """The table above is no invention."""
    assert message in messages


def test_a_refused_request_uses_up_no_reply(fake: Fake, door: Door) -> None:
    """The script waits for a request that the live server would answer."""
    fake.replies(say("once"))

    door.create(odd=1)
    door.create(previous_interaction_id="v1_bogus")
    door.create(model="gemini-of-tomorrow")

    assert door.create().text == "once"


def test_a_request_without_a_reply_is_a_400_that_tells(fake: Fake, door: Door) -> None:
    """No SDK retries it, and the text is the one that the test shows."""
    fake.replies(say("once"))
    door.create("first")

    for stream in (False, True):
        answer = door.create("second", stream=stream)

        assert answer.status == 400
        assert answer.kind == "application/json; charset=UTF-8"
        assert answer.json["error"]["code"] == "fakegemini"
        assert "no scripted reply left" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    "name", [*FOREIGN_TYPES, "user_imput", "functon_result", "user-input", "images"]
)
@pytest.mark.parametrize("place", ["input", "input[0]", "input[1]"])
def test_an_input_item_of_another_api_is_refused(door: Door, name: str, place: str) -> None:
    """And a slip of the pen, with the list of the types that there are."""
    item = {"type": name, "text": "Hi"}
    items = [{"type": "text", "text": "Hi"}, item] if place.endswith("[1]") else [item]
    values = ", ".join(f"'{known_name}'" for known_name in INPUT_TYPES)

    answer = door.create(item if place == "input" else items)

    message = f"The value '{name}' is not supported for 'type' at '{place}'."
    assert (answer.status, answer.json) == (400, invalid(f"{message} Supported values: {values}."))


NEWER_TYPES = "teleport_call teleport_result bash_call computer_use_result code_search_call".split()


@pytest.mark.parametrize("name", [*STEP_TYPES, *NEWER_TYPES])
def test_a_step_that_a_newer_server_may_have_is_taken(name: str) -> None:
    """So that history of scripted steps, whatever they are, can be sent back."""
    assert not is_foreign_type(name)


@pytest.mark.parametrize(
    "response_format",
    [
        *({"type": name} for name in "boolean integer number string array object text".split()),
        {"type": ["object", "null"]},
        {"anyOf": [{"type": "object"}, {"type": "null"}]},
        {"properties": {}},
    ],
    ids=str,
)
def test_a_raw_schema_is_a_response_format(door: Door, response_format: Json) -> None:
    """Of each type that JSON Schema has, and of none."""
    assert door.create(response_format=response_format).status == 200
