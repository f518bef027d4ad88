"""The log of `serve`: what it says of a stream however it is cut, and who waits for it."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from fakegemini import Fake, Reply, Request
from fakegemini.doors.access_log import log_requests
from fakegemini.doors.line_writer import LineWriter
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


def test_lines_of_many_threads_are_all_written_each_in_the_order_of_its_thread() -> None:
    """And all are there when it is closed."""
    texts: list[str] = []
    writer = LineWriter(texts.append)

    def write(name: str) -> None:
        for number in range(200):
            writer.write(f"{name} {number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()

    lines = "\n".join(texts).splitlines()
    assert len(lines) == 800
    assert all(
        [line for line in lines if line.startswith(name)] == [f"{name} {n}" for n in range(200)]
        for name in "abcd"
    )


def test_a_closed_pipe_disturbs_nobody() -> None:
    """It is written to once, and whoever is served does not see it."""
    calls: list[str] = []

    def break_down(text: str) -> None:
        calls.append(text)
        raise BrokenPipeError

    writer = LineWriter(break_down)
    writer.write("one")
    writer.close()

    assert calls == ["one"]


def test_a_writer_that_never_wrote_closes() -> None:
    """It has no thread."""
    LineWriter(print).close()
