"""What is wrong with a create body, in the words of the live server."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from fakegemini.protocol import schemas
from fakegemini.protocol.ask import without_nulls
from fakegemini.protocol.refusals.shape import check_shape
from tests.beside import QUICKSTART, RECORDINGS

TOOLS = (
    "'function', 'code_execution', 'mcp_server', 'filesystem', 'google_maps', 'google_search', "
    "'bash', 'computer_use', 'file_search', 'url_context', 'retrieval', 'tool_search'"
)
RESULT = {"type": "function_result", "call_id": "k3v9q2zt", "name": "read_tide", "result": "14:20"}


def without(name: str) -> dict[str, Any]:
    """A function result that lacks a member."""
    return {key: value for key, value in RESULT.items() if key != name}


def said(*blocks: Any) -> list[Any]:
    """An input of one user input."""
    return [{"type": "user_input", "content": list(blocks)}]


UNREADABLE = "Invalid JSON payload: syntax error in request body"
NO_MODEL = "Provide a 'agent', or 'model' parameter."

WHOLE_BODIES = [
    ([], UNREADABLE),
    ("hello", UNREADABLE),
    (None, UNREADABLE),
    ({"model": "gemini-3.8-flash", "input": "x", "\ud800": 1}, UNREADABLE),
    ({}, NO_MODEL),
    ({"input": "x"}, NO_MODEL),
    ({"model": "", "input": "x"}, NO_MODEL),
    ({"model": "m", "agent": "a", "input": "x"}, NO_MODEL),
    ({"model": "m"}, "Missing input."),
    ({"agent": "a"}, "Missing input."),
    ({"model": "gemini-3.8-flash", "input": ""}, "Request has empty input."),
    ({"model": "gemini-3.8-flash", "input": []}, "Request has empty input."),
]

MEMBERS = [
    ({"cached_content": "x"}, "Unknown parameter 'cached_content'."),
    ({"tool_choice": "any"}, "Unknown parameter 'tool_choice'."),
    ({"tool_config": {}}, "Unknown parameter 'tool_config'."),
    (
        {"system_instructions": "x"},
        "Unknown parameter 'system_instructions'. Did you mean 'system_instruction'?",
    ),
    (
        {"response_format": {"type": "audio", "audio_format": "mp3"}},
        "Unknown parameter 'audio_format' at 'response_format'.",
    ),
    (
        {"response_format": [{"type": "text"}, {"type": "image", "size": "2K"}]},
        "Unknown parameter 'size' at 'response_format[1]'.",
    ),
    (
        {"generation_config": {"temprature": 1}},
        "Unknown parameter 'temprature' at 'generation_config'. Did you mean 'temperature'?",
    ),
    (
        {"tools": [{"type": "function", "nmae": "f"}]},
        "Unknown parameter 'nmae' at 'tools[0]'.",
    ),
    (
        {"response_format": {"type": "video", "delivery": "bogus"}},
        "The value 'bogus' is not supported for 'response_format.delivery'. "
        "Supported values: 'inline', 'uri'.",
    ),
    (
        {"response_format": {"type": "image", "mime_type": "image/png"}},
        "The value 'image/png' is not supported for 'response_format.mime_type'. "
        "Supported values: 'image/jpeg'.",
    ),
    (
        {"response_modalities": ["AUDIO"]},
        "The value 'AUDIO' is not supported for 'response_modalities[0]'. "
        "Supported values: 'text', 'image', 'audio', 'video', 'document'.",
    ),
    (
        {"tools": [{"type": "google_search"}, {"type": "magic"}]},
        f"The value 'magic' is not supported for 'type' at 'tools[1]'. Supported values: {TOOLS}.",
    ),
    (
        {"generation_config": {"speech_config": {}}},
        "The value is invalid for 'generation_config.speech_config'. "
        "Expected an array, got object.",
    ),
    ({"tools": {}}, "The value is invalid for 'tools'. Expected an array, got object."),
    ({"tools": [None]}, "The value is invalid for 'tools[0]'. Expected an object, got null."),
    ({"store": "yes"}, "The value is invalid for 'store'. Expected a boolean, got string."),
    ({"model": 7}, "The value is invalid for 'model'. Expected a string, got number."),
    (
        {"generation_config": {"max_output_tokens": 1.5}},
        "The value is invalid for 'generation_config.max_output_tokens'. "
        "Expected an integer, got number.",
    ),
    (
        {"generation_config": {"top_p": True}},
        "The value is invalid for 'generation_config.top_p'. Expected a number, got boolean.",
    ),
    (
        {"environment": {"type": "remote", "custom_config": []}},
        "The value is invalid for 'environment.custom_config'. Expected an object, got array.",
    ),
    (
        {"environment": []},
        "The value is invalid for 'environment'. Expected a string or an object, got array.",
    ),
    ({"tools": [{"name": "f"}]}, "Missing parameter 'type' at 'tools[0]'."),
    (
        {"tools": [{"type": "mcp_server", "name": "My Server"}]},
        "Request contains an invalid argument.",
    ),
]

INPUTS = [
    (5, "Invalid input at 'input'."),
    ({}, "Invalid input at 'input'."),
    ([5], "Invalid input at 'input[0]'."),
    ([None], "Invalid input at 'input[0]'."),
    (["a text"], "Invalid input at 'input[0]'."),
    (
        [{"role": "user", "content": "a turn"}],
        "When using the steps-based API version, use step_list input format instead of turn_list.",
    ),
    ([{"type": "text"}], "Invalid input at 'input[0]'."),
    ([{"type": "text", "text": 5}], "Invalid input at 'input[0].text'."),
    ([{"type": "function_call", "id": "k3v9q2zt"}], "Invalid input at 'input[0]'."),
    (said({"type": "text", "text": 5}), "Invalid input at 'input[0].content[0].text'."),
    (said("a text"), "Invalid input at 'input[0].content[0]'."),
    (
        said({"type": "hologram"}),
        "Invalid enum value 'hologram' at 'input[0].content[0].type'.",
    ),
    (
        said({"type": "text", "text": "a"}, {"type": "video", "processing": "bogus"}),
        "Invalid enum value 'bogus' at 'input[0].content[1].processing'.",
    ),
    (
        [{"type": "text", "text": "a"}, {"type": "video", "processing": "static"}],
        "Unknown parameter 'processing' at 'input[1]'.",
    ),
    (
        said({"type": "text", "text": "a", "mood": "b"}),
        "Unknown parameter 'mood' at 'input[0].content[0]'.",
    ),
    (
        [{"type": "image", "data": "not base64!"}],
        "The value is invalid for 'input[0].data'. Expected string, corrupt base64",
    ),
    (
        {"type": "image", "data": "AAAAA"},
        "The value is invalid for 'input.data'. Expected string, corrupt base64",
    ),
    ([without("call_id")], "Missing call_id in content of type function_result"),
    ([without("name")], "Missing name in content of type function_result"),
    (said(without("call_id")), "Missing call_id in content of type function_result"),
    (said(without("name")), "Missing name in content of type function_result"),
    ([without("result")], "Invalid input at 'input[0]'."),
    (
        [{**RESULT, "result": 5}],
        "'result' must be a Struct, FunctionResultSubcontent[], or string",
    ),
]

GOOD_INPUTS = [
    "a text",
    {"type": "text", "text": "a"},
    {"type": "image", "data": "AAAA", "mime_type": "image/png"},
    {"type": "audio", "data": "AAA", "mime_type": "audio/s16le"},
    [{"text": "its type left out"}],
    [{"type": "user_input", "content": "a text"}],
    said({"type": "text", "text": "a"}, RESULT),
    said({"type": "video", "processing": "agentic", "uri": "https://example.org/v"}),
    [{"type": "thought", "signature": ""}, RESULT],
    [{**RESULT, "signature": "AAAA", "is_error": False}],
    [{**RESULT, "result": [{"type": "text", "text": "a", "annotations": None}]}],
    [{**RESULT, "result": {"anything": [None]}}],
    [{"type": "step_of_next_year", "whatever": 1}],
]

GOOD_MEMBERS: list[dict[str, Any]] = [
    {"system_instruction": "", "stream": False, "previous_interaction_id": ""},
    {"generation_config": {"tool_choice": "any", "thinking_level": "xhigh"}},
    {"generation_config": {"tool_choice": {"allowed_tools": {"mode": "any", "tools": ["f"]}}}},
    {"tools": [{"type": "bash", "whatever": 1}, {"type": "google_search"}]},
    {
        "tools": [
            {"type": "function", "name": "f", "parameters": {"type": "OBJECT", "$schema": "x"}}
        ]
    },
    {"response_format": {"type": "object", "properties": {"a": {"type": "string"}}}},
    {"response_format": [{"type": "text"}, {"type": "image", "aspect_ratio": "16:9"}]},
    {"environment": "remote", "labels": {"team": "harbour"}},
    {"environment": {"type": "remote", "network": {"allowlist": [{"domain": "*"}]}}},
    {"environment": {"type": "remote", "mode": "on_demand"}},
    {"environment": {"type": "remote", "mode": "self_hosted", "custom_config": {"any": [None]}}},
    {"tools": [{"type": "mcp_server", "name": "tides", "defer_loading": True}]},
    {"webhook_config": {"uris": ["https://example.org"], "user_metadata": {"any": [1]}}},
]


@pytest.mark.parametrize(("body", "message"), WHOLE_BODIES)
def test_a_body_is_refused_as_a_whole(body: Any, message: str) -> None:
    """No object, no model, no input."""
    refusal = check_shape(body)
    assert refusal is not None
    assert (refusal.status, refusal.code, refusal.message) == (400, "invalid_request", message)


@pytest.mark.parametrize(("members", "message"), MEMBERS)
def test_a_member_is_refused(members: dict[str, Any], message: str) -> None:
    """Unknown, of a wrong type, outside its enum, or missing."""
    refusal = check_shape({"model": "gemini-3.8-flash", "input": "x", **members})
    assert refusal is not None
    assert refusal.message == message


@pytest.mark.parametrize(("value", "message"), INPUTS)
def test_an_input_is_refused(value: Any, message: str) -> None:
    """Inside the input the server has words of its own."""
    refusal = check_shape({"model": "gemini-3.8-flash", "input": value})
    assert refusal is not None
    assert refusal.message == message


@pytest.mark.parametrize("value", GOOD_INPUTS)
def test_an_input_passes(value: Any) -> None:
    """Every form that clients send, and steps of a newer server."""
    assert check_shape({"model": "gemini-3.8-flash", "input": value}) is None


@pytest.mark.parametrize("members", GOOD_MEMBERS)
def test_members_pass(members: dict[str, Any]) -> None:
    """What clients were seen to send beside the input."""
    assert check_shape({"model": "gemini-3.8-flash", "input": "x", **members}) is None


def test_a_continuation_needs_no_input() -> None:
    """The hop after `requires_continuation` sends a token instead."""
    assert (
        check_shape({"model": "m", "continuation_token": "t", "previous_interaction_id": "v"})
        is None
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"store": 1, "tools": [{"type": "x"}], "mood": 1}, "Unknown parameter 'mood'."),
        ({"b": 1, "a": 1}, "Unknown parameter 'b'."),
        ({"input": [{"type": "text", "text": "a", "b": 1}], "a": 1}, "Unknown parameter 'a'."),
        ({"input": 5, "store": 1}, "Invalid input at 'input'."),
        ({"store": 1, "input": 5}, "The value is invalid for 'store'."),
        ({"input": [without("call_id"), 5]}, "Missing call_id in content of type"),
    ],
)
def test_one_fault_is_told_and_always_the_same(body: dict[str, Any], message: str) -> None:
    """Unknown members first, then by place in the body; model and input only after these."""
    refusals = {check_shape(body) for _ in range(5)}
    assert len(refusals) == 1
    (refusal,) = refusals
    assert refusal is not None
    assert refusal.message.startswith(message)


@pytest.mark.parametrize("name", schemas.schema_names("interactions/step/"))
def test_steps_resent_through_the_sdk_pass(name: str) -> None:
    """A client that keeps the history dumps the steps it got, nulls and all."""
    module = pytest.importorskip("google.genai._gaos.types.interactions.interaction")
    for step in schemas.examples(name):
        parsed = module.Interaction.model_validate(
            {"id": "", "status": "completed", "steps": [step]}
        )
        history = [parsed.steps[0].model_dump()]
        assert check_shape(without_nulls({"model": "gemini-3.8-flash", "input": history})) is None


def recorded_bodies() -> Iterator[Any]:
    """Every create body of the recordings."""
    yaml = pytest.importorskip("yaml")
    for path in sorted(RECORDINGS.glob("*/*.yaml")):
        if path.name.startswith("legacy-"):
            continue
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for exchange in yaml.load(path.read_text(), Loader=loader)["interactions"]:
            if exchange["request"]["method"] == "POST" and exchange["request"]["body"]:
                yield json.loads(exchange["request"]["body"])


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not in this checkout")
def test_recorded_requests_pass() -> None:
    """The live server took every one of them."""
    bodies = list(recorded_bodies())
    assert len(bodies) > 30
    assert not [
        (body, refusal)
        for body in bodies
        if (refusal := check_shape(without_nulls(body))) is not None
    ]


def quickstart_bodies() -> Iterator[Any]:
    """The create bodies of the quickstart's shell scripts, variables filled in."""
    for path in sorted((QUICKSTART / "rest").glob("*.sh")):
        words = shlex.split(path.read_text(), comments=True)
        for flag, word in pairwise(words):
            if flag == "-d":
                text = re.sub(r'"\$\w+"', '"AAAA"', word.rstrip(")"))
                yield json.loads(re.sub(r"\$HISTORY", json.dumps([RESULT]), text))


@pytest.mark.skipif(not QUICKSTART.is_dir(), reason="the quickstart is not in this checkout")
def test_quickstart_requests_pass() -> None:
    """What the documentation shows is taken."""
    bodies = list(quickstart_bodies())
    assert len(bodies) > 10
    assert not [(body, refusal) for body in bodies if (refusal := check_shape(body)) is not None]
