"""The head of an answer is the one that uvicorn writes, byte for byte, whatever is in it."""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import uvicorn

from fakegemini import Reply, Request
from fakegemini.doors.asgi import App
from fakegemini.doors.loopback import serve
from fakegemini.wire.http import Pairs

HEADERS: list[Pairs] = [
    (),
    (("content-type", "application/json"),),
    (("Content-Type", "text/plain"), ("X-Odd", "\xe9\xff \t,;"), ("x-odd", ""), ("x-odd", "2")),
    (("Content-Length", "2"),),
    (("connection", "close"),),
    (("Connection", "Keep-Alive, x"), ("vary", "Origin")),
    (("Transfer-Encoding", "chunked"),),
    tuple((f"x-{number}", "v" * number) for number in range(60)),
]
STATUSES = [200, 201, 204, 299, 304, 400, 403, 404, 429, 500, 503, 599]
ANSWERS = [
    Reply(status, headers, beats)
    for status in STATUSES
    for headers in HEADERS
    for beats in ((b"{}",), iter([b"a", b"b"]))
    if not (("Content-Length", "2") in headers and status in (204, 304))
]


def handle(request: Request) -> Reply:
    """Answer with what the path names; a stream is a new one each time."""
    number = int(request.path.strip("/"))
    reply = ANSWERS[number]
    if isinstance(reply.beats, tuple):
        return reply
    return Reply(reply.status, reply.headers, iter([b"a", b"b"]))


LAST = "GET /0 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
"""The request behind each, with which its connection ends."""


@contextmanager
def plain_uvicorn() -> Iterator[str]:
    """The same application with uvicorn's own protocol."""
    config = uvicorn.Config(
        App(handle),
        port=0,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)


def answers_to(url: str, request: bytes) -> bytes:
    """All that comes back up to the end of the connection; without the second of the day."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname or "", place.port or 0), 10) as link:
        link.sendall(request)
        parts = []
        while part := link.recv(65_536):
            parts.append(part)
    return re.sub(rb"\r\ndate: [^\r]*", b"\r\ndate: now", b"".join(parts))


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, str]]:
    """Ours, and the plain one."""
    with serve(handle) as ours, plain_uvicorn() as plain:
        yield ours, plain


@pytest.mark.parametrize("line", ["GET /{} HTTP/1.1", "HEAD /{} HTTP/1.1", "POST /{} HTTP/1.1"])
@pytest.mark.parametrize("more", ["", "connection: close\r\n", "accept-encoding: gzip\r\n"])
def test_heads_are_those_of_uvicorn(servers: tuple[str, str], line: str, more: str) -> None:
    ours, plain = servers
    for number in range(len(ANSWERS)):
        head = f"{line.format(number)}\r\nhost: x\r\ncontent-length: 0\r\n"
        request = f"{head}{more}\r\n{LAST}".encode()

        assert answers_to(ours, request) == answers_to(plain, request), ANSWERS[number]


def test_no_log_of_access(caplog: pytest.LogCaptureFixture) -> None:
    """Ours is nobody's business, and the logger of the user's own server stays as it is."""
    logger = logging.getLogger("uvicorn.access")
    before = (logger.propagate, logger.handlers[:], logger.level)
    with caplog.at_level("DEBUG"), serve(handle) as url:
        assert answers_to(url, LAST.encode()).endswith(b"{}")
        after = (logger.propagate, logger.handlers[:], logger.level)

    assert before == after
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]
