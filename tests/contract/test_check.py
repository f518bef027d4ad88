"""What the checker finds in bodies, streams and chains, and what it lets pass."""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakegemini import contract
from fakegemini.contract import Finding, check
from fakegemini.contract.checker import check_exchanges, check_paths
from fakegemini.protocol.ids import InteractionId
from fakegemini.recordings.exchange import Exchange
from fakegemini.wire.sse import DONE_FRAME, encode_frame
from tests.beside import RECORDINGS
from tests.scenarios import Client, background, chain, function_loop, parallel_calls, stream

from .mutants import places

MODEL = "gemini-3.8-flash"
ASKED = b'{"model":"gemini-3.8-flash","input":"x"}'
DEADLINE = "Deadline expired before operation could complete."
OWN = base64.urlsafe_b64encode((1793004800).to_bytes(4, "little") + bytes(13)).rstrip(b"=").decode()
ID = str(InteractionId(OWN, OWN))
OTHER = str(InteractionId("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA"))
URI = "https://generativelanguage.googleapis.com/v1/interactions"
USAGE = {
    "total_tokens": 61,
    "total_input_tokens": 9,
    "input_tokens_by_modality": [{"modality": "text", "tokens": 9}],
    "total_cached_tokens": 0,
    "total_output_tokens": 12,
    "total_tool_use_tokens": 0,
    "total_thought_tokens": 40,
    "raw_prompt_token": 15,
}
CALL = {
    "id": "k3v9q2zt",
    "type": "function_call",
    "name": "read_tide",
    "arguments": {"at": "Dover"},
}
SAID = {"content": [{"text": "At noon.", "type": "text"}], "type": "model_output"}
THOUGHT = {"signature": "AAAA", "type": "thought"}


def body(**members: Any) -> dict[str, Any]:
    """A good interaction with other members; None takes one away."""
    whole = {
        "id": ID,
        "status": "completed",
        "usage": USAGE,
        "created": "2026-10-26T08:53:20Z",
        "updated": "2026-10-26T08:53:20Z",
        "service_tier": "standard",
        "steps": [THOUGHT, SAID],
        "object": "interaction",
        "model": "gemini-3.8-flash",
        **members,
    }
    return {key: value for key, value in whole.items() if value is not None}


def found(findings: list[Finding]) -> list[str]:
    """Findings as `kind rule path`."""
    return [f"{finding.kind} {finding.rule} {finding.path}" for finding in findings]


BODIES: list[tuple[dict[str, Any], str]] = [
    ({"status": None}, "violation missing-member response.body.status"),
    ({"status": 3}, "violation wrong-type response.body.status"),
    ({"status": "dozing"}, "drift unknown-value response.body.status"),
    ({"object": "thing"}, "violation wrong-value response.body.object"),
    ({"mood": "fine"}, "drift unknown-member response.body.mood"),
    ({"id": "int_1"}, "violation id-form response.body.id"),
    ({"id": OTHER}, "violation id-clock response.body.id"),
    ({"created": "2026-10-20T08:53:20Z"}, "violation id-clock response.body.created"),
    ({"created": "yesterday"}, "violation time response.body.created"),
    ({"updated": "2026-10-26T08:00:00Z"}, "violation time response.body.updated"),
    ({"usage": None}, "violation missing-member response.body.usage"),
    ({"service_tier": None}, "drift missing-member response.body.service_tier"),
    ({"steps": None}, "drift missing-member response.body.steps"),
    ({"model": None}, "violation model-or-agent response.body.model"),
    (
        {"usage": {**USAGE, "total_tokens": 62}},
        "violation usage-sum response.body.usage.total_tokens",
    ),
    (
        {"usage": {**USAGE, "total_cached_tokens": -1}},
        "violation usage-sum response.body.usage.total_cached_tokens",
    ),
    (
        {"usage": {**USAGE, "input_tokens_by_modality": [{"modality": "text", "tokens": 8}]}},
        "violation usage-sum response.body.usage.input_tokens_by_modality",
    ),
    (
        {"usage": {key: value for key, value in USAGE.items() if key != "total_output_tokens"}},
        "drift missing-member response.body.usage.total_output_tokens",
    ),
    (
        {"usage": {**USAGE, "total_tool_use_tokens": 7}},
        "violation usage-sum response.body.usage.total_tokens",
    ),
    (
        {"usage": {**USAGE, "model_invocation_token_counts": 1}},
        "violation wrong-type response.body.usage.model_invocation_token_counts",
    ),
    ({"status": "requires_action"}, "violation status-steps response.body.status"),
    ({"steps": [THOUGHT, CALL]}, "violation status-steps response.body.status"),
    (
        {"status": "requires_action", "steps": [THOUGHT, CALL, CALL]},
        "violation call-id response.body.steps[2].id",
    ),
    ({"steps": [{"type": "dream"}]}, "drift unknown-value response.body.steps[0].type"),
    ({"steps": [{}]}, "violation missing-member response.body.steps[0].type"),
    (
        {"steps": [{**SAID, "content": [{"type": "text"}]}]},
        "violation missing-member response.body.steps[0].content[0].text",
    ),
    ({"steps": [{"type": "thought"}]}, "drift missing-member response.body.steps[0].signature"),
    (
        {"steps": [{"type": "google_search_result", "call_id": "x", "result": []}]},
        "drift call-unknown response.body.steps[0].call_id",
    ),
    ({"status": "failed"}, "drift status-body response.body.status"),
    ({"outputs": [], "steps": None}, "violation legacy response.body.outputs"),
]


@pytest.mark.parametrize(("members", "expected"), BODIES)
def test_a_fault_in_a_body_is_found(members: dict[str, Any], expected: str) -> None:
    """One fault, told once, at its place; what only the types say is drift."""
    assert found(check(body(**members))) == [expected]


GOOD_BODIES: list[dict[str, Any]] = [
    {},
    {"id": None},
    {"id": None, "steps": [THOUGHT, CALL]},
    {"status": "incomplete", "steps": None},
    {"status": "incomplete", "steps": [{"signature": "", "type": "thought"}], "id": None},
    {"status": "requires_action", "steps": [THOUGHT, {**CALL, "signature": "AAAA"}]},
    {"status": "in_progress", "usage": None, "service_tier": None, "steps": None},
    {"status": "idle"},
    {"status": "idle", "usage": None, "service_tier": None, "steps": None},
    {"id": "v1_REDACTED_1", "created": "1970-01-01T00:00:00Z"},
    {"steps": [{"type": "user_input", "content": [{"text": "x", "type": "text"}]}, THOUGHT, SAID]},
    {"usage": {**USAGE, "raw_prompt_token": 9}},
    {"usage": {**USAGE, "total_tokens": 63, "total_tool_use_tokens": 2}},
    {"status": "cancelled", "usage": None, "service_tier": None, "steps": None},
]


@pytest.mark.parametrize("members", GOOD_BODIES)
def test_what_was_recorded_passes(members: dict[str, Any]) -> None:
    """Forms that recordings and measurements show have no finding."""
    assert check(body(**members)) == []


DRIFT_BODIES: list[dict[str, Any]] = [
    {"usage": {**USAGE, "total_tokens": 1}, "model": None, "agent": "deep-research-pro"},
    {"status": "in_progress", "usage": None, "created": None, "updated": None, "steps": None},
    {"model": "lyria-3-clip-preview", "outputs": [], "steps": None},
    {"steps": [{"type": "google_maps_result", "call_id": 7}]},
    {
        "steps": [
            {"content": [{"type": "image", "data": "iVBO...", "mime_type": "image/png"}]}
            | {"type": "model_output"}
        ]
    },
    {"status": "requires_continuation"},
]


@pytest.mark.parametrize("members", DRIFT_BODIES)
def test_what_one_source_says_is_no_violation(members: dict[str, Any]) -> None:
    """Where only documentation, types or one report speak, a finding is drift."""
    kinds = {finding.kind for finding in check(body(**members))}

    assert kinds == {"drift"}


def opening(identifier: str = ID, **members: Any) -> dict[str, Any]:
    """A good `interaction.created`."""
    about = {
        "id": identifier,
        "status": "in_progress",
        "object": "interaction",
        "model": "gemini-3.8-flash",
    }
    return {"interaction": about | members, "event_type": "interaction.created"}


def update(identifier: str = ID, status: str = "in_progress") -> dict[str, Any]:
    """A good `interaction.status_update`."""
    return {
        "interaction_id": identifier,
        "status": status,
        "event_type": "interaction.status_update",
    }


def start(index: int, **step: Any) -> dict[str, Any]:
    """A `step.start`."""
    return {"index": index, "step": step, "event_type": "step.start"}


def delta(index: int, **payload: Any) -> dict[str, Any]:
    """A `step.delta`."""
    return {"index": index, "delta": payload, "event_type": "step.delta"}


def stop(index: int) -> dict[str, Any]:
    """A `step.stop`."""
    return {"index": index, "event_type": "step.stop"}


def ending(identifier: str = ID, **members: Any) -> dict[str, Any]:
    """A good `interaction.completed`."""
    whole = body(id=identifier, steps=None, **members)
    return {"interaction": whole, "event_type": "interaction.completed"}


HEAD = [opening(), update()]
SPEECH = [start(0, type="model_output"), delta(0, text="Noon.", type="text"), stop(0)]
CALLING = [
    start(0, id="k3v9q2zt", type="function_call", name="read_tide", arguments={}),
    delta(0, arguments='{"at":"Dover"}', type="arguments_delta"),
    stop(0),
]
NAMELESS = {"type": "function_call", "name": "read_tide", "arguments": {}}
STREAMS: list[tuple[list[dict[str, Any]], str]] = [
    (
        [*HEAD, *SPEECH, ending(model="gemini-2.5-flash", usage=None)],
        "violation reply-model response.events[5].interaction.model",
    ),
    ([*HEAD, *SPEECH], "violation no-terminal response.events[5]"),
    ([*SPEECH, ending()], "violation stream-order response.events[0].event_type"),
    (
        [*HEAD, opening(), *SPEECH, ending()],
        "violation stream-order response.events[2].event_type",
    ),
    ([opening(), *SPEECH, ending()], "drift stream-order response.events[1].event_type"),
    (
        [*HEAD, *SPEECH, update(), ending()],
        "drift update-once response.events[5].event_type",
    ),
    (
        [opening(status="completed"), update(), *SPEECH, ending()],
        "violation first-status response.events[0].interaction.status",
    ),
    (
        [opening(), update(OTHER), *SPEECH, ending()],
        "violation id-stream response.events[1].interaction_id",
    ),
    (
        [*HEAD, update(status="failed"), *SPEECH, ending()],
        "drift status-move response.events[2].status",
    ),
    ([*HEAD, *SPEECH[:2], ending()], "violation step-open response.events[4].event_type"),
    (
        [*HEAD, *SPEECH[:2], start(1, type="thought"), stop(1), ending()],
        "violation step-open response.events[4].index",
    ),
    (
        [*HEAD, start(1, type="thought"), stop(1), ending()],
        "violation step-index response.events[2].index",
    ),
    ([*HEAD, stop(0), ending()], "violation step-closed response.events[2].index"),
    (
        [*HEAD, *SPEECH, SPEECH[1], ending()],
        "violation step-closed response.events[5].index",
    ),
    (
        [*HEAD, SPEECH[0], delta(0, signature="AAAA", type="thought_signature"), stop(0), ending()],
        "violation delta-fit response.events[3].delta.type",
    ),
    (
        [*HEAD, *CALLING, ending()],
        "violation status-steps response.events[5].interaction.status",
    ),
    (
        [*HEAD, *SPEECH, ending(status="requires_action")],
        "violation status-steps response.events[5].interaction.status",
    ),
    (
        [*HEAD, CALLING[0], delta(0, arguments="{", type="arguments_delta"), stop(0), ending()],
        "violation step-fold response.events[3].delta.arguments",
    ),
    (
        [*HEAD, {**CALLING[0], "step": NAMELESS}, *CALLING[1:], ending(status="requires_action")],
        "violation step-fold response.events[2].step.id",
    ),
    (
        [*HEAD, *SPEECH, ending(), ending()],
        "violation after-terminal response.events[6].event_type",
    ),
    (
        [*HEAD, *SPEECH, ending(created=None)],
        "violation missing-member response.events[5].interaction.created",
    ),
    (
        [*HEAD, *SPEECH, ending(usage=None)],
        "drift missing-member response.events[5].interaction.usage",
    ),
    (
        [*HEAD, *SPEECH, ending(usage={**USAGE, "total_tokens": 1})],
        "violation usage-sum response.events[5].interaction.usage.total_tokens",
    ),
    (
        [*HEAD, *SPEECH, {"interaction": body(), "event_type": "interaction.completed"}],
        "violation completed-steps response.events[5].interaction.steps",
    ),
    (
        [*HEAD, {**SPEECH[0], "event_id": "a"}, {**SPEECH[1], "event_id": "a"}, stop(0), ending()],
        "drift event-id response.events[3].event_id",
    ),
    (
        [*HEAD, {"index": 0, "event_type": "step.pause"}, *SPEECH, ending()],
        "drift unknown-value response.events[2].event_type",
    ),
]


@pytest.mark.parametrize(("events", "expected"), STREAMS)
def test_a_fault_in_a_stream_is_found(events: list[dict[str, Any]], expected: str) -> None:
    """The grammar: order, indexes, open and stopped steps, fit, the end, and the whole."""
    assert expected in found(check(events))


SIGNED = [
    start(0, type="thought", signature=""),
    delta(0, content={"text": "a", "type": "text"}, type="thought_summary"),
    delta(0, signature="", type="thought_signature"),
    delta(0, content={"text": "b", "type": "text"}, type="thought_summary"),
    delta(0, signature="AAAA", type="thought_signature"),
    stop(0),
]
SIGNED_CALL = {**CALLING[0], "step": {**CALLING[0]["step"], "signature": ""}}
COUNTED = {**SPEECH[1], "metadata": {"usage": USAGE}}
GOOD_STREAMS: list[list[dict[str, Any]]] = [
    [*HEAD, *SPEECH, ending()],
    [*HEAD, *SIGNED, ending()],
    [*HEAD, SPEECH[0], COUNTED, stop(0), ending()],
    [*HEAD, ending(status="incomplete")],
    [*HEAD, update(status="idle"), *SPEECH, ending()],
    [*HEAD, *SPEECH, update(status="idle"), ending(status="idle")],
    [*HEAD, start(0, type="thought"), stop(0), ending(status="incomplete")],
    [*HEAD, *CALLING, ending(status="requires_action")],
    [opening(""), update(""), *CALLING, ending("")],
    [opening(""), update(""), *CALLING, ending("", status="requires_action")],
    [*HEAD, {"error": {"message": DEADLINE, "code": "gateway_timeout"}, "event_type": "error"}],
    [*HEAD, SIGNED_CALL, *CALLING[1:], ending(status="requires_action")],
]


@pytest.mark.parametrize("events", GOOD_STREAMS)
def test_streams_that_were_recorded_pass(events: list[dict[str, Any]]) -> None:
    """Interleaved empty signatures, metadata, unstored calls and broken ends have no finding."""
    assert check(events) == []


def streamed(events: list[dict[str, Any]], **about: Any) -> Exchange:
    """An exchange whose answer is that stream."""
    payload = b"".join(map(encode_frame, events)) + DONE_FRAME
    asked = json.dumps({"model": "gemini-3.8-flash", "input": "x", "stream": True}).encode()
    headers = {"content-type": "text/event-stream"}
    made = Exchange(1, "POST", URI, {}, asked, 200, headers, payload)
    return replace(made, **about)


def whole(**about: Any) -> Exchange:
    """A good create and its answer, with other members of the exchange."""
    asked = json.dumps({"model": "gemini-3.8-flash", "input": "x"}).encode()
    headers = {"content-type": "application/json"}
    made = Exchange(1, "POST", URI, {}, asked, 200, headers, json.dumps(body()).encode())
    return replace(made, **about)


def refused(status: int, code: object, **about: Any) -> Exchange:
    """A refusal."""
    payload = json.dumps({"error": {"message": "No.", "code": code}}).encode()
    headers = {"content-type": "application/json; charset=UTF-8"}
    return whole(status=status, response_headers=headers, response_body=payload, **about)


FRAME = encode_frame(update())
HTML = {"content-type": "text/html"}
KEY = b'[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]'
EXCHANGES: list[tuple[Exchange, list[str]]] = [
    (whole(), []),
    (whole(status=202), ["violation http-status response.status"]),
    (
        whole(response_headers={"content-type": "text/plain"}),
        ["violation content-type response.headers.content-type"],
    ),
    (whole(response_headers={}), []),
    (whole(response_body=b"{"), ["violation not-json response.body"]),
    (whole(request_body=b"{"), ["violation not-json request.body"]),
    (whole(request_body=b""), ["drift missing-body request.body"]),
    (
        whole(request_body=b'{"model":"gemini-3.8-flash","input":"x","odd":1}'),
        ["violation unknown-member request.body.odd"],
    ),
    (whole(request_body=b'{"input":"x"}'), ["violation model-or-agent request.body.model"]),
    (
        whole(request_body=b'{"model":"gemini-3.8-flash","input":"x","store":false}'),
        ["violation id-unstored response.body.id"],
    ),
    (
        whole(request_body=b'{"model":"gemini-3.8-flash","input":"x","stream":true}'),
        ["violation content-type response.headers.content-type"],
    ),
    (
        whole(response_body=b'{"a":1,"a":2}'),
        ["violation duplicate-key response.body"],
    ),
    (streamed([*HEAD, *SPEECH, ending()]), []),
    (streamed([*HEAD, *SPEECH, ending()], request_body=b""), ["drift missing-body request.body"]),
    (
        streamed(
            [*HEAD, *SPEECH, ending()],
            request_body=b'{"model":"gemini-3.8-flash","input":"x"}',
            uri=f"{URI}?alt=sse",
        ),
        [],
    ),
    (
        streamed(
            [*HEAD, *SPEECH, ending()], request_body=b'{"model":"gemini-3.8-flash","input":"x"}'
        ),
        ["violation stream-asked response.body"],
    ),
    (
        streamed([], response_body=FRAME[:-1] + b"\n" + FRAME[:20]),
        [
            "violation no-terminal response.events[1]",
            "violation stream-cut response.events[1]",
            "violation stream-order response.events[0].event_type",
        ],
    ),
    (
        streamed(
            HEAD, response_body=b"".join(map(encode_frame, HEAD)) + b'{"error":{"code":"safety"}}\n'
        ),
        ["drift bare-error response.events[2]"],
    ),
    (
        streamed(
            [],
            response_body=DONE_FRAME,
            method="GET",
            uri=f"{URI}/{ID}?stream=true",
            request_body=b"",
        ),
        ["drift no-terminal response.events[0]"],
    ),
    (
        streamed(
            [stop(0), start(1, type="thought"), stop(1), ending()],
            method="GET",
            uri=f"{URI}/{ID}?stream=true&last_event_id=e1",
            request_body=b"",
        ),
        [],
    ),
    (
        streamed(HEAD, request_body=b'{"agent":"a","input":"x","background":true,"stream":true}'),
        ["drift no-terminal response.events[2]"],
    ),
    (refused(400, "invalid_request"), []),
    (refused(404, "not_found"), []),
    (refused(500, "api_error"), []),
    (refused(413, "invalid_request"), ["drift error-code response.body.error.code"]),
    (refused(404, "invalid_request"), ["violation error-code response.body.error.code"]),
    (refused(422, "unprocessable_entity"), []),
    (refused(400, "tired"), ["drift error-code response.body.error.code"]),
    (refused(401, 400), ["violation error-code response.body.error.code"]),
    (refused(400, None), ["violation wrong-type response.body.error.code"]),
    (
        whole(status=400, response_headers={}, response_body=KEY),
        [],
    ),
    (
        whole(status=502, response_headers=HTML, response_body=b"<html>"),
        [
            "drift content-type response.headers.content-type",
            "drift gateway-error response.body",
        ],
    ),
    (
        whole(
            status=400,
            response_headers={"content-type": "text/event-stream"},
            response_body=b'event: error\ndata: {"error":{"message":"Corrupted thought signature.",'
            b'"code":"invalid_request"},"event_type":"error"}\n\n',
        ),
        [],
    ),
    (
        whole(request_headers={"x-goog-api-client": "google-genai-sdk/1.75.0"}),
        [],
    ),
    (
        refused(400, "invalid_request", request_headers={"user-agent": "google-genai-sdk/1.75.0"}),
        ["violation legacy request.headers.user-agent"],
    ),
    (
        whole(request_body=b'{"model":"gemini-3.8-flash","input":[{"role":"user","content":[]}]}'),
        ["violation legacy request.body.input[0].role"],
    ),
    (
        whole(method="DELETE", uri=f"{URI}/{ID}", request_body=b"", response_body=b"{}"),
        [],
    ),
    (
        whole(
            method="DELETE",
            uri=f"{URI}/{ID}",
            request_body=b"",
            response_body=b"",
            response_headers={},
        ),
        [],
    ),
    (
        whole(method="DELETE", uri=f"{URI}/{ID}", request_body=b"", response_body=b'{"x":1}'),
        ["violation delete-body response.body"],
    ),
    (
        whole(method="GET", uri=f"{URI}/{OTHER}", request_body=b""),
        ["violation id-path response.body.id"],
    ),
    (
        whole(uri=f"{URI}/{ID}/cancel", request_body=b""),
        ["drift cancel-status response.body.status"],
    ),
]


@pytest.mark.parametrize(("exchange", "expected"), EXCHANGES)
def test_an_exchange(exchange: Exchange, expected: list[str]) -> None:
    """Status, content type, error code, and what was asked against what came."""
    findings = [each for each in check_exchanges([exchange]) if each.rule != "error-text"]
    assert sorted(found(findings)) == sorted(expected)


def recording(scenario: Callable[[Client], None]) -> list[Exchange]:
    """A scenario's exchanges."""
    client = Client()
    scenario(client)
    return client.exchanges


def asking(exchange: Exchange, **members: Any) -> Exchange:
    """The exchange with other members in its request."""
    changed = {**exchange.request_json, **members}
    return replace(exchange, request_body=json.dumps(changed).encode())


def test_a_chain_whose_parent_is_elsewhere_is_drift() -> None:
    """The second turn alone may be of a recording in two files: its ids agree."""
    assert found(check_exchanges(recording(chain)[1:2])) == [
        "drift chain-parent request.body.previous_interaction_id"
    ]


@pytest.mark.parametrize("parent", ["v1_bogus", OTHER])
def test_a_chain_whose_parent_cannot_be_is_a_violation(parent: str) -> None:
    """A parent that does not decode, or whose root is another, is not that of the answer."""
    first, second, _ = recording(chain)
    findings = found(check_exchanges([first, asking(second, previous_interaction_id=parent)]))

    assert "violation chain-parent request.body.previous_interaction_id" in findings


def test_results_answer_calls_once() -> None:
    """A result for no call, and a second one for a call, are found; other orders are not."""
    calls, results = recording(parallel_calls)
    items = results.request_json["input"]
    lost = asking(results, input=[{**items[0], "call_id": "zzzzzzzz"}, items[1]])
    twice = asking(results, input=[*items, items[0]])

    assert check_exchanges([calls, results]) == []
    assert found(check_exchanges([calls, lost])) == [
        "violation call-unknown request.body.input[0].call_id"
    ]
    assert found(check_exchanges([calls, twice])) == [
        "violation call-twice request.body.input[2].call_id"
    ]


def test_a_client_may_repeat_its_history() -> None:
    """Call and result together with a parent are a repetition, not a second answer."""
    call, result = recording(function_loop)
    history = [*call.response_json["steps"], *result.request_json["input"]]
    again = asking(result, input=[*history, {"type": "text", "text": "And now?"}])

    assert check_exchanges([call, asking(result, input=history)]) == []
    assert check_exchanges([call, again]) == []


def test_polls_go_from_running_to_one_end() -> None:
    """Steps may grow while it runs; after the end nothing moves."""
    exchanges = [each for each in recording(background) if each.status == 200]
    last = next(each for each in exchanges if each.operation == "get")
    polls = [last, last]
    grown = {**body(), "status": "in_progress"} | {"usage": None, "service_tier": None}
    running = {key: value for key, value in grown.items() if value is not None}
    get = whole(method="GET", uri=f"{URI}/{ID}", request_body=b"")
    steps = [{**running, "steps": [THOUGHT]}, {**running, "steps": [THOUGHT, SAID]}, body()]
    told = [replace(get, response_body=json.dumps(step).encode()) for step in steps]

    assert check_exchanges(exchanges) == []
    assert check_exchanges([exchanges[0], *polls]) == []
    assert check_exchanges(told) == []
    assert found(check_exchanges([*told[2:], told[1]])) == [
        "violation status-move response.body.status"
    ]


def test_sides_are_chosen() -> None:
    """Only what was asked, or only what was answered."""
    exchange = whole(
        request_body=b'{"model":"gemini-3.8-flash","input":"x","odd":1}', response_body=b"{"
    )

    for side in ("request", "response"):
        findings = check_exchanges([exchange], sides=frozenset({side}))
        assert [finding.path.partition(".")[0] for finding in findings] == [side]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ({"model": "gemini-3.8-flash", "input": "x"}, []),
        (
            {"model": "gemini-3.8-flash", "input": "x", "odd": 1},
            ["violation unknown-member request.body.odd"],
        ),
        (
            {
                "model": "gemini-3.8-flash",
                "input": [{"type": "function_result", "call_id": "x", "result": ""}],
            },
            ["violation missing-member request.body.input[0].name"],
        ),
        (7, ["violation wrong-type request.body"]),
    ],
)
def test_the_body_of_a_request(subject: Any, expected: list[str]) -> None:
    """`check(body, request=True)` reads the body of a create."""
    assert found(check(subject, request=True)) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ({"error": {"message": "x", "code": "not_found"}}, []),
        ({"error": {"message": "x"}}, ["violation missing-member response.body.error.code"]),
        (stop(0), []),
        ({**stop(0), "index": "0"}, ["violation wrong-type response.events[0].index"]),
        (None, ["violation wrong-type response.body"]),
        (7, ["violation wrong-type response.body"]),
    ],
)
def test_other_subjects(subject: Any, expected: list[str]) -> None:
    """`check` takes an error body, one event, and things that are nothing."""
    assert found(check(subject)) == expected


def test_the_names_of_the_package_are_functions() -> None:
    """Importing a module of the package never puts it in the place of a function."""
    for name in ("checker", "guards", "findings"):
        importlib.import_module(f"fakegemini.contract.{name}")

    assert callable(contract.check)
    assert callable(contract.guard)


def test_a_finding_says_what_where_and_how_it_is_known() -> None:
    """One line: kind, exchange, path, found, expected, rule, evidence."""
    assert str(check(body(object="thing"))[0]) == (
        'violation #1 response.body.object: "thing"; expected "interaction" '
        "[wrong-value; C: recorded replies and streams, 2026-10]"
    )


def test_megabytes_are_quoted_short() -> None:
    """A finding about a large value stays one short line."""
    block = {"type": "image", "data": "%" * 4_000_000, "mime_type": "image/png"}
    (finding,) = check(body(steps=[{"type": "model_output", "content": [block]}]))

    assert finding.path == "response.body.steps[0].content[0].data"
    assert len(str(finding)) < 500


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_real_recordings() -> None:
    """No violation in what is current, and each legacy exchange is named as such."""
    report = check_paths([RECORDINGS])
    legacy = [finding for finding in report.findings if finding.rule == "legacy"]
    files = sorted(RECORDINGS.glob("*/legacy-*.yaml"))
    exchanges = sum(file.read_text().count("- request:") for file in files)

    assert report.unreadable == []
    assert [str(finding) for finding in report.findings if finding not in legacy] == []
    assert {finding.file for finding in legacy} == set(map(str, files))
    assert len(legacy) == exchanges
    assert all("record it again" in finding.expected for finding in legacy)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), junk=JSON)
def test_nothing_that_is_json_breaks_the_checker(data: st.DataObject, junk: Any) -> None:
    """Any value anywhere in a chain gives findings, never an exception."""
    exchanges = recording(data.draw(st.sampled_from([function_loop, stream, background])))
    at = data.draw(st.integers(0, len(exchanges) - 1))
    side = data.draw(st.sampled_from(["request_body", "response_body"]))
    if exchanges[at].is_stream and side == "response_body":
        events = [frame.json() for frame in exchanges[at].frames[0] if not frame.is_done]
        holder, key, _ = data.draw(st.sampled_from(list(places(events))))
        holder[key] = junk
        raw = b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)
    else:
        value = json.loads(getattr(exchanges[at], side) or b"{}")
        spots = list(places(value))
        if spots:
            holder, key, _ = data.draw(st.sampled_from(spots))
            holder[key] = junk
        raw = json.dumps(value if spots else junk).encode()
    if side == "request_body":
        exchanges[at] = replace(exchanges[at], request_body=raw)
    else:
        exchanges[at] = replace(exchanges[at], response_body=raw)

    for finding in check_exchanges(exchanges):
        assert finding.path.startswith(("request", "response"))
