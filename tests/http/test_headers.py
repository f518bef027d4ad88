"""Heads and packing of the answers, as recorded."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
import subprocess
import zlib
from dataclasses import replace
from typing import Any

import pytest

from fakegemini import Fake, Handler, Reply, Request, faults, say
from fakegemini.recordings.read import files_in, read_exchanges
from fakegemini.wire.http import IndexedHeaders
from fakegemini.wire.json_text import dump_json
from fakegemini.wire.replies import LIVE_HEADERS
from fakegemini.wire.sse import Decoder
from tests.beside import RECORDINGS
from tests.http.door import MODEL, Door

PACKED = {"accept-encoding": "gzip, deflate"}
OWN = {"alt-svc", "content-encoding", "content-length", "date", "transfer-encoding"}
"""What depends on the connection, or would send clients elsewhere."""

ASKS: dict[str, tuple[str, str, Any]] = {
    "create": ("POST", "/v1/interactions", {"model": MODEL, "input": "Hi"}),
    "stream": ("POST", "/v1/interactions", {"model": MODEL, "input": "Hi", "stream": True}),
    "refusal": ("POST", "/v1/interactions", {"model": MODEL, "odd": 1}),
    "not found": ("DELETE", "/v1/interactions/v1_bogus", None),
    "models": ("GET", "/v1beta/models", None),
}


@pytest.mark.parametrize("name", ASKS)
def test_every_answer_has_the_live_head(name: str, door: Door, fake: Fake) -> None:
    """All of it, `vary` three times; the type says charset only for errors."""
    fake.allow("refused")
    with door.open(*ASKS[name]) as response:
        got = [(key.lower(), value) for key, value in response.getheaders()]
        response.read()

    assert [pair for pair in got if pair in LIVE_HEADERS] == [*LIVE_HEADERS]
    kind = dict(got)["content-type"]
    assert ("charset=UTF-8" in kind) is (response.status >= 400)


def recorded_heads() -> list[Any]:
    """The answers that were recorded with their whole head."""
    if not RECORDINGS.is_dir():
        return []
    found = [one for path in files_in(RECORDINGS) for one in read_exchanges(path) if one.uri]
    return [one for one in found if "server" in one.response_headers]


def test_the_head_is_that_of_the_recordings(door: Door, fake: Fake) -> None:
    """The same names with the same values, but for durations."""
    heads = recorded_heads()
    if not heads:
        pytest.skip("the recordings are not beside the project")
    answers = {
        (200, False): door.create(),
        (200, True): door.create(stream=True),
        (400, False): door.ask(*ASKS["refusal"]),
    }
    fake.allow("refused")
    mine = {
        key: {**answer.headers, "vary": "Origin, X-Origin, Referer"}
        for key, answer in answers.items()
        if answer.status == key[0]
    }
    for one in heads:
        theirs = {key: text for key, text in one.response_headers.items() if key not in OWN}
        kind = (one.status, one.is_stream)
        ours = {key: text for key, text in mine[kind].items() if key not in OWN}
        assert theirs.keys() == ours.keys()
        for key, text in theirs.items():
            if key == "server-timing":
                assert text.partition("=")[0] == ours[key].partition("=")[0]
            elif key != "vary":
                assert text == ours[key]


def payloads(body: bytes, *, streamed: bool) -> list[bytes]:
    """Each JSON text of an answer, as it is spelled; fails for a line that no frame has."""
    if not streamed:
        return [body]
    found = []
    for frame in body.removesuffix(b"\n\n").split(b"\n\n"):
        name, data = frame.split(b"\n")
        assert name.startswith(b"event: ")
        assert data.startswith(b"data: ")
        found.append(data.removeprefix(b"data: "))
    return [text for text in found if text != b"[DONE]"]


def test_the_bytes_are_spelled_as_recorded() -> None:
    """Whatever was recorded byte by byte is what the fake would write of it."""
    heads = recorded_heads()
    if not heads:
        pytest.skip("the recordings are not beside the project")
    texts = [
        text
        for one in heads
        if one.response_body
        for text in payloads(one.response_body, streamed=one.is_stream)
    ]
    assert any(b"\\u003e" in text for text in texts)
    for text in texts:
        assert dump_json(json.loads(text)).encode() == text


@pytest.mark.parametrize("name", ASKS)
def test_whoever_takes_gzip_gets_it(name: str, door: Door, fake: Fake) -> None:
    """The same bytes, packed; the same request is packed the same way."""
    fake.allow("refused")
    method, path, body = ASKS[name]
    fake.reset()
    plain = door.ask(method, path, body)
    fake.reset()
    packed = door.ask(method, path, body, PACKED)
    fake.reset()
    again = door.ask(method, path, body, PACKED)

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.body == again.body


REFUSED = ("gzip;q=0", "gzip; q=0.000", "deflate, GZIP;Q=0", "*, gzip;q=0", "*;q=0", "gzip;q=x")


@pytest.mark.parametrize("taken", ["GZIP", "gzip; q=0.5", "*", "*;q=0, gzip", "br, gzip;q=1.0"])
def test_gzip_is_asked_for_in_many_words(taken: str, door: Door) -> None:
    """The name in any case, a weight, or whatever there is."""
    assert (
        door.ask(*ASKS["create"], {"accept-encoding": taken}).headers["content-encoding"] == "gzip"
    )


@pytest.mark.parametrize("taken", ["", "identity", "br", *REFUSED])
def test_whoever_does_not_take_it_does_not(taken: str, door: Door) -> None:
    """Nothing is packed."""
    answer = door.ask(*ASKS["create"], {"accept-encoding": taken})

    assert "content-encoding" not in answer.headers
    assert answer.json["status"] == "completed"


def test_a_packed_stream_comes_event_by_event(door: Door, fake: Fake) -> None:
    """What has come can be unpacked before the rest is there."""
    body = ASKS["stream"][2]
    with door.open("POST", "/v1/interactions", body, PACKED) as response:
        unpack, decoder = zlib.decompressobj(16 + zlib.MAX_WBITS), Decoder()
        names: list[str] = []
        while piece := response.read1(7):
            names += [str(frame.name) for frame in decoder.feed(unpack.decompress(piece))]

    assert unpack.eof
    assert names[0] == "interaction.created"
    assert names[-2:] == ["interaction.completed", "done"]


def test_what_is_cut_is_not_packed(door: Door, fake: Fake) -> None:
    """A client that unpacks would lose the events before the cut."""
    fake.replies(say("x"), fault=faults.drop_terminal())

    answer = door.ask(*ASKS["stream"], PACKED)

    assert "content-encoding" not in answer.headers


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(door: Door) -> None:
    """A client of the system's unpacks a stream."""
    command = ["curl", "-sS", "--compressed", f"{door.url}/v1/interactions", "-d"]
    told = '{"model":"gemini-3.5-flash","input":"Hi","stream":true}'

    done = subprocess.run([*command, told], capture_output=True, timeout=30, check=True)

    assert done.stdout.endswith(b"event: done\ndata: [DONE]\n\n")


def test_a_handler_of_somebody_may_give_lists_for_pairs(door: Door, fake: Fake) -> None:
    """Its headers go out, and those of every answer with them."""

    def lists(handler: Handler) -> Handler:
        def answer(request: Request) -> Reply:
            headers: Any = [["X-Own", "1"], ["Server", "mine"]]
            return replace(handler(request), headers=headers)

        return answer

    fake.faults(lists)

    with door.open("POST", "/v1/interactions", {"model": MODEL, "input": "Hi"}) as response:
        assert response.getheader("x-own") == "1"
        assert response.headers.get_all("server") == ["mine"]
        assert response.headers.get_all("vary") == ["Origin", "X-Origin", "Referer"]


def test_headers_can_be_copied() -> None:
    """With the request that has them, as a store or another process would."""
    headers = IndexedHeaders([("A", "1"), ("a", "2")])

    copied = pickle.loads(pickle.dumps(headers))

    assert copied == headers
    assert copied.first_values == {"a": "1"}
