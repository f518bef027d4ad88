"""The log never counts: whatever its output does, the answers are the same."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest

from fakegemini import Fake
from fakegemini.doors.access_log import log_requests
from fakegemini.doors.log_writer import LogWriter
from fakegemini.doors.loopback import serve
from tests.http.door import MODEL, Door

ODD_BODIES: dict[str, bytes] = {
    "surrogate": b'{"model": "gemini-3.5-flash", "input": "\\ud800"}',
    "nested": b'{"input": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "list": b"[1]",
    "input of lists": b'{"model": "gemini-3.5-flash", "input": [[[1]], 2, null]}',
    "escape": b'{"model": "gemini-3.5-flash", "input": "\\u001b]0;gone\\u0007\\u202e\\u2028"}',
    "number": b'{"model": 7, "input": 7}',
}


@contextmanager
def _logged(write: Callable[[str], object]) -> Iterator[Door]:
    with serve(log_requests(Fake().handle, write)) as url:
        yield Door(url)


def _status(door: Door, body: bytes) -> int:
    return door.ask("POST", "/v1/interactions", body).status


@pytest.mark.parametrize("name", ODD_BODIES)
def test_odd_body_gets_the_same_answer(name: str) -> None:
    """As without a log; its line is printable, on one line."""
    lines: list[str] = []
    with serve(Fake().handle) as url:
        expected = _status(Door(url), ODD_BODIES[name])
    with _logged(lines.append) as door:
        assert _status(door, ODD_BODIES[name]) == expected
    assert len(lines) == 1
    assert lines[0].isprintable()


@pytest.mark.parametrize(
    "path", ["/v1/models/%1b[2J", "/v1/models/x%0ay", "/v1/interactions/v1_%E2%80%AE?a=%1b]0;x%07"]
)
def test_path_does_not_steer_the_terminal(path: str) -> None:
    """Nor does a query, which is decoded."""
    lines: list[str] = []
    with _logged(lines.append) as door:
        door.ask("GET", path)
    assert lines[0].isprintable()


@pytest.mark.parametrize(
    "name", ["key", "KEY", "Key", "api_key", "access_token", "X-Goog-Api-Key", "token", "$apikey"]
)
def test_query_parameter_that_sounds_like_a_secret(name: str) -> None:
    """It is hidden in the log and in what the control routes show, in any case."""
    lines: list[str] = []
    with _logged(lines.append) as door:
        door.ask("GET", "/v1/models", None, None, **{name: "hunter2", "page": "seen"})
        shown = door.ask("GET", "/__fakegemini__/requests").json
    assert "hunter2" not in lines[0]
    assert "page=seen" in lines[0]
    assert "hunter2" not in str(shown)
    assert "seen" in str(shown)


@pytest.mark.parametrize("error", [OSError("full"), ValueError("closed"), RuntimeError("odd")])
def test_writer_that_raises(error: Exception) -> None:
    """Answers and streams are whole."""

    def write(line: str) -> None:
        raise error

    with _logged(write) as door:
        assert door.create().status == 200
        assert door.create(stream=True).done


class _Failing:
    """An output that fails for a while."""

    encoding = "cp1252"

    def __init__(self) -> None:
        self.is_closed = True
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        if self.is_closed:
            raise OSError("no space left")
        self.texts.append(text)

    def flush(self) -> None:
        """Nothing is kept back."""


def test_lost_lines_are_counted() -> None:
    """The next line that gets through says how many are missing."""
    output: Any = _Failing()
    writer = LogWriter(output)
    writer("one")
    writer("two ☃")
    while writer.dropped < 2:
        pass
    output.is_closed = False
    writer("three ☃")
    writer.finish()
    assert output.texts == ["(2 lines of this log are missing)\n", "three \\u2603\n"]


OUTPUTS = ["closed", "undrained", "full", "cp1252"]


@pytest.mark.parametrize("kind", OUTPUTS)
def test_serve_answers_whatever_its_output_does(kind: str) -> None:
    """A closed pipe, one that nobody reads, a full disk, an encoding without the arrow."""
    if kind == "full" and not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    with tempfile.TemporaryFile() as sink:
        process, port = _start(kind, sink)
        try:
            door = Door(f"http://127.0.0.1:{port}")
            _wait_until_it_answers(door)
            if kind == "closed":
                assert process.stdout
                process.stdout.close()
            long_text = "many words " * 10
            for number in range(700 if kind == "undrained" else 5):
                assert door.create(f"{number} ☃ {long_text}").status == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def _start(kind: str, sink: IO[bytes]) -> tuple[subprocess.Popen[bytes], int]:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    output: Any = sink if kind == "cp1252" else subprocess.PIPE
    output = os.open("/dev/full", os.O_WRONLY) if kind == "full" else output
    environment = os.environ | ({"PYTHONIOENCODING": "cp1252"} if kind == "cp1252" else {})
    command = [sys.executable, "-m", "fakegemini", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env=environment)
    if kind == "full":
        os.close(output)
    return process, port


def _wait_until_it_answers(door: Door) -> None:
    for _ in range(1500):
        try:
            if door.ask("POST", "/v1/interactions", {"model": MODEL, "input": "x"}).status == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("it never answered")


class SlowOutput(io.StringIO):
    """An output that takes each write, after a while."""

    def write(self, text: str) -> int:
        """Take it late."""
        time.sleep(0.4)
        return super().write(text)


def test_the_last_lines_of_a_slow_output_are_written() -> None:
    """The end waits as long as each write comes to its own, and not for one that does not."""
    output = SlowOutput()
    writer = LogWriter(output)
    writer("first")
    time.sleep(0.1)
    writer("last")
    writer.finish()
    assert output.getvalue() == "first\nlast\n"
