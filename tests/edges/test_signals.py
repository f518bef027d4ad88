"""SIGINT, SIGTERM and a time limit end everything, whatever it is doing."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.inner_runs import ADDOPTS, LEAN

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")

SECONDS = 60.0
"""How long nothing hangs on a busy machine; alone it takes less than two."""

MODEL = "gemini-3.5-flash"
MEMBERS = {f"m{number}": {"type": "string"} for number in range(20_000)}
SCHEMA = {"type": "object", "properties": MEMBERS}
FORMAT = {"type": "text", "mime_type": "application/json", "schema": SCHEMA}

SCRIPT = """
import threading, time
from fakegemini import faults, never_ending

def spin(ask):
    while True:
        pass

def beats(handler):
    def answer(request):
        from dataclasses import replace
        def slow():
            threading.Event().wait()
            yield b""
        return replace(handler(request), beats=slow())
    return answer

def script(fake):
    %s
"""

ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "in a function": ("fake.answers(lambda ask: threading.Event().wait())", {}),
    "in a function that sleeps": ("fake.answers(lambda ask: time.sleep(600))", {}),
    "in a busy function": ("fake.answers(spin)", {}),
    "in the beats of a fault": ("fake.replies('x', fault=beats)", {"stream": True}),
    "streaming without an end": (
        "fake.replies('x', background=never_ending())",
        {"stream": True, "background": True},
    ),
    "writing a huge body": ("fake.replies('x' * 30_000_000)", {}),
    "streaming a huge body": ("fake.replies('x' * 30_000_000)", {"stream": True}),
    "validating a hard schema": ("fake.replies('x')", {"response_format": FORMAT}),
}
"""What a server is told and asked, so that it is busy when the signal comes."""


def _head(length: int) -> bytes:
    return f"POST /v1/interactions HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()


def _connect(port: int, content: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    connection.sendall(content)
    return connection


def _connect_for(port: int, state: str) -> socket.socket:
    """Send what makes the server busy so, and read nothing."""
    if state == "reading a body":
        return _connect(port, _head(1000) + b"{")
    if state == "reading a head":
        return _connect(port, _head(1000)[:20])
    if state == "waiting":
        return _connect(port, b"")
    body = json.dumps({"model": MODEL, "input": "x"} | ASKED[state][1]).encode()
    return _connect(port, _head(len(body)) + body)


STATES = ["waiting", "reading a head", "reading a body", *ASKED]
SIGNALS = [signal.SIGINT, signal.SIGTERM]


@contextlib.contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-u", "-m", "fakegemini", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def _port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    for line in process.stdout:
        place = line.partition("http://127.0.0.1:")[2]
        if place:
            return int(place.split()[0])
    raise AssertionError("it says no address")


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("state", STATES)
def test_serve(tmp_path: Path, state: str, number: signal.Signals) -> None:
    """It ends, with the status of success, and says that it stopped."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT % ASKED.get(state, ("pass",))[0])
    with _running("serve", "--port", "0", "--script", str(script)) as process:
        connection = _connect_for(_port_of(process), state)
        time.sleep(0.2)  # until it is at work; too early it would end as well
        process.send_signal(number)
        assert process.wait(SECONDS) == 0
        connection.close()


def _upstream(state: str) -> tuple[int, Callable[[], None]]:
    """Serve what holds a recorder up; give the port, and what ends it."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

    def answer() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = listener.accept()[0]
                connections.append(connection)
                connection.recv(65_536)
                if state == "waiting for upstream":
                    continue
                connection.sendall(head + b"event: x\ndata: {}\n\n")
                if state == "passing a huge body":
                    connection.sendall(b"data: x\n\n" * 10_000_000)

    threading.Thread(target=answer, daemon=True).start()

    def close() -> None:
        listener.close()
        for connection in connections:
            connection.close()

    return listener.getsockname()[1], close


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize(
    "state",
    [
        "waiting",
        "reading a body",
        "waiting for upstream",
        "passing a stream",
        "passing a huge body",
    ],
)
def test_record(tmp_path: Path, state: str, number: signal.Signals) -> None:
    """It ends, and what was recorded is saved or told."""
    upstream, close = _upstream(state)
    cassette, place = str(tmp_path / "a.yaml"), f"http://127.0.0.1:{upstream}"
    try:
        with _running("record", "--cassette", cassette, "--upstream", place) as process:
            port = _port_of(process)
            ours = state if state in STATES else "in a function"
            connection = _connect_for(port, ours)
            time.sleep(0.3)
            process.send_signal(number)
            assert process.wait(SECONDS) in (0, 1, 128 + number)
            connection.close()
            assert process.stdout
            assert "Traceback" not in process.stdout.read()
    finally:
        close()


TEST = """
import json, signal, sys, urllib.request
import pytest

{script}

def test_it(fakegemini):
    script(fakegemini)
    print("begun", file=sys.__stderr__, flush=True)
    {limit}
    body = json.dumps({body!r}).encode()
    request = urllib.request.Request(fakegemini.url + "/v1/interactions", body)
    answer = urllib.request.urlopen(request)
    while answer.read(1) or True:
        signal.pause()
"""
LIMIT = """
    def stop(*_):
        pytest.fail("over the limit", pytrace=False)
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
"""


def _test_process(folder: Path, state: str, limit: str) -> subprocess.Popen[str]:
    rule, members = ASKED[state]
    body = {"model": MODEL, "input": "x"} | members
    script = SCRIPT % rule
    (folder / "test_it.py").write_text(TEST.format(script=script, body=body, limit=limit))
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-u", "-m", "pytest", "-p", "no:cacheprovider", "-qs", str(folder)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | {ADDOPTS: LEAN},
    )


@pytest.mark.parametrize("state", ASKED)
def test_run_of_tests(tmp_path: Path, state: str) -> None:
    """Ctrl-C interrupts the run, with its summary."""
    process = _test_process(tmp_path, state, "")
    try:
        assert process.stderr
        assert "begun\n" in iter(process.stderr.readline, "")
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 2
        assert "KeyboardInterrupt" in output
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("state", ASKED)
def test_time_limit(tmp_path: Path, state: str) -> None:
    """A limit by signal, as that of pytest-timeout, fails the test, and the run goes on."""
    process = _test_process(tmp_path, state, LIMIT.strip())
    try:
        output, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 1
        assert "over the limit" in output
        assert "1 failed" in output
    finally:
        process.kill()
        process.communicate()
