"""An upstream that says byte for byte what a test wants, and a recorder in front of it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fakegemini.doors.loopback import cut, serve_app
from fakegemini.record.modes import MODES, Mode
from fakegemini.record.proxy import Recorder, Replayer
from fakegemini.record.writer import RecordingWriter, open_recording

Answer = Callable[[socket.socket, bytes], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """A piece of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def reset(connection: socket.socket) -> None:
    """Drop a connection without a goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower()[:15] == b"content-length:"),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def saying(answer: Answer) -> Iterator[str]:
    """A server that hands each request with its connection to `answer`; then it closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            request = _request(connection)
            if request:
                answer(connection, request)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@contextmanager
def recorder(
    path: Path,
    upstream: str,
    *,
    mode: Mode = MODES["once"],
    replay: Replayer | None = None,
    said: list[str] | None = None,
) -> Iterator[tuple[str, RecordingWriter]]:
    """A recorder while the block runs: its address, and the recording, which is saved then."""
    say = (said if said is not None else []).append
    with open_recording(path, mode, say=say) as made:
        app = Recorder(made, upstream, cut=cut, replay=replay, say=say)
        with serve_app(app, lifespan=True) as url:
            yield url, made
        made.save()
