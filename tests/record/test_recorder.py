"""The recorder over real sockets: everything passes as it is, and is on the tape as it was."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from google import genai

from fakegemini import Fake, NotOnTape, call, say
from fakegemini.contract.checker import check_paths
from fakegemini.doors.loopback import serve
from fakegemini.recordings.read import read_any_contents
from fakegemini.wire.compression import make_unpacker
from fakegemini.wire.http import Reply, Request
from fakegemini.wire.replies import json_reply
from tests.record.upstream import OK, STREAM, chunk, recorder, reset, saying

KEY = "AIza" + "c" * 35
MODEL = "gemini-3.5-flash"
BODY = {"model": MODEL, "input": "Hi"}
DONE = b"data: [DONE]\n\n"
ONE = b'event: interaction.created\ndata: {"event_type":"interaction.created"}\n\n'
TWO = b"event: done\ndata: [DONE]\n\n"


@pytest.fixture
def fake() -> Iterator[tuple[Fake, str]]:
    """A fake as the upstream, and its address."""
    made = Fake()
    with serve(made.handle) as url:
        yield made, url


def client(url: str) -> Any:
    """A client of the SDK that talks to an address."""
    return genai.Client(api_key=KEY, http_options={"base_url": url})


def test_what_the_sdk_says_and_hears(tmp_path: Path, fake: tuple[Fake, str]) -> None:
    """A call, its result, a stream, a get, a refusal: as without the recorder, and on the tape."""
    made, upstream = fake
    made.replies(call("tide", place="Brest"))
    made.replies(say("High at noon."))
    path = tmp_path / "a.yaml"
    with recorder(path, upstream) as (url, _):
        sdk = client(url)
        first = sdk.interactions.create(
            model=MODEL, input="The tide?", tools=[{"type": "function", "name": "tide"}]
        )
        result = {"type": "function_result", "name": "tide", "call_id": first.steps[-1].id}
        events = list(
            sdk.interactions.create(
                model=MODEL,
                input=[result | {"result": "noon"}],
                previous_interaction_id=first.id,
                stream=True,
            )
        )
        assert sdk.interactions.get(first.id).status == "requires_action"
        with pytest.raises(Exception, match="Invalid interaction name"):
            sdk.interactions.get("v1_bogus")

    assert [request.header("x-goog-api-key") for request in made.requests] == [KEY] * 4
    kept = read_any_contents(path).exchanges
    assert [(one.method, one.status) for one in kept] == [
        ("POST", 200),
        ("POST", 200),
        ("GET", 200),
        ("GET", 400),
    ]
    assert len(kept[1].frames[0]) == len(events) + 1
    assert KEY not in path.read_text()
    report = check_paths([path])
    assert (report.findings, report.unreadable) == ([], [])


@pytest.mark.parametrize("many", [5])
def test_async_and_many_at_once(tmp_path: Path, fake: tuple[Fake, str], many: int) -> None:
    """Each gets its own answer; the tape has them in the order in which they began."""
    path = tmp_path / "a.yaml"

    async def ask(url: str) -> list[str]:
        sdk = client(url)
        async with sdk.aio as aio:
            turns = [aio.interactions.create(model=MODEL, input=f"Say {n}") for n in range(many)]
            return [turn.output_text for turn in await asyncio.gather(*turns)]

    with recorder(path, fake[1]) as (url, _):
        texts = asyncio.run(ask(url))

    assert all(f"Say {n}" in text for n, text in enumerate(texts))
    assert sorted(one.request_json["input"] for one in read_any_contents(path).exchanges) == [
        f"Say {n}" for n in range(many)
    ]


def test_the_first_byte_does_not_wait_for_the_second(tmp_path: Path) -> None:
    """Upstream holds the second until the client has the first; others are served meanwhile."""
    got = threading.Event()
    waited: list[bool] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET"):
            connection.sendall(OK)
            return
        connection.sendall(STREAM + chunk(ONE))
        waited.append(got.wait(10))
        connection.sendall(chunk(TWO) + b"0\r\n\r\n")

    with (
        saying(answer) as upstream,
        recorder(tmp_path / "a.yaml", upstream) as (url, made),
        httpx.stream("POST", f"{url}/v1/interactions", json=BODY) as response,
    ):
        pieces = response.iter_raw()
        assert next(pieces) == ONE
        assert httpx.get(f"{url}/v1/interactions/v1_x").json() == {}
        got.set()
        assert b"".join(pieces) == TWO

    assert waited == [True]
    (streamed, polled) = sorted(made.exchanges, key=lambda one: one.exchange.number)
    assert [size for _, size in streamed.chunks] == [len(ONE), len(TWO)]
    assert 0 < streamed.chunks[0][0] < streamed.chunks[1][0]
    assert (streamed.ending, polled.ending) == ("whole", "whole")
    assert polled.chunks == ()


@pytest.mark.parametrize("end", ["closed", "reset"])
def test_a_stream_that_breaks_off(tmp_path: Path, end: str) -> None:
    """The client sees it break off, and the tape says that it was cut."""
    got, said = threading.Event(), list[str]()

    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(STREAM + chunk(ONE))
        got.wait(10)
        if end == "reset":
            reset(connection)

    with (
        saying(answer) as upstream,
        recorder(tmp_path / "a.yaml", upstream, said=said) as (url, made),
        httpx.stream("POST", f"{url}/v1/interactions", json=BODY) as response,
    ):
        pieces = response.iter_raw()
        assert next(pieces) == ONE
        got.set()
        with pytest.raises(httpx.TransportError):
            next(pieces)

    (one,) = made.exchanges
    assert (one.ending, one.exchange.response_body) == ("cut", ONE)
    assert said == ["POST /v1/interactions: upstream broke off in the middle"]


def test_a_client_that_leaves_behind_the_last_event(tmp_path: Path) -> None:
    """The tape gets the rest, which costs nothing: a replay is for whoever reads on."""
    left = threading.Event()

    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(STREAM + chunk(ONE + DONE))
        left.wait(10)
        connection.sendall(chunk(b": end\n\n") + b"0\r\n\r\n")
        connection.recv(1)  # until the recorder hangs up: it has read all

    with saying(answer) as upstream, recorder(tmp_path / "a.yaml", upstream) as (url, made):
        with httpx.stream("POST", f"{url}/v1/interactions", json=BODY) as response:
            assert next(response.iter_raw()) == ONE + DONE
        left.set()

    (one,) = made.exchanges
    assert (one.ending, one.exchange.response_body) == ("whole", ONE + DONE + b": end\n\n")


def test_an_end_in_the_middle_of_a_stream(tmp_path: Path) -> None:
    """What had come is on the tape, as cut."""
    over = threading.Event()

    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(STREAM + chunk(ONE))
        over.wait(20)

    with saying(answer) as upstream:
        with (
            recorder(tmp_path / "a.yaml", upstream) as (url, made),
            httpx.stream("POST", f"{url}/v1/interactions", json=BODY) as response,
        ):
            assert next(response.iter_raw()) == ONE
        over.set()

    (one,) = made.exchanges
    assert (one.ending, one.exchange.response_body) == ("cut", ONE)
    assert [kept.response_body for kept in read_any_contents(tmp_path / "a.yaml").exchanges] == [
        ONE
    ]


def test_an_upstream_that_never_answers(tmp_path: Path) -> None:
    """The client sees the connection drop; there is nothing to put on the tape."""
    said: list[str] = []
    with (
        saying(lambda connection, request: reset(connection)) as upstream,
        recorder(tmp_path / "a.yaml", upstream, said=said) as (url, made),
        pytest.raises(httpx.TransportError),
    ):
        httpx.post(f"{url}/v1/interactions", json=BODY)

    assert made.exchanges == []
    assert "upstream broke off before it answered" in said[0]
    assert list(tmp_path.iterdir()) == []


def test_an_upstream_that_is_not_there(tmp_path: Path) -> None:
    """A 400, which no SDK retries, with the address; nothing is recorded."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        upstream = f"http://127.0.0.1:{free.getsockname()[1]}"
    with recorder(tmp_path / "a.yaml", upstream) as (url, made):
        answer = httpx.post(f"{url}/v1/interactions", json=BODY)

    assert answer.status_code == 400
    assert f"cannot reach {upstream}" in answer.json()["error"]["message"]
    assert made.exchanges == []


def test_packed_on_the_way_and_plain_on_the_tape(tmp_path: Path) -> None:
    """The client gets the packed bytes and their header, the tape the text and its length."""
    asked: list[bytes] = []
    packed = gzip.compress(b'{"status":"completed"}', mtime=0)

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed)

    with saying(answer) as upstream, recorder(tmp_path / "a.yaml", upstream) as (url, _):
        headers = {"accept-encoding": "gzip;q=1.0, compress, br"}
        with httpx.stream("GET", f"{url}/v1/interactions/v1_x", headers=headers) as response:
            assert b"".join(response.iter_raw()) == packed
            assert response.headers["content-encoding"] == "gzip"

    assert b"accept-encoding: gzip;q=1.0, br\r\n" in asked[0].lower()  # what the tape can unpack
    (kept,) = read_any_contents(tmp_path / "a.yaml").exchanges
    assert kept.response_json == {"status": "completed"}
    assert kept.response_headers.keys().isdisjoint({"content-length", "content-encoding"})
    assert "content-encoding" not in kept.response_headers


def test_nothing_is_followed_or_rewritten(tmp_path: Path) -> None:
    """A redirect, the raw query, the caller's headers, a second header: as they are."""
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(
            b"HTTP/1.1 307 Odd\r\nLocation: http://127.0.0.1:1/else\r\nX-Two: a\r\nX-Two: b\r\n"
            b"Content-Length: 0\r\n\r\n"
        )

    with saying(answer) as upstream, recorder(tmp_path / "a.yaml", upstream) as (url, _):
        target = f"{url}/v1/interactions/a%2Fb?x=%C3%A9&y=1+2&stream="
        headers = {"X-Own": "yes", "Connection": "x-drop", "X-Drop": "1", "x-goog-api-key": KEY}
        answered = httpx.get(target, headers=headers, follow_redirects=False)

    assert answered.status_code == 307
    assert answered.headers["location"] == "http://127.0.0.1:1/else"
    assert answered.headers.get_list("x-two") == ["a", "b"]
    assert asked[0].startswith(b"GET /v1/interactions/a%2Fb?x=%C3%A9&y=1+2&stream= HTTP/1.1\r\n")
    told = asked[0].lower()
    assert b"x-own: yes\r\n" in told
    assert KEY.lower().encode() in told
    assert b"x-drop" not in told
    assert told.count(b"host: ") == 1
    (kept,) = read_any_contents(tmp_path / "a.yaml").exchanges
    assert (kept.status, kept.response_headers["x-two"]) == (307, "a, b")


def test_a_replay_comes_first(tmp_path: Path, fake: tuple[Fake, str]) -> None:
    """What it knows is played and not recorded; the rest goes upstream."""

    class Known:
        """Knows one request."""

        def handle(self, request: Request) -> Reply:
            """The one answer."""
            if b"known" not in request.body:
                raise NotOnTape
            return json_reply({"played": True})

        def as_recorded(self, request: Request) -> Request:
            """Nothing has another name."""
            return request

    with recorder(tmp_path / "a.yaml", fake[1], replay=Known()) as (url, made):
        played = httpx.post(f"{url}/v1/interactions", json=BODY | {"input": "known"}).json()
        live = httpx.post(f"{url}/v1/interactions", json=BODY).json()

    assert played == {"played": True}
    assert live["status"] == "completed"
    assert [one.exchange.request_json["input"] for one in made.exchanges] == ["Hi"]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file goes up and comes down byte for byte, on the tape too, but for a key in it."""
    image = bytes(range(256)) * 4

    def answer(connection: socket.socket, request: bytes) -> None:
        data = request.partition(b"\r\n\r\n")[2]
        head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % len(data) + data)

    with saying(answer) as upstream, recorder(tmp_path / "a.yaml", upstream) as (url, _):
        sent = image + KEY.encode() + image
        assert httpx.post(f"{url}/upload/v1beta/files", content=sent).content == sent

    (kept,) = read_any_contents(tmp_path / "a.yaml").exchanges
    assert kept.request_body == kept.response_body == image + b"SCRUBBED-1" + image
    vcr = pytest.importorskip("vcr.serialize")
    from vcr.serializers import yamlserializer

    _, responses = vcr.deserialize((tmp_path / "a.yaml").read_text(), yamlserializer)
    assert responses[0]["body"]["string"] == kept.response_body


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(tmp_path: Path, fake: tuple[Fake, str]) -> None:
    """Another language: the key in the query, a stream."""
    with recorder(tmp_path / "a.yaml", fake[1]) as (url, _):
        target = f"{url}/v1/interactions?alt=sse&key={KEY}"
        done = subprocess.run(
            ["curl", "-sS", target, "-d", json.dumps(BODY | {"stream": True})],
            capture_output=True,
            timeout=20,
        )

    (kept,) = read_any_contents(tmp_path / "a.yaml").exchanges
    assert done.stdout == kept.response_body
    assert done.stdout.endswith(TWO)
    assert kept.query == {"alt": "sse", "key": "SCRUBBED-1"}


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity", ""])
def test_unpacking_chunk_by_chunk(coding: str, size: int) -> None:
    """Whatever the cuts, the text is the text."""
    import zlib

    text = b"tides " * 500
    packers: dict[str, Any] = {"gzip": gzip.compress, "deflate": zlib.compress}
    packed = packers.get(coding, bytes)(text)
    unpack = make_unpacker(coding)
    assert unpack

    pieces = [unpack(packed[at : at + size]) or b"" for at in range(0, len(packed), size)]

    assert b"".join(pieces) == text


def test_what_cannot_be_unpacked() -> None:
    """No guess: an unknown coding has no unpacker, and broken bytes give None."""
    assert make_unpacker("compress") is None
    unpack = make_unpacker("gzip")
    assert unpack
    assert unpack(b"not gzip at all") is None
