"""Text that UTF-8 cannot say, and numbers beyond Python's: recorded, shown, converted, replayed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini import Fake, NotOnTape, Request
from fakegemini.cli import main
from fakegemini.recordings.cassette import dump_cassette, load_any_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from fakegemini.wire.json_text import dump_json, parse_json
from fakegemini.wire.sse import DONE_FRAME, encode_frame
from fakegemini.wording import spell_json
from tests.http.door import MODEL

LONE = "cut \ud83d"
URI = "https://generativelanguage.googleapis.com/v1beta/interactions"
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)), inner),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_there_is_no_json_that_cannot_be_written(value: Any) -> None:
    """What is written can be sent, and means the same; in each way of writing."""
    for text in (spell_json(value), spell_json(value, indent=2), dump_json(value)):
        again = parse_json(text.encode())
        assert json.dumps(again) == json.dumps(json.loads(json.dumps(value)))


def model_said(text: str) -> dict[str, Any]:
    """An interaction."""
    step = {"type": "model_output", "content": [{"type": "text", "text": text}]}
    return {
        "id": "v1_ChdBTGxWYWM3eFVmN0Vybm4zcXptd0JsaxIXQUxsVmFjN3hVZjdFcm5uM3F6bXdCbGs",
        "status": "completed",
        "steps": [step],
        "object": "interaction",
        "model": MODEL,
    }


def streamed(text: str) -> bytes:
    """A stream."""
    interaction = {**model_said(""), "status": "in_progress"}
    events: list[dict[str, Any]] = [
        {"interaction": interaction, "event_type": "interaction.created"},
        {"index": 0, "step": {"type": "model_output"}, "event_type": "step.start"},
        {"index": 0, "delta": {"type": "text", "text": text}, "event_type": "step.delta"},
        {"index": 0, "event_type": "step.stop"},
        {"interaction": model_said(""), "event_type": "interaction.completed"},
    ]
    return b"".join(map(encode_frame, events)) + DONE_FRAME


CALL = {"type": "function_call", "id": "c", "name": "f", "arguments": {LONE: LONE}}
RESULT = {"type": "function_result", "call_id": "c", "name": "f", "result": {"a": LONE}}
REQUESTS: dict[str, dict[str, Any]] = {
    "a prompt": {"input": LONE},
    "a system instruction": {"input": "x", "system_instruction": LONE},
    "arguments and a result": {"input": [CALL, RESULT]},
    "a tool": {"input": "x", "tools": [{"type": "function", "name": "f", "description": LONE}]},
    "a key": {"input": "x", "labels": {LONE: "y"}},
    "a huge number": {"input": [{**CALL, "arguments": {"n": float("inf")}}]},
}


def body_of(request: dict[str, Any]) -> bytes:
    """The bytes of a request, as programs send them."""
    return json.dumps({"model": MODEL} | request).replace("Infinity", "1e400").encode()


def taped(file: Path, body: bytes, answer: bytes) -> Path:
    """A cassette of one create."""
    kind = "text/event-stream" if answer.startswith(b"event") else "application/json"
    exchange = Exchange(
        1, "POST", URI, {"accept": "*/*"}, body, 200, {"content-type": kind}, answer
    )
    form = file.suffix.removeprefix(".")
    file.write_text(dump_cassette([RecordedExchange(exchange)], form=form)[0], "utf-8")
    return file


@pytest.mark.parametrize("streams", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize("place", REQUESTS)
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_every_command_reads_it(suffix: str, place: str, streams: bool, tmp_path: Path) -> None:
    """Written, shown, compared, converted, checked, verified, scrubbed and replayed."""
    answer = streamed(LONE) if streams else json.dumps(model_said(LONE)).encode()
    body = body_of(REQUESTS[place])
    file = taped(tmp_path / f"tape.{suffix}", body, answer)

    for command in (
        ["show", str(file)],
        ["show", str(file), "--json"],
        ["diff", str(file), str(file)],
        ["check", str(file)],
        ["check", str(file), "--format", "json"],
        ["verify", str(file)],
        ["convert", str(file), "--out", str(tmp_path / "again.yaml")],
        ["convert", str(file), "--out", str(tmp_path / "again.json")],
        ["scrub", "--check", str(file)],
    ):
        outcome = CliRunner().invoke(main, command)
        assert outcome.exception is None or isinstance(outcome.exception, SystemExit), command
        assert "Traceback" not in outcome.output
    (again,) = load_any_cassette(tmp_path / "again.yaml").exchanges
    assert again.exchange.request_json == json.loads(body)
    fake = Fake()
    fake.play(tmp_path / "again.json")
    reply = fake.handle(Request("POST", "/v1/interactions", body=body))
    text = b"".join(beat for beat in reply.beats if isinstance(beat, bytes)).decode()
    assert "\\ud83d" in text
    with pytest.raises(NotOnTape) as missed:
        fake.handle(Request("POST", "/v1/interactions", body=body_of({"input": LONE + "!"})))
    assert str(missed.value).encode()


@pytest.mark.parametrize("streams", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize("place", REQUESTS)
def test_the_fake_answers_it(place: str, streams: bool) -> None:
    """Unscripted and scripted; no answer is our own fault."""
    fake = Fake()
    request = Request(
        "POST", "/v1/interactions", body=body_of(REQUESTS[place] | {"stream": streams})
    )
    reply = fake.handle(request)
    assert reply.status in (200, 400)
    for beat in reply.beats:
        assert not isinstance(beat, bytes) or beat.decode() is not None
