"""An upstream that means harm, or a gateway in its place: no cassette is lost, nothing is waited
for without end, no secret is printed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

import fakegemini.record.capture
import fakegemini.record.live_asker
from fakegemini.cli import main
from tests.record.upstream import Answer, chunk, recorder, saying

KEY = "AIza" + "hostile-no-real-key-0123456789abcdef"[:35]
OTHER_KEY = "AIza" + "another-no-real-key-0123456789abcdef"[:35]

INTERACTION = {
    "id": "v1_ChdBTGxWYWJZcnFVRk14dEt4MnBvYUc1WRIXQUxsVmFiWXJxVUZNeHRLeDJwb2FHNVk",
    "status": "completed",
    "object": "interaction",
    "model": "gemini-3.5-flash",
    "created": "2026-01-01T00:00:00Z",
    "updated": "2026-01-01T00:00:00Z",
    "steps": [{"type": "model_output", "content": [{"type": "text", "text": "At six."}]}],
}
QUESTION = {"model": "gemini-3.5-flash", "input": "When is high tide?"}


@pytest.fixture
def cassette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good cassette of one create, with a key in the environment."""
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    path = tmp_path / "tides.json"
    exchange = {
        "request": {
            "method": "POST",
            "uri": "https://generativelanguage.googleapis.com/v1/interactions",
            "body": json.dumps(QUESTION),
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["application/json"]},
            "body": {"string": json.dumps(INTERACTION)},
        },
    }
    path.write_text(json.dumps({"interactions": [exchange], "version": 1}), "utf-8")
    return path


def answer(body: bytes, status: str = "200 OK", *headers: str) -> Answer:
    """Say a body whole, whatever is asked."""
    kind = "content-type: application/json"
    lines = (f"HTTP/1.1 {status}", *(headers or (kind,)), f"content-length: {len(body)}")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return lambda connection, request: connection.sendall(head + body)


def saying_for_ever(first: bytes, piece: bytes) -> Answer:
    """Say a piece again and again."""

    def say(connection: socket.socket, request: bytes) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(piece)

    return say


GOOD = json.dumps(INTERACTION).encode()
NO_ANSWERS: dict[str, Answer] = {
    "a redirect": answer(b"", "302 Found", "location: https://elsewhere.invalid/login"),
    "a redirect to a file": answer(b"", "308 Permanent Redirect", "location: file:///etc/passwd"),
    "the page of a gateway": answer(b"<html>Sign in</html>", "200 OK", "content-type: text/html"),
    "half of an answer": answer(GOOD[:60]),
    "no answer": answer(b"", "204 No Content"),
    "not modified": answer(b"", "304 Not Modified"),
    "null": answer(b"null"),
    "a list": answer(b"[]"),
    "another object": answer(b'{"status": {"a": 1}}'),
    "what is nested": answer(b"[" * 200_000),
    "no event": answer(b"data: [DONE]\n\n", "200 OK", "content-type: text/event-stream"),
    "a head that cannot go on": answer(
        GOOD, "200 OK", "content-type: application/json", "x-a: b\x1b[31mc"
    ),
    "an error": answer(b'{"error": {"code": "x", "message": "no"}}', "401 Unauthorized"),
}
"""What is none of the API's answers, by what it looks like."""


def run(*words: str) -> tuple[int, str]:
    """Run a command, and give its exit status and all it says."""
    outcome = CliRunner().invoke(main, [*words])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome.exit_code, outcome.output


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_is_no_answer_replaces_none(name: str, cassette: Path) -> None:
    """The cassette stays as it was, nothing is left beside it, and the exit status says so."""
    before = cassette.read_bytes()
    with saying(NO_ANSWERS[name]) as url:
        status, text = run("rerecord", str(cassette), "--upstream", url)

    assert status == 1
    assert "exchange 1 was answered with" in text
    assert cassette.read_bytes() == before
    assert [file.name for file in cassette.parent.iterdir()] == [cassette.name]


ODD_IDS = ["\ud800", 'a"b', "../../models", "a\r\nX-Evil: 1", "a" * 100_000]


@pytest.mark.parametrize("identifier", ODD_IDS, ids=lambda text: ascii(text[:12]))
def test_an_odd_id(identifier: str, cassette: Path) -> None:
    """It is recorded, and no traceback."""
    with saying(answer(json.dumps(INTERACTION | {"id": identifier}).encode())) as url:
        status, text = run("rerecord", str(cassette), "--upstream", url)

    assert status == 0, text
    assert json.loads(cassette.read_bytes())["interactions"]


DIFFERENT: dict[str, str] = {
    "still at work, though it was asked in the foreground": "in_progress",
    "a status that is a line of the report": "x\nexchange 1: as recorded\n1 exchange",
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_status_that_is_another(name: str, cassette: Path) -> None:
    """It is told as different, on one line."""
    with saying(answer(json.dumps(INTERACTION | {"status": DIFFERENT[name]}).encode())) as url:
        status, text = run("rerecord", str(cassette), "--check", "--upstream", url)

    assert status == 1
    assert "exchange 1: different" in text.splitlines()
    assert "exchange 1: as recorded" not in text.splitlines()


TELLING: dict[str, bytes] = {
    "our key": json.dumps({"error": {"code": "x", "message": f"no such key: {KEY}"}}).encode(),
    "another key": json.dumps({"error": {"code": "x", "message": OTHER_KEY}}).encode(),
    "as a text": f"Authorization: Bearer {OTHER_KEY}".encode(),
}


@pytest.mark.parametrize("name", TELLING)
@pytest.mark.parametrize("status", ["401 Unauthorized", "429 Slow", "500 Oh", "418 Tea"])
@pytest.mark.parametrize("command", ["rerecord", "check", "canary"])
def test_a_key_in_an_error_is_not_printed(
    command: str, status: str, name: str, cassette: Path
) -> None:
    """The words of an error may quote the key that was refused; a log of CI keeps them."""
    with saying(answer(TELLING[name], status)) as url:
        words = {
            "rerecord": ["rerecord", str(cassette)],
            "check": ["rerecord", str(cassette), "--check"],
            "canary": [
                "canary",
                "--requests",
                "2",
                "--cassette",
                str(cassette.with_name("c.yaml")),
            ],
        }[command]
        code, text = run(*words, "--upstream", url)

    assert code in (1, 2)
    assert KEY not in text
    assert OTHER_KEY not in text


def test_canary_of_what_is_nested(cassette: Path) -> None:
    """It is no measurement, and no traceback."""
    with saying(answer(b"[" * 200_000)) as url:
        code, text = run(
            *("canary", "--requests", "2", "--upstream", url),
            *("--cassette", str(cassette.with_name("c.yaml"))),
        )
    assert code in (1, 2)
    assert "Traceback" not in text


ENDLESS: dict[str, Answer] = {
    "a body": saying_for_ever(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", b" " * 65_536
    ),
    "a body of a length": saying_for_ever(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999999999\r\n\r\n",
        b" " * 65_536,
    ),
    "a stream": saying_for_ever(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        chunk(b"data: {}\n\n" * 1000),
    ),
    "a file": saying_for_ever(
        b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\n\r\n", b"\0" * 65_536
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("options", [[], ["--check"]], ids=["rerecord", "check"])
def test_an_answer_without_an_end(
    name: str, options: list[str], cassette: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends at a bound, and the cassette stays."""
    for module in (fakegemini.record.capture, fakegemini.record.live_asker):
        monkeypatch.setattr(module, "BODY_LIMIT", 1_000_000)
    before = cassette.read_bytes()
    with saying(ENDLESS[name]) as url:
        status, text = run("rerecord", str(cassette), "--upstream", url, *options)

    assert status == (2 if options else 1)
    assert "it is longer than 1000000 bytes" in text
    assert cassette.read_bytes() == before


def ask(url: str) -> tuple[int, bytes]:
    """Ask a recorder."""
    request = urllib.request.Request(f"{url}/v1/interactions", json.dumps(QUESTION).encode())
    try:
        with urllib.request.urlopen(request, timeout=20) as got:
            return got.status, got.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_long_answer_goes_on_and_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole, for who asked: a video may be that long. The recorder keeps none of it in memory."""
    monkeypatch.setattr(fakegemini.record.capture, "BODY_LIMIT", 1_000_000)
    body, said = b"\0" * 3_000_000, list[str]()
    with (
        saying(answer(body, "200 OK", "content-type: video/mp4")) as url,
        recorder(tmp_path / "a.yaml", url, said=said) as (proxy, writer),
    ):
        assert ask(proxy) == (200, body)
    assert writer.exchanges == []
    assert any("exchange 1 is not kept: its answer has more than" in line for line in said)


UNSENDABLE = ["x-a: b\x1b[31mc", "x-a: \x7f", "content-type: app/\x1bx"]


@pytest.mark.parametrize("header", UNSENDABLE, ids=ascii)
def test_an_answer_whose_head_cannot_go_on(header: str, tmp_path: Path) -> None:
    """It is a 400 with a sentence, not a dropped connection, which SDKs try again."""
    said = list[str]()
    with (
        saying(answer(GOOD, "200 OK", header)) as url,
        recorder(tmp_path / "a.yaml", url, said=said) as (proxy, writer),
    ):
        status, body = ask(proxy)
    assert status == 400
    assert b"cannot be passed on" in body
    assert writer.exchanges == []
    assert any("cannot be passed on" in line for line in said)


def test_two_lengths(tmp_path: Path) -> None:
    """Chunks count, where the head names a length as well (RFC 9112, 6.3)."""
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n"
        b"transfer-encoding: chunked\r\n\r\n"
    )

    def say(connection: socket.socket, request: bytes) -> None:
        connection.sendall(head + chunk(GOOD) + b"0\r\n\r\n")

    with saying(say) as url, recorder(tmp_path / "a.yaml", url) as (proxy, _):
        assert ask(proxy) == (200, GOOD)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("a body", signal.SIGINT),
        ("a body", signal.SIGTERM),
        ("a stream", signal.SIGINT),
        ("silence", signal.SIGTERM),
    ],
)
@pytest.mark.parametrize("command", ["rerecord", "canary"])
def test_a_signal_while_upstream_goes_on(
    command: str, name: str, number: signal.Signals, cassette: Path
) -> None:
    """It ends at once, and leaves the cassette as it was, and nothing beside it."""
    before, asked = cassette.read_bytes(), list[bytes]()

    def say(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        if name == "silence":
            connection.recv(1)
        else:
            ENDLESS[name](connection, request)

    words = ["rerecord", str(cassette)] if command == "rerecord" else ["canary"]
    with saying(say) as url:
        process = subprocess.Popen(
            [sys.executable, "-m", "fakegemini", *words, "--upstream", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cassette.parent,
            env=os.environ | {"GEMINI_API_KEY": KEY},
        )
        try:
            for _ in range(600):
                if asked or process.poll() is not None:
                    break
                time.sleep(0.05)
            time.sleep(0.5)
            process.send_signal(number)
            _, errors = process.communicate(timeout=20)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    assert process.returncode == (1 if number == signal.SIGINT else 128 + number), errors
    assert b"Traceback" not in errors
    assert cassette.read_bytes() == before
    if command == "rerecord":
        assert [*cassette.parent.iterdir()] == [cassette]
