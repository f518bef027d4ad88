"""Steps that nobody can stream, steps of unknown types, and streams that wait."""

from __future__ import annotations

from typing import Any

import pytest

from fakegemini import Fake, never_ending
from fakegemini.wire.http import Request, Wait
from tests.http.door import Door

UNSTREAMABLE: list[dict[str, Any]] = [
    {"type": "model_output", "content": ["x"]},
    {"type": "model_output", "content": 5},
    {"type": "model_output", "content": [{"type": "text", "text": 5}]},
    {"type": "thought", "summary": 5},
    {"type": "thought", "summary": ["x"]},
    {"type": "function_call", "name": "f", "arguments": "x"},
    {"type": "function_call", "name": "f", "arguments": [1]},
    {"type": "user_input", "content": [1]},
]
PLAIN: list[dict[str, Any]] = [
    {"type": "weird", "content": "abc"},
    {"type": "weird", "content": [1]},
    {"type": "weird", "content": [[], None]},
    {"type": "weird", "content": {"a": 1}},
    {"type": "weird", "result": 7},
    {"type": "google_search_call", "arguments": None},
    {"type": "mcp_server_tool_call", "name": "f", "server_name": "s", "arguments": [1]},
    {"type": "google_search_call", "content": "abc", "summary": 5},
]


@pytest.mark.parametrize("step", UNSTREAMABLE, ids=str)
def test_step_that_cannot_be_streamed(door: Door, step: dict[str, Any]) -> None:
    """It is refused where it is scripted, and names the member."""
    answer = door.ask("POST", "/__fakegemini__/replies", {"steps": [step]})
    assert answer.status == 400
    assert "cannot be streamed: its" in answer.json["error"]["message"]


@pytest.mark.parametrize("step", PLAIN, ids=str)
@pytest.mark.parametrize("stream", [True, False])
def test_step_that_streams_as_it_is(
    fake: Fake, door: Door, step: dict[str, Any], stream: bool
) -> None:
    """Of an unknown type, or with members that are sent whole; the conversation goes on."""
    fake.replies(step)
    fake.replies(step)
    first = door.create(stream=stream)
    assert first.status == 200
    assert first.done if stream else first.json["steps"][-1] | step == first.json["steps"][-1]
    parent = fake.requests[0].id
    assert door.create("more", previous_interaction_id=parent).status == 200


def test_stream_of_a_run_without_an_end_sleeps() -> None:
    """Between two looks it takes real time, in a test as well, so that many take no core."""
    fake = Fake()
    fake.replies("x", background=never_ending())
    body = b'{"model": "gemini-3.5-flash", "input": "x", "background": true, "stream": true}'
    beats = iter(fake.handle(Request("POST", "/v1/interactions", body=body)).beats)
    waits = [beat for beat, _ in zip(beats, range(20), strict=False) if isinstance(beat, Wait)]
    assert len(waits) > 10
    assert all(wait.real and wait.seconds >= 0.05 for wait in waits)


HALF_CHARACTERS: list[dict[str, Any]] = [
    {"status": 400, "body": "\ud83d"},
    {"status": 400, "code": "x", "message": "\ud83d"},
    {"insert": "\ud83d", "before": 1},
    {"cut_at_seconds": 0, "last_line": "\ud83d"},
]


@pytest.mark.parametrize("fault", HALF_CHARACTERS, ids=lambda fault: " ".join(fault))
def test_half_a_character_in_a_fault(door: Door, fault: dict[str, Any]) -> None:
    """It is sent as a broken server might, or refused with a sentence; never a traceback."""
    scripted = door.ask("POST", "/__fakegemini__/faults", fault)
    answer = door.create(input="Hi", stream=True) if scripted.status == 200 else scripted
    assert b"itself failed" not in answer.body
