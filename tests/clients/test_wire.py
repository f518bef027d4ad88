"""Requests as ordinary clients write them, byte for byte, at every door that listens."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fakegemini import Fake, say
from fakegemini.doors.loopback import serve
from fakegemini.doors.switchboard import Switchboard
from fakegemini.recordings.cassette import load_any_cassette
from tests.record.upstream import recorder

TEXT = "Six o'clock."
BODY = json.dumps({"model": "gemini-3.5-flash", "input": "The tide? " + "é" * 300}).encode()
STREAMED = json.dumps({"model": "gemini-3.5-flash", "input": "Hi", "stream": True}).encode()
OFFER = (
    "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"
)
WEBSOCKET = "Connection: keep-alive, Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13"
CHUNKED = "Transfer-Encoding: chunked"
LENGTH = "Content-Length: {length}"


def in_chunks(body: bytes, size: int = 7) -> bytes:
    """A chunked body, with an extension and a trailer."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x;a=b\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\nX-T: 1\r\n\r\n"


def post(
    *headers: str, body: bytes = BODY, target: str = "/v1/interactions", version: str = "1.1"
) -> bytes:
    """A request as bytes."""
    head = "\n".join([f"POST {target} HTTP/{version}", "Host: 127.0.0.1", *headers, "", ""])
    payload = in_chunks(body) if CHUNKED in headers else body
    return head.replace("{length}", str(len(body))).replace("\n", "\r\n").encode() + payload


REQUESTS: dict[str, bytes] = {
    "plain": post(LENGTH),
    "an offer of h2c": post(OFFER, LENGTH),
    "an offer of h2c, in chunks": post(OFFER, CHUNKED),
    "an offer of a websocket": post(WEBSOCKET, LENGTH),
    "an offer, and a question whether to go on": post(OFFER, "Expect: 100-continue", LENGTH),
    "a question whether to go on": post("Expect: 100-continue", LENGTH),
    "HTTP/1.0": post(LENGTH, version="1.0"),
    "HTTP/1.0 with an offer": post(OFFER, LENGTH, version="1.0"),
    "an absolute target": post(LENGTH, target="http://127.0.0.1:1/v1/interactions"),
    "an absolute target of another": post(LENGTH, target="http://example.com/v1/interactions"),
    "chunks": post(CHUNKED),
    "gzip": post("Content-Encoding: gzip", LENGTH, body=gzip.compress(BODY, mtime=0)),
    "gzip in chunks, offered": post(
        OFFER, "Content-Encoding: gzip", CHUNKED, body=gzip.compress(BODY, mtime=0)
    ),
    "deflate": post("Content-Encoding: deflate", LENGTH, body=zlib.compress(BODY)),
    "a slash at the end": post(LENGTH, target="/v1/interactions/"),
}
PIECES = {"at once": 0, "byte for byte": 1}


DOORS = ("serve", "fixture", "recorder")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fake, dict[str, str]]]:
    """A fake with one text for all, and the address of each door that listens for it."""
    fake, board = Fake(), Switchboard()
    fake.default(say(TEXT))
    tape = tmp_path_factory.mktemp("tape") / "tape.yaml"
    with (
        board.plug_in(fake.handle),
        serve(board) as fixture,
        serve(fake.handle) as url,
        recorder(tape, url) as (proxy, _),
    ):
        yield fake, dict(zip(DOORS, (url, fixture, proxy), strict=True))


@pytest.fixture
def fake(doors: tuple[Fake, dict[str, str]]) -> Fake:
    """The fake, which nobody has asked anything in this test."""
    doors[0].requests.clear()
    return doors[0]


@pytest.fixture(params=DOORS)
def address(request: pytest.FixtureRequest, doors: tuple[Fake, dict[str, str]]) -> str:
    """Where it answers."""
    return doors[1][request.param]


def ask(address: str, payload: bytes, *, piece: int = 0, count: int = 1) -> bytes:
    """Send bytes, and read until so many answers were read or the server closes."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(payload), piece or len(payload)):
            connection.sendall(payload[start : start + (piece or len(payload))])
        answer = b""
        while answer.count(TEXT.encode()) < count and (more := connection.recv(65536)):
            answer += more
        return answer


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_every_form_of_a_request_is_answered(
    address: str, fake: Fake, name: str, piece: int
) -> None:
    """The whole body arrives, however it comes."""
    answer = ask(address, REQUESTS[name], piece=piece)

    assert b"HTTP/1.1 200 OK" in answer
    assert answer.count(TEXT.encode()) == 1
    assert [request.body for request in fake.requests] == [BODY]


def test_requests_behind_an_offer_are_answered(address: str, fake: Fake) -> None:
    """The connection goes on in HTTP/1.1: two offers, then plain ones, sent all at once."""
    payload = post(OFFER, CHUNKED) + post(OFFER, LENGTH) + post(LENGTH) + post(CHUNKED)

    answer = ask(address, payload, count=4)

    assert answer.count(b"HTTP/1.1 200 OK") == 4
    assert [request.body for request in fake.requests] == [BODY] * 4


def test_an_offer_without_a_body_is_a_plain_request(address: str) -> None:
    """As `curl --http2` asks for a list."""
    payload = post(OFFER, "Connection: close", body=b"").replace(b"POST", b"GET")

    answer = ask(address, payload.replace(b"/interactions", b"/models"))

    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_a_stream_for_http_1_0_ends_with_the_connection(address: str) -> None:
    """No chunk is counted out to a client that does not know chunks."""
    answer = ask(address, post(LENGTH, body=STREAMED, version="1.0"), count=99)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head
    assert body.startswith(b"event: interaction.created\ndata: ")
    assert body.endswith(b"event: done\ndata: [DONE]\n\n")


def test_http_2_by_prior_knowledge_is_told_of_http_1(address: str) -> None:
    """In frames of its own, with a reason that its log shows."""
    answer = ask(address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), count=99)

    assert answer[3:9] == b"\x04" + bytes(5)  # SETTINGS, as every HTTP/2 server begins
    assert b"HTTP/1.1" in answer


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"\x1f\x8b\x08 broken"),
        ("compress", b"\xff\xfe"),
        ("gzip", gzip.compress(BODY, mtime=0)[:-9]),
    ],
    ids=["no gzip", "unknown coding", "too short"],
)
def test_a_broken_packed_body_is_named(address: str, coding: str, body: bytes) -> None:
    """One sentence, in a status that nobody retries."""
    answer = ask(
        address,
        post(f"Content-Encoding: {coding}", LENGTH, "Connection: close", body=body),
        count=99,
    )

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert f"content-encoding: {coding}".encode() in answer
    assert b"Fix: " in answer


def test_what_was_packed_is_recorded_plain(fake: Fake, tmp_path: Path) -> None:
    """Upstream gets it packed; the cassette has the text, and nothing about how it came."""
    with (
        serve(fake.handle) as upstream,
        recorder(tmp_path / "tape.yaml", upstream) as (url, _),
    ):
        ask(url, REQUESTS["gzip in chunks, offered"])

    assert fake.requests[0].headers["content-encoding"] == "gzip"
    (recorded,) = load_any_cassette(tmp_path / "tape.yaml").exchanges
    exchange = recorded.exchange
    assert json.loads(exchange.request_body) == json.loads(BODY)
    assert {"content-encoding", "http2-settings", "upgrade"}.isdisjoint(exchange.request_headers)
