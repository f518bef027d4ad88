"""Whatever a client sends and an upstream says as HTTP is passed on, and recorded or named."""

from __future__ import annotations

import gzip
import socket
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
import zstandard

from fakegemini.recordings.cassette import load_any_cassette
from fakegemini.recordings.exchange import RecordedExchange
from tests.record.upstream import Answer, chunk, recorder, saying

JSON = b'{"status":"completed","steps":[]}'
ASK = b'{"model":"m","input":"Hi"}'
RETRIED = {408, 409, 429, *range(500, 600)}
CHUNKED = b"".join(chunk(ASK[at : at + 5]) for at in range(0, len(ASK), 5)) + b"0\r\n\r\n"


def request(
    head: bytes = b"POST /v1/interactions HTTP/1.1",
    *headers: bytes,
    body: bytes = ASK,
    length: bool = True,
) -> bytes:
    """A request byte for byte."""
    lines = [head, b"Host: x", b"Content-Type: application/json", *headers, b"Connection: close"]
    lines += [b"Content-Length: %d" % len(body)] if length else []
    return b"\r\n".join([*lines, b"", body])


POST = b"POST /v1/interactions HTTP/1.1"
PACKED = {
    "gzip": gzip.compress(ASK),
    "x-gzip": gzip.compress(ASK[:9]) + gzip.compress(ASK[9:]),
    "deflate": zlib.compress(ASK),
    "br": brotli.compress(ASK),
    "zstd": zstandard.compress(ASK),
    "gzip, br": brotli.compress(gzip.compress(ASK)),
}
REQUESTS: dict[str, bytes] = {
    "plain": request(),
    "chunked": request(POST, b"Transfer-Encoding: chunked", body=CHUNKED, length=False),
    "with trailers": request(
        POST, b"Transfer-Encoding: chunked", body=CHUNKED[:-2] + b"X-T: 1\r\n\r\n", length=False
    ),
    "expects": request(POST, b"Expect: 100-continue"),
    "offers h2c": request(POST, b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAA"),
    "offers a socket": request(POST, b"Upgrade: websocket"),
    "HTTP/1.0": request(b"POST /v1/interactions HTTP/1.0"),
    "a whole address": request(b"POST http://x/v1/interactions HTTP/1.1"),
    "a header that is no ASCII": request(POST, b"X-Name: caf\xe9", b"X-Name: \xff"),
} | {f"packed as {name}": request(POST, b"Content-Encoding: " + name.encode(), body=body)
     for name, body in PACKED.items()}  # fmt: skip


def plainly(connection: socket.socket, asked: bytes) -> None:
    """An answer as most are."""
    connection.sendall(answer())


def answer(*headers: bytes, body: bytes = JSON, status: bytes = b"200 OK") -> bytes:
    """An answer byte for byte."""
    lines = [b"HTTP/1.1 " + status, b"Content-Type: application/json", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def passed(
    path: Path, asked: bytes, say: Answer
) -> tuple[bytes, list[RecordedExchange], list[str]]:
    """What the client gets, what is recorded, and what the user is told."""
    lines: list[str] = []
    with (
        saying(say) as upstream,
        recorder(path, upstream, said=lines) as (url, _),
        socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=20) as client,
    ):
        client.sendall(asked)
        got = b""
        try:
            while piece := client.recv(65536):
                got += piece
        except ConnectionResetError:
            got += b"RESET"
    recorded = list(load_any_cassette(path).exchanges) if path.exists() else []
    return got, recorded, lines


@pytest.mark.parametrize("name", REQUESTS)
def test_every_request_arrives_and_is_recorded_plain(name: str, tmp_path: Path) -> None:
    """Upstream gets its body; the tape has what was asked."""
    bodies: list[bytes] = []

    def note(connection: socket.socket, asked: bytes) -> None:
        bodies.append(asked.partition(b"\r\n\r\n")[2])
        plainly(connection, asked)

    got, (recorded,), lines = passed(tmp_path / "a.yaml", REQUESTS[name], note)

    assert got.startswith((b"HTTP/1.1 200", b"HTTP/1.1 100"))
    assert got.endswith(JSON)
    assert bodies == [PACKED.get(name.removeprefix("packed as "), ASK)]
    assert recorded.exchange.request_json == {"model": "m", "input": "Hi"}
    assert recorded.exchange.operation == "create"
    assert lines == []


@pytest.mark.parametrize("body", [b"", ASK])
@pytest.mark.parametrize("method", [b"GET", b"DELETE", b"PATCH", b"PUT", b"HEAD", b"OPTIONS"])
def test_every_method(method: bytes, body: bytes, tmp_path: Path) -> None:
    """With a body and without one."""
    asked = request(method + b" /v1/interactions/v1_x HTTP/1.1", body=body, length=bool(body))

    got, (recorded,), _ = passed(tmp_path / "a.yaml", asked, plainly)

    assert got.startswith(b"HTTP/1.1 200")
    assert got.endswith(b"\r\n\r\n" if method == b"HEAD" else JSON)
    assert recorded.exchange.method == method.decode()
    assert bool(recorded.exchange.request_body) is bool(body)


def coded(coding: bytes, body: bytes) -> bytes:
    """A packed answer."""
    return answer(b"Content-Encoding: " + coding, body=body)


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
ANSWERS: dict[str, bytes] = {
    "plain": answer(),
    "gzip": coded(b"gzip", gzip.compress(JSON)),
    "several members": coded(b"gzip", gzip.compress(JSON[:9]) + gzip.compress(JSON[9:])),
    "GZIP": coded(b"GZIP", gzip.compress(JSON)),
    "twice": coded(b"gzip, gzip", gzip.compress(gzip.compress(JSON))),
    "and identity": coded(b"gzip, identity", gzip.compress(JSON)),
    "deflate": coded(b"deflate", zlib.compress(JSON)),
    "raw deflate": coded(b"deflate", zlib.compress(JSON)[2:-4]),
    "br": coded(b"br", brotli.compress(JSON)),
    "zstd": coded(b"zstd", zstandard.compress(JSON)),
    "said to be packed": coded(b"gzip", JSON),
    "until it closes": b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + JSON,
    "without a reason": answer(status=b"200"),
    "behind a 100": b"HTTP/1.1 100 Continue\r\n\r\n" + answer(),
    "behind a 103": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(),
    "with trailers": STREAM + b"Trailer: X-T\r\n\r\n" + chunk(JSON) + b"0\r\nX-T: 1\r\n\r\n",
    "a status of one's own": answer(status=b"299 Odd"),
    "a header that is no ASCII": answer(b"X-Name: caf\xe9"),
    "a redirect": answer(b"Location: /else", status=b"302 Found"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_arrives_and_is_recorded_plain(name: str, tmp_path: Path) -> None:
    """The client gets the status and the bytes of upstream; the tape has the text."""
    asked = request(POST, b"Accept-Encoding: gzip, deflate, br, zstd")

    got, (recorded,), lines = passed(
        tmp_path / "a.yaml", asked, lambda connection, _: connection.sendall(ANSWERS[name])
    )

    head, _, body = got.partition(b"\r\n\r\n")
    sent = ANSWERS[name].rpartition(b"HTTP/1.")[2].partition(b"\r\n\r\n")[2]
    assert int(head.split(b" ")[1]) == recorded.exchange.status
    assert sent in got if b"chunked" not in head else JSON in body
    assert recorded.exchange.response_json == {"status": "completed", "steps": []}
    assert recorded.ending == "whole"
    assert lines == []


UNKEPT: dict[str, tuple[bytes, bytes, str]] = {
    "a request packed oddly": (
        request(POST, b"Content-Encoding: compress", body=b"\x1f\x9d\x90\xff"),
        answer(),
        "exchange 1 is not kept (POST /v1/interactions): the request's body: it is packed as",
    ),
    "a request packed wrongly": (
        request(POST, b"Content-Encoding: gzip", body=b"\x1f\x8b\xff\xfe"),
        answer(),
        "exchange 1 is not kept (POST /v1/interactions): the request's body: it is packed as gzip",
    ),
    "an answer packed oddly": (
        request(),
        coded(b"compress", b"\x1f\x9d\x90\xff"),
        "exchange 1 is not kept (POST /v1/interactions): the response's body: it is packed as",
    ),
    "a status that is none": (
        request(),
        answer(status=b"999 Odd"),
        "POST /v1/interactions: upstream answered 999, which is no status of HTTP",
    ),
    "no path": (request(b"OPTIONS * HTTP/1.1"), answer(), "OPTIONS *: '*' is no path"),
    "no HTTP": (request(), b"SSH-2.0-OpenSSH\r\n", "upstream broke off before it answered"),
    "another protocol": (
        request(),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        "upstream broke off before it answered",
    ),
}


@pytest.mark.parametrize("name", UNKEPT)
def test_what_cannot_be_kept_costs_itself(name: str, tmp_path: Path) -> None:
    """One sentence, no status that is asked again, and the next exchange is recorded."""
    asked, say, sentence = UNKEPT[name]
    lines: list[str] = []
    path = tmp_path / "a.yaml"
    answers = iter([say, answer()] if name != "no path" else [answer()])
    with (
        saying(lambda connection, _: connection.sendall(next(answers))) as upstream,
        recorder(path, upstream, said=lines) as (url, _),
    ):
        got = []
        for one in (asked, request()):
            with socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=20) as client:
                client.sendall(one)
                try:
                    got.append(client.recv(65536))
                except ConnectionResetError:
                    got.append(b"HTTP/1.1 0")

    assert int(got[0].split(b" ")[1]) not in RETRIED
    assert len(load_any_cassette(path).exchanges) == 1
    assert sentence in "\n".join(lines)
    assert len(lines) == 1


def test_an_answer_that_is_cut_in_its_length(tmp_path: Path) -> None:
    """What came goes on, and the client sees the cut."""
    short = answer(body=JSON).replace(b"Content-Length: 33", b"Content-Length: 99")

    got, (recorded,), lines = passed(
        tmp_path / "a.yaml", request(), lambda connection, _: connection.sendall(short)
    )

    assert got.partition(b"\r\n\r\n")[2].removesuffix(b"RESET") == JSON
    assert b"content-length: 99" in got.lower()
    assert recorded.ending == "cut"
    assert lines == ["POST /v1/interactions: upstream broke off in the middle"]
