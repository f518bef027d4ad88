"""Events as bytes and back, wherever the bytes are cut."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fakegemini.wire.http import Json
from fakegemini.wire.sse import DONE_FRAME, Decoder, Frame, encode_frame
from tests.beside import RECORDINGS

BOM = b"\xef\xbb\xbf"

EVENTS: list[tuple[Json, bytes]] = [
    (
        {"index": 0, "event_type": "step.stop"},
        b'event: step.stop\ndata: {"index":0,"event_type":"step.stop"}\n\n',
    ),
    (
        {"index": 1, "delta": {"text": "Grüße 🌊", "type": "text"}, "event_type": "step.delta"},
        b"event: step.delta\n"
        b'data: {"index":1,"delta":{"text":"Gr\xc3\xbc\xc3\x9fe \xf0\x9f\x8c\x8a",'
        b'"type":"text"},"event_type":"step.delta"}\n\n',
    ),
    (
        {
            "index": 0,
            "delta": {"text": "a\nb\r\"<i>&'", "type": "text"},
            "event_type": "step.delta",
        },
        b"event: step.delta\n"
        b'data: {"index":0,"delta":{"text":"a\\nb\\r\\"\\u003ci\\u003e\\u0026\'",'
        b'"type":"text"},"event_type":"step.delta"}\n\n',
    ),
    (
        {"error": {"message": "No.", "code": "not_found"}, "event_type": "error"},
        b"event: error\n"
        b'data: {"error":{"message":"No.","code":"not_found"},"event_type":"error"}\n\n',
    ),
    (
        {"index": 0, "delta": {"text": "\ud800", "type": "text"}, "event_type": "step.delta"},
        b"event: step.delta\n"
        b'data: {"index":0,"delta":{"text":"\\ud800","type":"text"},'
        b'"event_type":"step.delta"}\n\n',
    ),
    (
        {"index": 0, "delta": {"text": "\u2028\x85", "type": "text"}, "event_type": "step.delta"},
        b"event: step.delta\n"
        b'data: {"index":0,"delta":{"text":"\xe2\x80\xa8\xc2\x85","type":"text"},'
        b'"event_type":"step.delta"}\n\n',
    ),
]
STREAM = b"".join(raw for _, raw in EVENTS) + DONE_FRAME


def decoded(*chunks: bytes) -> list[Frame]:
    """The frames of these chunks, the end of the input included."""
    decoder = Decoder()
    frames = [frame for chunk in chunks for frame in decoder.feed(chunk)]
    return frames + decoder.close()


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    """`whole` in pieces, cut at these places."""
    edges = [0, *sorted(place % (len(whole) + 1) for place in places), len(whole)]
    return [whole[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize(("event", "raw"), EVENTS)
def test_an_event_is_written_as_recorded(event: Json, raw: bytes) -> None:
    """Name, compact data, a blank line; `<`, `>` and `&` escaped."""
    assert encode_frame(event) == raw


@pytest.mark.parametrize(("event", "raw"), EVENTS)
def test_what_was_written_is_read_again(event: Json, raw: bytes) -> None:
    """The same table, the other way."""
    (frame,) = decoded(raw)

    assert frame.name == event["event_type"]
    assert frame.json() == event
    assert not frame.is_done


def test_the_end_is_a_frame_of_its_own() -> None:
    """`[DONE]` is no JSON."""
    (frame,) = decoded(DONE_FRAME)

    assert (frame.name, frame.data, frame.is_done) == ("done", "[DONE]", True)


@given(st.lists(st.integers(min_value=0), max_size=12))
def test_any_cut_gives_the_same_frames(places: list[int]) -> None:
    """Inside a character, inside a line end, anywhere."""
    assert decoded(*cut(STREAM, places)) == decoded(STREAM)


def test_every_single_byte_alone_gives_the_same_frames() -> None:
    """The worst cut there is."""
    assert decoded(*(STREAM[at : at + 1] for at in range(len(STREAM)))) == decoded(STREAM)


BITS = [
    b"data",
    b":",
    b" ",
    b"x",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"event: e",
    BOM,
    b"\xef",
    b"\xbb",
]


@given(st.lists(st.sampled_from(BITS), max_size=14), st.lists(st.integers(0, 60), max_size=6))
def test_any_cut_of_anything_gives_the_same_frames(bits: list[bytes], places: list[int]) -> None:
    """Not only of what we write ourselves."""
    whole = b"".join(bits)

    assert decoded(*cut(whole, places)) == decoded(whole)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("start", [b"", BOM], ids=["bare", "BOM"])
def test_every_line_end_is_read(end: bytes, start: bytes) -> None:
    """The standard has three, and lets a byte order mark come first."""
    raw = start + STREAM.replace(b"\n", end)

    assert decoded(raw) == decoded(STREAM)
    assert decoded(*(raw[at : at + 1] for at in range(len(raw)))) == decoded(STREAM)


FRAMES: list[tuple[bytes, list[tuple[str | None, str]]]] = [
    (b"", []),
    (b"\n\n\n", []),
    (b": a comment\n\n", []),
    (b": a comment\ndata: x\n\n", [(None, "x")]),
    (b"data: a\ndata: b\n\n", [(None, "a\nb")]),
    (b"data:a\n\n", [(None, "a")]),
    (b"data:  a\n\n", [(None, " a")]),
    (b"data\n\n", [(None, "")]),
    (b"data:\ndata:\n\n", [(None, "\n")]),
    (b"event: e\n\n", []),
    (b"event: e\n\ndata: x\n\n", [(None, "x")]),
    (b"event: e\nevent: f\ndata: x\n\n", [("f", "x")]),
    (b"id: 1\nretry: 5\nmood: good\ndata: x\n\n", [(None, "x")]),
    (b"data: a: b\n\n", [(None, "a: b")]),
    (b" data: x\n\n", []),
    (b"data: \xff\n\n", [(None, "\ufffd")]),
    (b"data: x\r\r", [(None, "x")]),
    (BOM + b"data: x\n\n", [(None, "x")]),
    (BOM + BOM + b"data: x\n\n", []),
    (b"\n" + BOM + b"data: x\n\n", []),
    (b"data: x\n", []),
    (b"data: x", []),
    (b'{"error":{"message":"Request blocked."}}\n', []),
]


@pytest.mark.parametrize(("raw", "frames"), FRAMES)
def test_a_stream_is_read_as_the_standard_says(
    raw: bytes, frames: list[tuple[str | None, str]]
) -> None:
    """One row a rule."""
    assert [(frame.name, frame.data) for frame in decoded(raw)] == frames


@pytest.mark.parametrize(("raw", "frames"), FRAMES)
def test_a_stream_byte_by_byte_is_the_same(
    raw: bytes, frames: list[tuple[str | None, str]]
) -> None:
    """The same table, each byte alone."""
    chunks = [raw[at : at + 1] for at in range(len(raw))]

    assert [(frame.name, frame.data) for frame in decoded(*chunks)] == frames


@pytest.mark.parametrize("left", range(1, len(EVENTS[1][1])))
def test_the_rest_tells_a_cut_frame(left: int) -> None:
    """Wherever a frame is cut, something is left over; a whole frame leaves nothing."""
    decoder = Decoder()

    decoder.feed(EVENTS[0][1] + EVENTS[1][1][:left])

    assert decoder.unframed
    assert decoder.feed(EVENTS[1][1][left:])
    assert decoder.unframed == b""


def test_the_rest_holds_what_came() -> None:
    """The line that is no frame can be shown."""
    decoder = Decoder()

    decoder.feed(DONE_FRAME + b'{"error":{}}\nev')

    assert decoder.unframed == b'{"error":{}}\nev'


def streams() -> list[Any]:
    """The recorded stream bodies, but for those whose recorder sorted the keys."""
    if not RECORDINGS.is_dir():
        reason = "the recordings are not on this machine"
        return [pytest.param("", marks=pytest.mark.skip(reason=reason), id="recordings")]
    found = []
    for path in sorted(RECORDINGS.glob("*/*.yaml")):
        if "rig" in path.parent.name or path.name.startswith("legacy"):
            continue
        for number, exchange in enumerate(yaml.safe_load(path.read_text("utf-8"))["interactions"]):
            body = exchange["response"]["body"]["string"]
            if body.startswith("event: "):
                found.append(pytest.param(body, id=f"{path.stem}-{number}"))
    return found


@pytest.mark.parametrize("body", streams())
def test_a_recorded_stream_is_written_again_to_the_byte(body: str) -> None:
    """Read, parsed, written: the same bytes as the live server's."""
    frames = decoded(body.encode())

    assert frames[-1].is_done
    assert all(frame.name == frame.json()["event_type"] for frame in frames[:-1])
    written = b"".join(encode_frame(frame.json()) for frame in frames[:-1]) + DONE_FRAME
    assert written.decode() == body


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=4))
def test_any_event_comes_back(members: Json) -> None:
    """Whatever the words, the frame is one line of data."""
    event = {**members, "event_type": "step.delta"}

    (frame,) = decoded(encode_frame(event))

    assert frame.json() == json.loads(json.dumps(event))
