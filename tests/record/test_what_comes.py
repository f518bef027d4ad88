"""What clients do to a recording: they leave, and their upstream asks for a password."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from fakegemini import Fake
from fakegemini.doors.loopback import cut, serve, serve_app
from fakegemini.errors import NotStarted
from fakegemini.fake.replay.cassettes import make_player
from fakegemini.record.proxy import Recorder
from fakegemini.record.upstream import Upstream, check_upstream
from fakegemini.record.writer import open_recording
from fakegemini.recordings.cassette import load_cassette
from tests.record.upstream import OK, STREAM, chunk, recorder, saying

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


def test_a_client_that_leaves_before_the_answer_ends_the_request(tmp_path: Path) -> None:
    """Whoever waits no longer pays no longer; there is nothing to record."""
    asked, ended = threading.Event(), threading.Event()

    def think_for_ever(connection: socket.socket, request: bytes) -> None:
        asked.set()
        connection.settimeout(20)
        if connection.recv(1) == b"":
            ended.set()

    path, said = tmp_path / "a.yaml", list[str]()
    with saying(think_for_ever) as upstream, recorder(path, upstream, said=said) as (url, _):
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall(
                b"POST /v1/interactions HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
            )
            assert asked.wait(20)
        assert ended.wait(20)

    assert not path.exists()
    assert said == [
        "POST /v1/interactions: the client left before the answer, which is not recorded"
    ]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "'' is no address"),
        ("ftp://ann:secret@h", "'h' is no address"),
        ("http://", "'http://' is no address"),
        ("http://h:99999", "'http://h:99999' is no address"),
        ("http://ann:secret@h:x", "'h:x' is no address"),
        ("http://ann:se#cret@h", "'h' is no address"),
        ("https://[::1", "'https://[::1' is no address"),
        ("http://a b", "'http://a b' is no address"),
        ("http://ann:secret@h/v1?key=1", "'h/v1?key=1' has a query or a fragment"),
        ("http://h/#a", "'http://h/#a' has a query or a fragment"),
    ],
)
def test_an_upstream_that_is_no_address(url: str, sentence: str) -> None:
    """One sentence, without user and password."""
    with pytest.raises(NotStarted) as refused:
        check_upstream(url)
    assert f"--upstream {sentence}" in str(refused.value)
    assert "ecret" not in str(refused.value)


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/v1beta/interactions", "https://generativelanguage.googleapis.com"),
        ("/v1/models", "https://generativelanguage.googleapis.com"),
        ("/v1beta1/projects/p/locations/global/interactions", "https://aiplatform.googleapis.com"),
        (
            "/v1beta1/projects/p/locations/us-central1/interactions",
            "https://us-central1-aiplatform.googleapis.com",
        ),
        ("/v1beta1/projects/p/locations/eu/x", "https://aiplatform.eu.rep.googleapis.com"),
        ("/v1beta1/publishers/google/models/m", "https://aiplatform.googleapis.com"),
    ],
)
def test_where_the_live_server_of_a_path_is(path: str, url: str) -> None:
    """The Gemini API, or Vertex at the location of the path, as google-genai has it."""
    assert Upstream().origin_of(path) == url
    assert Upstream("http://127.0.0.1:9").origin_of(path) == "http://127.0.0.1:9"


@pytest.mark.parametrize("prefix", ["", "/gateway", "/a/b/"])
def test_an_upstream_with_a_path(prefix: str, tmp_path: Path) -> None:
    """Its path stands before that of each request; the cassette is replayed without it."""
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request.split(b" ")[1])
        connection.sendall(OK)

    path = tmp_path / "a.yaml"
    with saying(answer) as upstream, recorder(path, upstream + prefix) as (url, _):
        httpx.post(f"{url}/v1/interactions", json=ASK)
        httpx.get(f"{url}/v1beta/files/f?alt=media")
    base = prefix.rstrip("/").encode()
    assert asked == [base + b"/v1/interactions", base + b"/v1beta/files/f?alt=media"]

    with serve(make_player([path]).handle) as url:
        assert httpx.post(f"{url}/v1/interactions", json=ASK).json() == {}
        assert httpx.get(f"{url}/v1beta/files/f?alt=media").json() == {}


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_either_library_is_enough(library: str, tmp_path: Path) -> None:
    """A program of its own, in which the other one cannot be imported; rerecord too."""
    fake = Fake()
    fake.default("Hello.")
    path = tmp_path / "a.yaml"
    ask = (
        "import os, urllib.request as u; u.urlopen(u.Request(os.environ['GOOGLE_GEMINI_BASE_URL'] "
        '+ \'/v1/interactions\', b\'{"model": "gemini-3.5-flash", "input": "Hi"}\'))'
    )
    start = (
        f"import sys; sys.modules[{'httpx' if library == 'httpx2' else 'httpx2'!r}] = None; "
        "from fakegemini.cli import main; main()"
    )
    program = [sys.executable, "-c", ask]
    with serve(fake.handle) as upstream:
        for command in (
            ["record", "--cassette", str(path), "--upstream", upstream, "--", *program],
            ["rerecord", str(path), "--upstream", upstream],
        ):
            done = subprocess.run(
                [sys.executable, "-c", start, *command],
                env=os.environ | {"GEMINI_API_KEY": "fake-key"},
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert (done.returncode, "1 recorded" in done.stderr + done.stdout) == (0, True), done

    assert load_cassette(path).exchanges[0].exchange.response_json["status"] == "completed"


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
