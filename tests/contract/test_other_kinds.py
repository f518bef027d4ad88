"""Answers of kinds that are not beside the project, in the forms that were reported of them.

Other models, agents, editions and recorders: nothing of them is a violation, whatever is odd.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fakegemini.contract.checker import check_exchanges
from fakegemini.contract.findings import Kind
from fakegemini.recordings.exchange import Exchange
from fakegemini.wire.http import Json
from fakegemini.wire.sse import DONE_FRAME, encode_frame

from .test_check import ID, THOUGHT, URI, USAGE, body, delta, start, stop, update

OLD_USAGE = {name: count for name, count in USAGE.items() if name != "raw_prompt_token"}
AGENT = "deep-research-preview-04-2026"
VERTEX = (
    "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/harbour/locations/us-central1/"
)
JSON = {"content-type": "application/json"}


def alone(**members: Any) -> list[Exchange]:
    """Only the body of an answer was kept."""
    return [Exchange(1, status=200, response_body=json.dumps(body(**members)).encode())]


def streamed(*events: Json, request: Json | None = None) -> list[Exchange]:
    """A stream, with its request where there is one."""
    payload = b"".join(map(encode_frame, events)) + DONE_FRAME
    if request is None:
        return [Exchange(1, status=200, response_body=payload)]
    headers = {"content-type": "text/event-stream"}
    sent = json.dumps({"stream": True, **request}).encode()
    return [Exchange(1, "POST", URI, {}, sent, 200, headers, payload)]


def usage(**counts: Any) -> Json:
    """Counts whose total is right."""
    made = {**USAGE, **counts}
    parts = ("input", "output", "thought", "tool_use")
    return made | {"total_tokens": sum(made[f"total_{part}_tokens"] for part in parts)}


def output(**block: Any) -> list[Json]:
    """A thought and one block."""
    return [THOUGHT, {"type": "model_output", "content": [block]}]


def medium(name: str, count: int) -> list[Json]:
    """The breakdown of an output that has media."""
    return [{"modality": name, "tokens": count}]


CITED = {"type": "url_citation", "start_index": 5, "end_index": 11, "url": "https://x.example"}
SEARCHED = [
    THOUGHT,
    {
        "type": "model_output",
        "content": [{"type": "text", "text": "Wer? Köln.", "annotations": [CITED]}],
    },
    {"type": "google_search_call", "id": "abcd1234", "arguments": {"queries": ["Köln"]}},
    {"type": "google_search_result", "call_id": "abcd1234", "result": [], "is_error": False},
]
UNSTORED = {"id": "", "status": "in_progress", "object": "interaction", "model": "gemini-3.7-flash"}
CALLS = [
    start(0, type="thought"),
    delta(0, type="thought_signature", signature=""),
    delta(0, type="thought_signature", signature="EjRpbnZlbnRlZCB0aG91Z2h0IHNpZ25hdHVyZQ=="),
    stop(0),
    start(1, id="call_2312797", type="function_call", name="f", arguments={}),
    delta(1, type="arguments_delta", arguments='{"a":'),
    delta(1, type="arguments_delta", arguments="1}"),
    stop(1),
    start(2, id="call_2312798", type="function_call", name="f", arguments={}, signature=""),
    delta(2, type="arguments_delta", arguments="{}"),
    stop(2),
]
RESEARCHED = body(
    model=None,
    agent=AGENT,
    updated="2026-10-26T09:02:20Z",
    usage=OLD_USAGE,
    service_tier=None,
    steps=[
        {"type": "user_input", "content": [{"type": "text", "text": "Tides?"}]},
        {"type": "thought", "signature": "", "summary": [{"type": "text", "text": "Hm."}] * 24},
        {
            "type": "model_output",
            "content": [{"type": "text", "text": "Zwölf.", "annotations": [CITED]}],
        },
        {"type": "model_output", "content": [{"type": "text", "text": "Sources"}]},
    ],
)
ABOUT_AGENT = {"id": ID, "object": "interaction", "agent": AGENT}
REPORT = [
    {"interaction": {**ABOUT_AGENT, "status": "in_progress"}, "event_type": "interaction.created"},
    update(),
    start(0, type="thought"),
    delta(0, type="thought_summary", content={"type": "text", "text": "Hm."}),
    stop(0),
    start(1, type="model_output"),
    delta(1, type="text", text="Zwölf."),
    stop(1),
    {
        "interaction": {**ABOUT_AGENT, "status": "completed"}
        | {"created": "2026-10-26T08:53:20Z", "updated": "2026-10-26T09:03:20Z"},
        "event_type": "interaction.completed",
    },
]
REPORT = [{**event, "event_id": f"v1_{number}"} for number, event in enumerate(REPORT)]
RESEARCH = {"agent": AGENT, "input": "Tides?", "background": True, "store": True}


def vertex(status: int, answer: Json, **request: Any) -> list[Exchange]:
    """An exchange of the other edition."""
    sent = json.dumps({"model": "gemini-2.5-flash", "input": "x", **request}).encode()
    headers = {"content-type": "application/json; charset=UTF-8"}
    received = json.dumps(answer).encode()
    return [Exchange(1, "POST", f"{VERTEX}interactions", {}, sent, status, headers, received)]


def resumed(first_count: int) -> list[Exchange]:
    """A stream that broke off after some events, and the rest of it."""
    (whole,) = streamed(*REPORT, request=RESEARCH)
    cut = b"".join(map(encode_frame, REPORT[:first_count]))
    rest = b"".join(map(encode_frame, REPORT[first_count:])) + DONE_FRAME
    uri = f"{URI}/{ID}?stream=true&last_event_id=v1_{first_count - 1}"
    second = replace(whole, number=2, method="GET", uri=uri, request_body=b"", response_body=rest)
    return [replace(whole, response_body=cut), second]


OTHERS: dict[str, list[Exchange]] = {
    "a search of 2.5 behind the output": alone(
        model="gemini-2.5-flash",
        steps=SEARCHED,
        usage={**usage(total_tool_use_tokens=50), "tool_use_tokens_by_modality": medium("text", 50)}
        | {"grounding_tool_count": [{"type": "google_search", "count": 1}]},
    ),
    "a picture": alone(
        model="gemini-3.1-flash-image",
        usage=usage(total_output_tokens=1201, output_tokens_by_modality=medium("image", 1120)),
        steps=output(data="/9j/4AAQSkZJRgABAQAAAQAB", mime_type="image/jpeg", type="image"),
    ),
    "a picture that a recorder cut": alone(
        steps=output(data="/9j/4AAQSkZJRgABAQAAAQABAAD", mime_type="image/jpeg", type="image")
    ),
    "a picture that a recorder took out": alone(
        steps=output(data="[image data]", mime_type="image/jpeg", type="image")
    ),
    "a film by address": alone(
        model="gemini-omni-flash-preview",
        usage=usage(total_output_tokens=6166, output_tokens_by_modality=medium("video", 5793)),
        steps=output(uri="https://x.example/files/abc", mime_type="video/mp4", type="video"),
    ),
    "raw sound": alone(
        model="gemini-3.8-flash-tts",
        usage=usage(output_tokens_by_modality=medium("audio", 12)),
        steps=[
            {
                "type": "model_output",
                "content": [
                    {"type": "audio", "mime_type": "audio/l16;rate=24000", "data": "AAAA" * 9}
                ],
            }
        ],
    ),
    "a turn that was cut before it said anything": alone(
        id=None, status="incomplete", steps=None, model="gemini-3.7-flash"
    ),
    "calls of a stream that nobody keeps": streamed(
        {"interaction": UNSTORED, "event_type": "interaction.created"},
        update(""),
        *CALLS,
        {
            "interaction": body(id="", steps=None, model="gemini-3.7-flash"),
            "event_type": "interaction.completed",
        },
    ),
    "a refusal of a stream, saved by itself": [
        Exchange(
            1,
            status=200,
            response_body=b'event: error\ndata: {"error":{"message":"Corrupted thought signature.",'
            b'"code":"invalid_request"},"event_type":"error"}\n\n',
        )
    ],
    "research": [
        Exchange(1, "GET", f"{URI}/{ID}", {}, b"", 200, JSON, json.dumps(RESEARCHED).encode())
    ],
    "a stream of research": streamed(*REPORT, request=RESEARCH),
    "a stream that is resumed": resumed(5),
    "a stream that is resumed inside of a step": resumed(4),
    "the other edition": vertex(
        200,
        body(
            id="1234567890",
            created="2026-10-26T08:53:20.123456Z",
            updated="2026-10-26T08:53:27.5Z",
            model="publishers/google/models/gemini-2.5-flash",
        ),
        labels={"team": "harbour"},
    ),
    "a refusal of the other edition": vertex(
        404, {"error": {"code": 404, "message": "Publisher Model not found", "status": "NOT_FOUND"}}
    ),
    "a proxy that is busy": [
        Exchange(
            1, "POST", URI, {}, b"{}", 429, {"content-type": "text/plain"}, b"Too Many Requests"
        )
    ],
    "an alias": [
        Exchange(
            1,
            "POST",
            URI,
            {},
            b'{"model":"gemini-flash-latest","input":"x"}',
            200,
            JSON,
            json.dumps(body()).encode(),
        )
    ],
    "the next generation": alone(model="gemini-4-argon", usage=OLD_USAGE | {"total_tokens": 99}),
}
"""By what is unlike the recordings that we have."""


@pytest.mark.parametrize("name", OTHERS)
def test_answers_of_other_kinds_are_no_violation(name: str) -> None:
    """At most drift: what nobody had seen."""
    findings = check_exchanges(OTHERS[name])

    assert [str(each) for each in findings if each.kind is Kind.VIOLATION] == []


@pytest.mark.parametrize("count", [3, 4, 5, 6, 7])
def test_the_rest_of_a_stream_that_broke_off_is_no_drift(count: int) -> None:
    """The first stream does not say what came behind its last event."""
    findings = check_exchanges(resumed(count))

    assert [each.rule for each in findings if each.rule == "resumed-events"] == []


def test_a_resumed_stream_repeats_nothing() -> None:
    """Behind the named event of a whole stream comes what came there."""
    first, second = resumed(5)
    (whole,) = streamed(*REPORT, request=RESEARCH)
    again = replace(second, response_body=whole.response_body)

    assert check_exchanges([whole, second])[-1].rule != "resumed-events"
    assert first.number == 1
    found = [each.path for each in check_exchanges([whole, again]) if each.rule == "resumed-events"]
    assert found == ["response.events[0].index"]
