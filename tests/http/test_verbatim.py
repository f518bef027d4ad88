"""Every refusal whose words anybody wrote down: a request, and the exact status and bytes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from fakegemini import Fake, call, say
from fakegemini.wire.http import Json
from fakegemini.wire.json_text import dump_json
from tests.beside import BEHAVIOUR, ERROR_BODIES

from .door import AGENT, MODEL, VERTEX_PREFIX, Answer, Door

UNKNOWN = "v1_ChdMTGpEYW9LRUt0LTkzOUlQajR6SnFBbxIXTExqRGFvS0VLdC05MzlJUGo0ekpxQW8"
PROBLEM = "There was a problem processing your request. You will not be charged."
TOOL = {"type": "function", "name": "tide", "parameters": {"type": "object"}}
LEGACY = {
    "python": (
        "The legacy Interactions API schema is no longer supported. Please upgrade your "
        "google-genai Python SDK to version >= 2.0.0 (e.g., run pip install -U google-genai) to "
        "use the Interactions API. For details and migration examples, see: "
        "https://ai.google.dev/gemini-api/docs/interactions-breaking-changes-may-2026"
    ),
    "others": (
        "The legacy Interactions API schema is no longer supported. Please upgrade your client SDK "
        "to Python >= 2.0.0 or JavaScript/TypeScript >= 2.0.0 to adopt the new 'steps' schema. For "
        "details and migration examples, see: "
        "https://ai.google.dev/gemini-api/docs/interactions-breaking-changes-may-2026"
    ),
}
ENTERPRISE = (
    "The parameter '{}' is not available on the Gemini API but it is available on the Gemini "
    "Enterprise Agent Platform."
)
URI = (
    "Unsupported file URI type: files/abc. File URI must be a File API (e.g. "
    "https://generativelanguage.googleapis.com/files/<id>), Youtube (e.g. "
    "https://www.youtube.com/watch?v=<id>), or HTTPS (e.g. http://path/to/file)."
)


@dataclass(frozen=True)
class Row:
    """A case of the reference: what is asked, and what the server said."""

    case: str
    message: str
    change: Json = field(default_factory=dict)
    status: int = 400
    code: str = "invalid_request"
    fault: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    get: str = ""
    streamed: bool = False


def said(*blocks: Json) -> list[Json]:
    """An input of one step of the user."""
    return [{"type": "user_input", "content": list(blocks)}]


def wants(**form: Any) -> Json:
    """A request for an output of this form."""
    return {"response_format": form}


def config(**members: Any) -> Json:
    """A request with this configuration."""
    return {"generation_config": members}


RESULT = {"type": "function_result", "call_id": "a", "name": "tide", "result": "low"}
NAMELESS = {key: value for key, value in RESULT.items() if key != "name"}
HOMELESS = {key: value for key, value in RESULT.items() if key != "call_id"}
SIGNED = {"type": "thought", "signature": "tampered"}
CALL = {"type": "function_call", "id": "a", "name": "tide", "arguments": {}}
BAD_NAME = (
    "Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, "
    "A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128."
)
ASKED = {"type": "user_input", "content": "How high is the tide?"}
VIDEO = {"type": "video", "uri": "https://example.org/v"}
IMAGE = {"type": "image", "mime_type": "image/png"}
AUDIO = {"type": "audio", "mime_type": "audio/wav", "data": "AAAA"}
HI = {"type": "text", "text": "Hi"}
TWO_FIVE = "gemini-2.5-flash"
SPEAKER = "gemini-3.8-flash-tts"
LYRIA = "lyria-3-clip-preview"
OLD_JS = {"x-goog-api-client": "google-genai-sdk/1.30.0 gl-node/v22.0.0"}
OLD_PY = {"x-goog-api-client": "google-genai-sdk/1.75.0 gl-python/3.14.7"}
SYNTAX = "Invalid JSON payload: syntax error in request body"
NOT_FOUND = "Requested entity was not found."
ARGUMENT = "Request contains an invalid argument."

ROWS = (
    Row("legacy SDK", LEGACY["python"], headers=OLD_PY),
    Row("legacy SDK", LEGACY["others"], headers=OLD_JS),
    Row("unknown / expired / deleted id", NOT_FOUND, status=404, code="not_found", get=UNKNOWN),
    Row(
        "unknown / expired / deleted id",
        NOT_FOUND,
        {"previous_interaction_id": UNKNOWN},
        404,
        "not_found",
    ),
    Row("unknown model", NOT_FOUND, {"model": "gemini-of-tomorrow"}, 404, "not_found"),
    Row("unknown model", "Model not found", {}, 404, "not_found", "model_not_found"),
    Row("malformed id", "Invalid interaction name: interactions/v1_bogus", get="v1_bogus"),
    Row("malformed previous_interaction_id", SYNTAX, {"previous_interaction_id": "v1_bogus"}),
    Row(
        "model has no background",
        "Model 'gemini-2.5-flash' does not support background interactions.",
        {"model": TWO_FIVE, "background": True},
    ),
    Row(
        "model has no background",
        "Model 'gemini-3.8-flash' does not support background interactions.",
        fault="no_background_today",
    ),
    Row(
        "agent passed as model",
        f"'{AGENT}' refers to an agent, but was provided in the 'model' field. Please use the "
        "'agent' field instead.",
        {"model": AGENT},
    ),
    Row(
        "unknown agent",
        f"Agent '{MODEL}' is invalid or not found",
        {"model": None, "agent": MODEL},
    ),
    Row(
        "bad tool type",
        "The value 'invalid_tool_type_xyz' is not supported for 'type' at 'tools[0]'. Supported "
        "values: 'function', 'code_execution', 'mcp_server', 'filesystem', 'google_maps', "
        "'google_search', 'bash', 'computer_use', 'file_search', 'url_context', 'retrieval', "
        "'tool_search'.",
        {"tools": [{"type": "invalid_tool_type_xyz"}]},
    ),
    Row("empty input", "Missing input.", {"input": None}),
    Row("empty input", "Request has empty input.", {"input": []}),
    Row("no model", "Provide a 'agent', or 'model' parameter.", {"model": None}),
    Row("unknown field", "Unknown parameter 'cached_content'.", {"cached_content": "x"}),
    Row("unknown field", "Unknown parameter 'tool_choice'.", {"tool_choice": "any"}),
    Row("unknown field", "Unknown parameter 'tool_config'.", {"tool_config": {}}),
    Row(
        "unknown field",
        "Unknown parameter 'audio_format' at 'response_format'.",
        wants(type="audio", audio_format="mp3"),
    ),
    Row(
        "unknown field",
        "Unknown parameter 'processing' at 'input[1]'.",
        {"input": [HI, {**VIDEO, "processing": "static"}]},
    ),
    Row(
        "unknown field",
        "Unknown parameter 'system_instructions'. Did you mean 'system_instruction'?",
        {"system_instructions": "x"},
    ),
    Row(
        "bad enum",
        "The value 'bogus' is not supported for 'response_format.delivery'. Supported values: "
        "'inline', 'uri'.",
        wants(type="video", delivery="bogus"),
    ),
    Row(
        "bad enum",
        "The value 'image/png' is not supported for 'response_format.mime_type'. Supported "
        "values: 'image/jpeg'.",
        wants(type="image", mime_type="image/png"),
    ),
    Row(
        "bad enum in input",
        "Invalid enum value 'bogus' at 'input[0].content[1].processing'.",
        {"input": said(HI, {**VIDEO, "processing": "bogus"})},
    ),
    Row(
        "bad enum in input",
        "Invalid input at 'input[0].content[0].processing'.",
        {"input": said({**VIDEO, "processing": 5})},
    ),
    Row(
        "bad shape",
        "The value is invalid for 'generation_config.speech_config'. Expected an array, got "
        "object.",
        config(speech_config={}),
    ),
    Row(
        "base64",
        "The value is invalid for 'input[0].data'. Expected string, corrupt base64",
        {"input": [{**IMAGE, "data": "?"}]},
    ),
    Row(
        "thinking level",
        "'minimal' is not a supported thinking level for this model. Allowed values are: high, "
        "low, medium.",
        {"model": "gemini-3.7-flash", **config(thinking_level="minimal")},
    ),
    Row(
        "thinking level",
        "'low' is not a supported thinking level for this model. Allowed values are: high, "
        "minimal.",
        {"model": "gemma-4-31b-it", **config(thinking_level="low")},
    ),
    Row(
        "schema",
        "schema at top-level must be a boolean or an object",
        wants(type="text", mime_type="application/json", schema="{}"),
    ),
    Row(
        "schema",
        "schema at top-level must be a boolean or an object",
        {"tools": [{**TOOL, "parameters": "{}"}]},
    ),
    Row(
        "response_mime_type",
        "responseFormat must be set when responseMimeType is set",
        {"response_mime_type": "application/json", **wants(type="text")},
    ),
    Row("Vertex-only field", ENTERPRISE.format("labels"), {"labels": {"team": "harbour"}}),
    Row(
        "Vertex-only field",
        ENTERPRISE.format("safety_settings"),
        {"safety_settings": [{"type": "harassment", "threshold": "off"}]},
    ),
    Row(
        "Vertex-only field",
        "The value 'retrieval' is not supported for 'tools[1].type' on the Gemini API, it is "
        "allowed on the Gemini Enterprise Agent Platform.",
        {"tools": [TOOL, {"type": "retrieval"}]},
    ),
    Row("Vertex-only field", ENTERPRISE.format("gcs_uri"), wants(type="video", gcs_uri="gs://b/o")),
    Row(
        "Vertex-only field",
        ENTERPRISE.format("enable_bigquery_tool"),
        {
            "model": None,
            "agent": AGENT,
            "background": True,
            "agent_config": {"type": "deep-research", "enable_bigquery_tool": True},
        },
    ),
    Row(
        "function_result w/o name",
        "Missing name in content of type function_result",
        {"input": [NAMELESS]},
    ),
    Row(
        "function_result w/o call_id",
        "Missing call_id in content of type function_result",
        {"input": [HOMELESS]},
    ),
    Row(
        "function_result out of place",
        "Please ensure that function response turn comes immediately after a function call turn. "
        "Got function response with name 'tide'.",
        {"input": [RESULT]},
    ),
    Row(
        "multimodal function_result",
        "Multimodal function responses are not supported for this model",
        {"model": TWO_FIVE, "input": [CALL, {**RESULT, "result": [HI]}]},
    ),
    Row("signature tampered", "Corrupted thought signature.", {"input": [SIGNED, CALL, RESULT]}),
    Row("signature missing", ARGUMENT, {"input": [CALL, RESULT]}),
    Row(
        "a call before any turn of the user",
        "Please ensure that function call turn comes immediately after a user turn or after a "
        "function response turn.",
        {"model": TWO_FIVE, "input": [CALL, RESULT]},
    ),
    Row(
        "a result that is a number",
        "'result' must be a Struct, FunctionResultSubcontent[], or string",
        {"input": [ASKED, CALL, {**RESULT, "result": 3}]},
    ),
    Row(
        "a result that is a boolean, inside a step",
        "'result' must be a Struct, FunctionResultSubcontent[], or string",
        {"input": [{"type": "user_input", "content": [{**RESULT, "result": False}]}]},
    ),
    *(
        Row(
            f"turns of the old schema, {case}",
            "When using the steps-based API version, use step_list input format instead of "
            "turn_list.",
            {"input": turns},
        )
        for case, turns in {
            "a text": [{"role": "user", "content": "Hi"}],
            "blocks": [{"role": "user", "content": [HI]}, {"role": "model", "content": [HI]}],
            "one among steps": [ASKED, {"role": "user", "content": "Hi"}],
        }.items()
    ),
    Row(
        "a function without a name",
        f"tools[0].name: {BAD_NAME}",
        {"tools": [{"type": "function", "name": ""}]},
    ),
    Row(
        "a function with a long name",
        f"tools[1].name: {BAD_NAME}",
        {"tools": [{"type": "function", "name": "n" * size} for size in (128, 129)]},
    ),
    Row(
        "one function twice",
        "Duplicate function declaration found: n",
        {"tools": [{"type": "function", "name": "n"}] * 2},
    ),
    Row(
        "two searches",
        "'google_search' and 'file_search' cannot be combined in the same request. Please choose "
        "one to continue.",
        {"tools": [{"type": "file_search"}, {"type": "google_search"}]},
    ),
    Row(
        "two searches",
        "'url_context' and 'file_search' cannot be combined in the same request. Please choose one "
        "to continue.",
        {"tools": [{"type": "url_context"}, {"type": "file_search"}]},
    ),
    Row(
        "tool_choice alone",
        "Function calling config is set without function_declarations.",
        config(tool_choice="any"),
    ),
    Row(
        "tools not mixed",
        "Please enable tool_config.include_server_side_tool_invocations to use Built-in tools "
        "with Function calling.",
        fault="tools_not_mixed",
    ),
    Row("file uri", URI, {"input": [{**IMAGE, "uri": "files/abc"}]}),
    Row(
        "audio for Lyria",
        "Unsupported input mime type for this model: audio/s16le",
        {"model": LYRIA, "input": [HI, AUDIO]},
    ),
    Row(
        "audio mime type",
        "Audio mime_type is not supported in response_format.",
        {"model": SPEAKER, **wants(type="audio", mime_type="audio/wav")},
    ),
    Row(
        "delivery",
        "Image delivery mode is not supported.",
        {"model": "gemini-3.1-flash-image", **wants(type="image", delivery="uri")},
    ),
    Row(
        "delivery",
        "Audio delivery mode is not supported.",
        {"model": SPEAKER, **wants(type="audio", delivery="inline")},
    ),
    Row(
        "diarization",
        "custom_vocabulary is incompatible with diarization.",
        {
            "model": "gemini-3.5-transcribe",
            **config(
                transcription_config={
                    "custom_vocabulary": ["Cuxhaven"],
                    "mode": {"type": "verbatim", "diarization_mode": "speaker"},
                }
            ),
        },
    ),
    Row("generic", PROBLEM, fault="problem"),
    Row("generic", PROBLEM, {}, 403, "permission_denied", "poll_forbidden"),
    Row("generic", PROBLEM, {}, 500, "api_error", "server_error"),
    Row("generic 2", ARGUMENT, {"background": False, "webhook_config": {}}),
    Row(
        "no permission",
        "The caller does not have permission",
        {},
        403,
        "permission_denied",
        "no_permission",
    ),
    Row(
        "project denied",
        "Your project has been denied access.",
        {},
        403,
        "permission_denied",
        "project_denied",
    ),
    Row("429", "quota", {}, 429, "too_many_requests", "too_many_requests"),
    Row(
        "429",
        "Rate limit exceeded for model gemini-3.1-pro (limit: 0 input tokens per minute on Free "
        "Tier). Please upgrade your tier at https://ai.dev/rate-limit.",
        {},
        429,
        "rate_limit_exceeded",
        "rate_limited",
    ),
)

ELSEWHERE = {
    "content filter (unary)": "no source has its message: the preset content_blocked",
    "invalid API key": "below: google.rpc's shape in an array",
}
"""Cases of the reference's table that are no row of ours, and why."""

NOT_SAID = {
    "Model 'gemini-3.5-transcribe-nonexistent' not found. Did you mean 'gemini-3.5-transcribe'? "
    "...": "its author left out the end, and others measured an unknown model as an unknown id",
    "'minimal' is not a supported thinking level for this model. Allowed values are: medium, low, "
    "high.": "the live server names the levels in changing order; ours is the other one measured",
}
"""Recorded messages that the fake does not say, and why."""


def ask(door: Door, row: Row, *, stream: bool = False) -> Answer:
    """Send what the row asks."""
    if row.get:
        query = {"stream": "true"} if stream else {}
        return door.ask("GET", f"/v1beta/interactions/{row.get}", None, row.headers, **query)
    body = {"model": MODEL, "input": "Hi", **row.change, "stream": stream}
    return door.ask("POST", "/v1beta/interactions", body, row.headers)


NUMBERED = [f"{row.case} {number}" for number, row in enumerate(ROWS)]


@pytest.mark.parametrize("row", ROWS, ids=NUMBERED)
def test_the_words_are_those_of_the_live_server(fake: Fake, door: Door, row: Row) -> None:
    """Status, content type and bytes; keys and escapes as recorded."""
    if row.fault:
        fake.faults(row.fault)

    answer = ask(door, row)

    body = {"error": {"message": row.message, "code": row.code}}
    assert answer.body.decode() == dump_json(body)
    assert (answer.status, answer.kind) == (row.status, "application/json; charset=UTF-8")


UNARY = [name for name, row in zip(NUMBERED, ROWS, strict=True) if row.headers]
"""A 1.x client is refused before its body is looked at."""


@pytest.mark.parametrize("name", [name for name in NUMBERED if name not in UNARY])
def test_a_stream_is_refused_in_one_frame(fake: Fake, door: Door, name: str) -> None:
    """Recorded for a 400 and a 429: the same status, the event `error`, no `[DONE]`."""
    row = ROWS[NUMBERED.index(name)]
    if row.fault:
        fake.faults(row.fault)

    answer = ask(door, row, stream=True)

    error = {"error": {"message": row.message, "code": row.code}, "event_type": "error"}
    assert answer.body.decode() == f"event: error\ndata: {dump_json(error)}\n\n"
    assert (answer.status, answer.kind) == (row.status, "text/event-stream")


def test_an_invalid_key_is_refused_by_the_gateway(fake: Fake, door: Door) -> None:
    """Measured: google.rpc's object in an array, whatever was asked; the inner text is that of the
    older resources."""
    fake.faults("invalid_key")

    for stream in (False, True):
        (body,) = door.create(stream=stream).json

        error = body["error"]
        assert list(error) == ["code", "message", "status", "details"]
        assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
        assert error["message"] == "API key not valid. Please pass a valid API key."
        assert error["details"][0]["reason"] == "API_KEY_INVALID"


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("content_blocked", 400, "prohibited_content"),
        ("overloaded", 503, "service_unavailable"),
        ("server_error", 500, "api_error"),
        ("rate_limited", 429, "rate_limit_exceeded"),
        ("cancel_not_found", 404, "not_found"),
    ],
)
def test_what_only_a_bad_day_brings_has_a_name(
    fake: Fake, door: Door, name: Any, status: int, code: str
) -> None:
    """Faults make what no request can earn."""
    fake.faults(name, times=1)

    answer = door.create()

    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert door.create().status == 200


@pytest.mark.skipif(not BEHAVIOUR.is_file(), reason="the reference is not on this machine")
def test_every_case_of_the_reference_has_its_row() -> None:
    """Or a reason why it has none."""
    text = BEHAVIOUR.read_text("utf-8")
    table = text.partition("### 5.2 ")[2].partition("\n\n-")[0]
    cases = [line.split("|")[1].strip(" *") for line in table.splitlines() if line[:2] == "| "]
    known = {row.case for row in ROWS} | set(ELSEWHERE)

    missing = [case for case in cases[1:] if not any(case.startswith(name) for name in known)]

    assert len(cases) > 20
    assert missing == []


@pytest.mark.skipif(not ERROR_BODIES.is_file(), reason="the recordings are not on this machine")
def test_every_recorded_message_is_said() -> None:
    """Or there is a reason why it is not."""
    rows = [json.loads(line) for line in ERROR_BODIES.read_text("utf-8").splitlines()]
    messages = {row["body"]["error"]["message"] for row in rows if isinstance(row["body"], dict)}

    assert messages - {row.message for row in ROWS} == set(NOT_SAID)


TAKEN: dict[str, Json] = {
    "labels": {"labels": {"team": "harbour"}},
    "safety": {"safety_settings": [{"type": "harassment", "threshold": "off"}]},
    "retrieval": {"tools": [{"type": "retrieval", "retrieval_types": ["rag_store"]}]},
}


@pytest.mark.parametrize("body", TAKEN.values(), ids=TAKEN.keys())
def test_the_enterprise_platform_takes_its_own_fields(door: Door, body: Json) -> None:
    """The path tells which edition is asked."""
    assert Door(door.url, VERTEX_PREFIX).create(**body).status == 200


GOOD: dict[str, Json] = {
    "auto, and no functions": config(tool_choice="auto"),
    "any, of a server's functions": {
        "tools": [{"type": "mcp_server", "name": "m", "url": "https://example.org"}],
        **config(tool_choice="any"),
    },
    "built-in tools and functions": {"tools": [TOOL, {"type": "google_search"}]},
    "an agent without its fields": {"model": None, "agent": "antigravity-preview-09-2026"},
    "a level it has": {"model": "gemini-3.7-flash", **config(thinking_level="low")},
    "minimal where nobody saw a refusal": config(thinking_level="minimal"),
    "a format of audio": {"model": SPEAKER, **wants(type="audio", sample_rate=24000)},
    "mp3 of the newest Lyria": {
        "model": "lyria-3.5",
        **wants(type="audio", mime_type="audio/mp3"),
    },
    "vocabulary": {
        "model": "gemini-3.5-transcribe",
        **config(transcription_config={"custom_vocabulary": ["Cuxhaven"], "mode": "verbatim"}),
    },
    "a uri": {"input": [{**IMAGE, "uri": "https://example.org/files/abc"}]},
    "a bucket": {"input": [{**IMAGE, "uri": "gs://bucket/o"}]},
    "a mime type nobody lists": {"input": [{**AUDIO, "mime_type": "audio/s16le"}]},
    "an object as a result, on 2.5": {
        "model": TWO_FIVE,
        "input": [ASKED, CALL, {**RESULT, "result": {"metres": 3}}],
    },
    "a false switch": {
        "model": None,
        "agent": AGENT,
        "background": True,
        "agent_config": {"type": "deep-research", "enable_bigquery_tool": False},
    },
    "the old sampling": config(temperature=0.5, top_p=0.9, top_k=40),
    "speakers in an object": config(speech_config={"speakers": [{"voice": "Kore"}]}),
    "code beside files": {"tools": [{"type": "file_search"}, {"type": "code_execution"}]},
    "an unstored child": {"store": False},
    "a step of next year": {
        "input": [
            {"type": "hologram", "content": [{"type": "image", "uri": 5, "mime_type": []}]},
            {"type": "hologram", "signature": [1], "result": [{"type": "audio", "result": [[]]}]},
            *said(HI),
        ]
    },
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD.keys())
def test_what_the_live_server_takes_is_taken(door: Door, body: Json) -> None:
    """To refuse it would be worse than to take too much."""
    parent = door.create().json["id"] if body == {"store": False} else None

    answer = door.ask(
        "POST",
        "/v1/interactions",
        {"model": MODEL, "input": "Hi", "previous_interaction_id": parent, **body},
    )

    assert answer.status == 200, answer.body


UNVERIFIED: dict[str, tuple[Json, str]] = {
    "configuration of an agent": (
        {"model": None, "agent": AGENT, "generation_config": {"seed": 1}},
        "Unknown parameter 'generation_config'.",
    ),
    "agent_config of a model": (
        {"agent_config": {"type": "dynamic"}},
        "Unknown parameter 'agent_config'.",
    ),
    "both": ({"agent": AGENT}, "Provide a 'agent', or 'model' parameter."),
    "background, unstored": (
        {"background": True, "store": False},
        "background=true requires store=true.",
    ),
    "research in the foreground": ({"model": None, "agent": AGENT}, ARGUMENT),
    "instructed research": (
        {"model": None, "agent": AGENT, "background": True, "system_instruction": "Be brief."},
        ARGUMENT,
    ),
    "a format of the sandbox agent": (
        {"model": None, "agent": "antigravity-preview-09-2026", **wants(type="text")},
        ARGUMENT,
    ),
    "a tool of the sandbox agent": (
        {
            "model": None,
            "agent": "antigravity-preview-09-2026",
            "tools": [{"type": "google_maps"}],
        },
        ARGUMENT,
    ),
    "an image that is none": (
        {"input": [{**IMAGE, "mime_type": "application/pdf", "data": "AAAA"}]},
        "Unsupported input mime type for this model: application/pdf",
    ),
}


@pytest.mark.parametrize(("change", "message"), UNVERIFIED.values(), ids=UNVERIFIED.keys())
def test_what_nobody_has_observed_is_marked(door: Door, change: Json, message: str) -> None:
    """Documented or inferred, in words that are our choice: a header says so."""
    answer = ask(door, Row("", message, change))

    assert (answer.status, answer.json["error"]["message"]) == (400, message)
    assert answer.headers["x-fakegemini-evidence"] == "X"


def test_what_was_observed_is_not_marked(door: Door) -> None:
    """The live server has no such header."""
    assert "x-fakegemini-evidence" not in ask(door, ROWS[2]).headers


def history(*steps: Json) -> list[Json]:
    """A resent history that begins with a question."""
    return [*said(HI), {"type": "thought", "signature": "c2VhbGVk"}, *steps]


OTHER = {**CALL, "id": "b"}
ANSWER = {**RESULT, "call_id": "b"}
WORDS = {"type": "model_output", "content": [HI]}

OUT_OF_ORDER: dict[str, list[Json]] = {
    "a result before its call": [RESULT, CALL],
    "a result behind another turn": [CALL, RESULT, WORDS, *said(HI), WORDS, ANSWER],
    "words of the model between": [CALL, *said(HI), WORDS, RESULT],
    "one of two": [CALL, OTHER, RESULT],
    "the same twice": [CALL, RESULT, RESULT],
    "one without a call": [CALL, RESULT, ANSWER],
}


@pytest.mark.parametrize("steps", OUT_OF_ORDER.values(), ids=OUT_OF_ORDER.keys())
def test_results_follow_their_calls(fake: Fake, door: Door, steps: list[Json]) -> None:
    """Only the last words were reported; that all of these get them is unverified."""
    fake.trust()

    answer = door.create(history(*steps))

    assert answer.status == 400
    assert re.match("Please ensure that function response turn", answer.json["error"]["message"])


def test_a_result_may_come_twice_in_a_chain(fake: Fake, door: Door) -> None:
    """Some clients resend what the server has; the second is the first."""
    fake.replies(call("tide"))
    fake.replies(say("Low."))
    first = door.create(tools=[TOOL]).json
    answered = {**RESULT, "call_id": first["steps"][-1]["id"]}
    second = door.create([answered], previous_interaction_id=first["id"]).json["id"]
    fake.replies(say("Yes."))

    answer = door.create([answered, *said(HI)], previous_interaction_id=second)

    assert answer.text == "Yes."


def test_a_user_describes_models_and_agents_of_his_own(plug: Any) -> None:
    """The tables of capabilities can be extended."""
    from fakegemini import Agent, Model

    fake = Fake(
        models={"tide-1": Model("tide-1", levels=("deep", "low"), background=False)},
        agents={"pilot": Agent("pilot", foreground=False)},
    )
    door = plug(fake.handle)

    low = door.create(model="tide-1", generation_config={"thinking_level": "high"})
    assert low.json["error"]["message"].endswith("Allowed values are: deep, low.")
    assert door.create(model="tide-1", background=True).status == 400
    assert door.create(agent="pilot").status == 400
    assert door.create(agent="pilot", background=True).status == 200
