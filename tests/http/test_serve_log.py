"""The log of `serve`: what it says of a stream however it is cut, and who waits for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini import Fake, Reply, Request, call
from fakegemini.doors.access_log import LOG_FORMATS, log_requests
from fakegemini.strategies import chunkings
from fakegemini.wire.sse import encode_frame

ASK = Request("POST", "/v1/interactions", (), (), b'{"model": "m", "input": "Hi", "stream": true}')


def log_of(*beats: bytes) -> str:
    """The line for a stream of these bytes."""
    lines: list[str] = []
    reply = log_requests(lambda request: Reply(200, (), iter(beats)), lines.append)(ASK)
    assert b"".join(beat for beat in reply.beats if isinstance(beat, bytes)) == b"".join(beats)
    (line,) = lines
    return line.partition(" → ")[2].partition(" (")[0]


def stream_of(status: str, count: int) -> bytes:
    """A stream of so many events, the last of which names a status."""
    deltas = [{"event_type": "step.delta", "delta": {"text": "€\u2028"}}] * (count - 1)
    last = {"interaction": {"status": status}, "event_type": "interaction.completed"}
    done = b"event: done\ndata: [DONE]\n\n"
    return b"".join(map(encode_frame, [*deltas, last])) + done


@given(chunkings(stream_of("incomplete", 7)))
def test_a_stream_is_described_alike_however_it_is_cut(pieces: list[bytes]) -> None:
    """Frame by frame, or anywhere."""
    assert log_of(*pieces) == "200 stream of 7 events, incomplete"


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_bytes_that_are_no_events_disturb_nothing(beats: list[bytes]) -> None:
    """A line comes all the same."""
    assert log_of(*beats).startswith("200 stream of ")


ODD_ENDS = {
    "no JSON": (b"event: x\ndata: {\n\n", "200 stream of 1 events, "),
    "a list": (b"event: x\ndata: []\n\n", "200 stream of 1 events, "),
    "an interaction that is none": (
        b'event: x\ndata: {"interaction": 5}\n\n',
        "200 stream of 1 events, ",
    ),
    "only the end": (b"event: done\ndata: [DONE]\n\n", "200 stream of 0 events, "),
    "lines with CR": (
        b'data: {"interaction": {"status": "failed"}}\r\n\r\n',
        "200 stream of 1 events, failed",
    ),
    "data on two lines": (
        b'data: {"interaction":\ndata: {"status": "failed"}}\n\n',
        "200 stream of 1 events, failed",
    ),
}


def test_odd_ends_are_described() -> None:
    """Each as far as it can be read."""
    assert {name: log_of(raw) for name, (raw, _) in ODD_ENDS.items()} == {
        name: line for name, (_, line) in ODD_ENDS.items()
    }


def test_a_stream_of_the_fake_is_described() -> None:
    """With all of its events."""
    lines: list[str] = []
    reply = log_requests(Fake().handle, lines.append)(
        Request("POST", "/v1/interactions", (), (), ASK.body.replace(b'"m"', b'"gemini-3.5-flash"'))
    )
    frames = list(reply.beats)

    assert f"200 stream of {len(frames) - 1} events, completed" in lines[0]


SCRIPTS: dict[str, Callable[[Fake], object]] = {
    "unscripted": lambda fake: None,
    "a reply": lambda fake: fake.default("As always."),
    "a call": lambda fake: fake.default(call("tide")),
    "a status": lambda fake: fake.default("Cut", status="incomplete"),
    "no steps": lambda fake: fake.default(status="failed"),
}


@settings(deadline=None)
@given(
    script=st.sampled_from([*SCRIPTS.values()]),
    texts=st.lists(st.text(min_size=1, max_size=80), min_size=4, max_size=4),
    stream=st.booleans(),
    longest=st.sampled_from([0, 5, 48]),
    log_format=st.sampled_from([*LOG_FORMATS]),
)
def test_a_line_that_was_spared_reading_says_the_same(
    script: Callable[[Fake], object],
    texts: list[str],
    stream: bool,
    longest: int,
    log_format: str,
) -> None:
    """The summary of an answer is what a log would read off request and answer."""
    fake = Fake()
    script(fake)
    asked = [
        Request("POST", "/v1/interactions", body=spell_body(text, stream=stream)) for text in texts
    ]
    for request in asked:
        reply, lines = fake.handle(request), list[str]()
        beats = tuple(reply.beats)
        for each in (reply, replace(reply, beats=iter(beats) if stream else beats)):
            handler = log_requests(
                lambda _, each=each: each,  # type: ignore[misc]
                lines.append,
                longest=longest,
                log_format=log_format,
            )
            list(handler(request).beats)

        assert len(lines) == 2 or not reply.summary
        if reply.summary:
            spared, whole = (re.sub(r"[\d.]+( ms\)|\}$)", "", line) for line in lines)
            assert spared == whole

    assert reply.summary


HUGE = 5_000_000
"""Characters; each was looked through for secrets before its request got an answer."""


@pytest.mark.parametrize("log_format", LOG_FORMATS)
@pytest.mark.parametrize("place", ["input", "steps", "error"])
def test_a_huge_text_has_a_short_line(log_format: str, place: str) -> None:
    """A file gets the beginning and the length, and no part of a secret that lies on the cut."""
    secret = "AIza" + "Sy" + "d" * 33
    text = "x " * 9_990 + secret + " y" * (HUGE // 2)
    step = {"type": "user_input", "content": [{"type": "text", "text": text}]}
    body = {"model": text if place == "error" else "gemini-3.5-flash", "input": text}
    if place == "steps":
        body["input"] = [step]  # type: ignore[assignment]
    lines: list[str] = []
    handler = log_requests(Fake().handle, lines.append, longest=0, log_format=log_format)
    handler(Request("POST", "/v1/interactions", body=json.dumps(body).encode()))
    [line] = lines
    assert len(line) < 2 * 21_000 + 500  # of a wrong model, the error names it again
    assert f"({len(text):,} characters)" in line or place == "error"
    assert secret[:8] not in line


def test_a_summary_is_of_its_own_reply_alone() -> None:
    """A fault or a handler of somebody's that changes the answer changes the line."""
    fake = Fake()
    request = Request("POST", "/v1/interactions", body=spell_body("Hi", stream=False))
    for _ in range(4):
        reply = fake.handle(request)

    assert reply.summary_for(request)
    assert not replace(reply, beats=(b"{}",)).summary_for(request)
    assert not reply.summary_for(replace(request, body=b"{}"))


def spell_body(text: str, *, stream: bool) -> bytes:
    """Write the body of a create."""
    return json.dumps({"model": "gemini-3.5-flash", "input": text, "stream": stream}).encode()
