"""Events that are due now come in one chunk; a pause, a cut and a fault keep theirs apart."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from fakegemini import Fake, Handler, Reply, Request, faults, say
from fakegemini.faults import pace
from fakegemini.wire.http import Cut, Wait

from .door import MODEL, Door


def read_chunks(door: Door, **body: object) -> list[bytes]:
    """The chunks of a streamed answer, as they are framed on the wire."""
    payload = json.dumps({"model": MODEL, "input": "Hi", "stream": True} | body).encode()
    place = urlsplit(door.url)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        head = f"POST {place.path}/v1/interactions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
        length = f"content-type: application/json\r\ncontent-length: {len(payload)}\r\n\r\n"
        connection.sendall((head + length).encode() + payload)
        raw = b"".join(iter(lambda: connection.recv(65536), b""))
    rest, chunks = raw.partition(b"\r\n\r\n")[2], []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        chunks.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
    return [chunk for chunk in chunks if chunk]


def test_a_stream_that_waits_for_nothing_is_one_write(fake: Fake, door: Door) -> None:
    """All of its events."""
    fake.replies(say("Tides follow the moon. " * 10))

    (chunk,) = read_chunks(door)

    assert chunk.count(b"event: ") > 10
    assert chunk.endswith(b"event: done\ndata: [DONE]\n\n")


def test_a_long_stream_comes_in_several(fake: Fake, door: Door) -> None:
    """So that others get their turn: none is much longer than 64 KiB."""
    fake.replies(say("Tides follow the moon. " * 20_000))

    chunks = read_chunks(door)

    assert len(chunks) > 2
    assert max(map(len, chunks)) < 3 * 65_536


def test_a_pause_ends_a_write(fake: Fake, plug: Callable[[Handler], Door]) -> None:
    """What comes before it is not held back."""
    fake.replies(say("one two three four five six seven"))

    chunks = read_chunks(plug(pace(0.0, 10_000)(fake.handle)))

    assert len(chunks) > 1
    assert b"".join(chunks).endswith(b"[DONE]\n\n")


@pytest.mark.parametrize(
    "fault", [faults.bare_line(8), faults.repeat(3)], ids=["bare line", "repeat"]
)
def test_what_a_fault_made_stays_in_its_pieces(fake: Fake, door: Door, fault: faults.Fault) -> None:
    """Each beat is a chunk."""
    fake.faults(fault)

    chunks = read_chunks(door)

    assert len(chunks) > 5


BEATS: dict[str, tuple[tuple[bytes | Wait | Cut, ...], list[bytes]]] = {
    "nothing": ((), []),
    "one": ((b"a",), [b"a"]),
    "several": ((b"a", b"b", b"c"), [b"abc"]),
    "a pause between": ((b"a", b"b", Wait(0), b"c"), [b"ab", b"c"]),
    "a pause first": ((Wait(0), b"a", b"b"), [b"ab"]),
    "a pause last": ((b"a", b"b", Wait(0)), [b"ab"]),
}


@pytest.mark.parametrize("name", BEATS)
def test_beats_are_joined_up_to_the_next_pause(plug: Callable[[Handler], Door], name: str) -> None:
    """And nothing is lost or comes twice."""
    beats, chunks = BEATS[name]

    assert read_chunks(plug(lambda request: Reply(200, (), iter(beats)))) == chunks


def test_what_came_before_a_failure_is_delivered(plug: Callable[[Handler], Door]) -> None:
    """A stream that breaks has said what it had said."""

    def answer(request: Request) -> Reply:
        def beats() -> Iterator[bytes]:
            yield b"event: a\ndata: {}\n\n"
            yield b"event: b\ndata: {}\n\n"
            raise RuntimeError("broken on purpose")

        return Reply(200, (), beats())

    assert b"".join(read_chunks(plug(answer))).count(b"event: ") == 2


def test_what_fails_before_it_begins_is_answered_with_400(
    plug: Callable[[Handler], Door],
) -> None:
    """In one piece."""

    def answer(request: Request) -> Reply:
        def beats() -> Iterator[bytes]:
            raise RuntimeError("broken on purpose")
            yield b""

        return Reply(200, (), beats())

    assert plug(answer).create(stream=True).status == 400


def test_a_handler_of_ones_own_may_have_lists_of_headers(plug: Callable[[Handler], Door]) -> None:
    """They are sent as pairs are, and refused as pairs are."""
    good: Any = [["content-type", "text/plain"], ["x-own", "1"]]
    bad: Any = [["x-own", "1\n2"]]

    answer = plug(lambda request: Reply(200, good, (b"ok",))).create()
    refused = plug(lambda request: Reply(200, bad, (b"ok",))).create()

    assert (answer.status, answer.headers["x-own"], answer.body) == (200, "1", b"ok")
    assert refused.status == 400
