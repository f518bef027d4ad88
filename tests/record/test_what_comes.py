"""What clients do to a recording: they leave, and their upstream asks for a password."""

from __future__ import annotations

import base64
import socket
import threading
from pathlib import Path

import httpx

from fakegemini.doors.loopback import cut, serve_app
from fakegemini.record.proxy import Recorder
from fakegemini.record.writer import open_recording
from fakegemini.recordings.cassette import load_cassette
from tests.record.upstream import OK, STREAM, chunk, saying

ASK = {"model": "gemini-3.5-flash", "input": "Hi", "stream": True}
EVENT = b'event: step.delta\ndata: {"event_type": "step.delta"}\n\n'


def test_a_client_that_leaves_ends_the_answer_of_upstream(tmp_path: Path) -> None:
    """Upstream sees the connection go, and what came is recorded as cut."""
    ended = threading.Event()

    def stream_for_ever(connection: socket.socket, request: bytes) -> None:
        connection.sendall(STREAM + chunk(EVENT))
        connection.settimeout(20)
        if connection.recv(1) == b"":
            ended.set()

    path, said = tmp_path / "a.yaml", list[str]()
    with (
        saying(stream_for_ever) as upstream,
        open_recording(path, say=said.append) as writer,
        serve_app(Recorder(writer, upstream, cut=cut, say=said.append), lifespan=True) as url,
    ):
        with httpx.stream("POST", f"{url}/v1/interactions", json=ASK) as response:
            next(response.iter_raw())
        assert ended.wait(20)
        while not writer.exchanges:
            ended.wait(0.01)
        writer.save()

    (recorded,) = load_cassette(path).exchanges
    assert recorded.ending == "cut"
    assert recorded.exchange.response_body == EVENT
    assert "POST /v1/interactions: the client left before the end" in said


def test_a_login_of_upstream_is_used_and_never_written(tmp_path: Path) -> None:
    """Neither in the cassette nor on the screen."""
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(OK)

    path, said = tmp_path / "a.yaml", list[str]()
    with saying(answer) as upstream, open_recording(path, say=said.append) as writer:
        login = upstream.replace("://", "://ann:not%20so%20secret@")
        recorder = Recorder(writer, login, cut=cut, say=said.append)
        with serve_app(recorder, lifespan=True) as url:
            httpx.post(f"{url}/v1/interactions", json=ASK)
        writer.save()

    basic = base64.b64encode(b"ann:not so secret")
    assert b"authorization: basic " + basic.lower() in asked[0].lower()
    told = path.read_text(encoding="utf-8") + "".join(said)
    assert "secret" not in told.replace("scrubbed", "")
    assert "ann" not in told
    assert basic.decode() not in told
