"""What keeps a server or a test busy, and programs that are kept busy so."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 60.0
"""How long nothing hangs on a busy machine; alone it takes less than two."""

MODEL = "gemini-3.5-flash"
MEMBERS = {f"m{number}": {"type": "string"} for number in range(20_000)}
SCHEMA = {"type": "object", "properties": MEMBERS}
FORMAT = {"type": "text", "mime_type": "application/json", "schema": SCHEMA}

SCRIPT = """
import os, threading, time
from fakegemini import faults, never_ending

def spin(ask):
    while True:
        pass

def swallow(ask):
    while True:
        try:
            time.sleep(600)
        except BaseException:
            pass

def read_nothing(ask):
    os.read(os.pipe()[0], 1)

def compute(ask):
    sum(range(10**14))  # in C, where no other thread has a turn

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
    "in a function that reads": ("fake.answers(read_nothing)", {}),
    "in a busy function": ("fake.answers(spin)", {}),
    "in a function that swallows": ("fake.answers(swallow)", {}),
    "in the beats of a fault": ("fake.replies('x', fault=beats)", {"stream": True}),
    "streaming without an end": (
        "fake.replies('x', background=never_ending())",
        {"stream": True, "background": True},
    ),
    "writing a huge body": ("fake.replies('x' * 30_000_000)", {}),
    "streaming a huge body": ("fake.replies('x' * 30_000_000)", {"stream": True}),
    "validating a hard schema": ("fake.replies('x')", {"response_format": FORMAT}),
    "generating a hard schema": ("pass", {"response_format": FORMAT}),
}
"""What a server is told and asked, so that it is busy when the signal comes."""

COMPUTING: dict[str, tuple[str, dict[str, Any]]] = {
    "computing in C": ("fake.answers(compute)", {}),
}
"""The same, where Python itself never gets to look at a signal."""

STATES = ["waiting", "reading a head", "reading a body", *ASKED]


def _head(length: int) -> bytes:
    return f"POST /v1/interactions HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()


def _connect(port: int, content: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    connection.sendall(content)
    return connection


def connect_for(port: int, state: str) -> socket.socket:
    """Send what makes the server busy so, and read nothing."""
    if state == "reading a body":
        return _connect(port, _head(1000) + b"{")
    if state == "reading a head":
        return _connect(port, _head(1000)[:20])
    if state == "waiting":
        return _connect(port, b"")
    body = json.dumps({"model": MODEL, "input": "x"} | (ASKED | COMPUTING)[state][1]).encode()
    return _connect(port, _head(len(body)) + body)


def script_for(state: str) -> str:
    """The script of a fake that gets into that state, once it is asked."""
    return SCRIPT % (ASKED | COMPUTING).get(state, ("pass",))[0]


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command of ours, and end it whatever comes."""
    command = [sys.executable, "-u", "-m", "fakegemini", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def port_of(process: subprocess.Popen[str]) -> int:
    """Read the port off what a command prints."""
    assert process.stdout
    for line in process.stdout:
        place = line.partition("http://127.0.0.1:")[2]
        if place:
            return int(place.split()[0])
    raise AssertionError("it says no address")


UPSTREAM_STATES = [
    "waiting",
    "reading a body",
    "waiting for upstream",
    "passing a stream",
    "passing a huge body",
]
"""In which states a recorder is ended."""


def open_upstream(state: str) -> tuple[int, Callable[[], None]]:
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


TEST = """
import json, signal, sys, urllib.request
import fakegemini as package, httpx, pytest

{script}

def ask(fake, body):
    if {inside}:
        way = package.transport(fake, httpx)
        client = httpx.Client(transport=way, base_url="http://x.invalid")
        client.post("/v1/interactions", json=body, timeout=None)
    else:
        request = urllib.request.Request(fake.url + "/v1/interactions", json.dumps(body).encode())
        answer = urllib.request.urlopen(request)
        while answer.read(1):
            pass

def test_it(fakegemini):
    script(fakegemini)
    print("begun", file=sys.__stderr__, flush=True)
    ask(fakegemini, {body!r})
    signal.pause()
"""


def start_test(
    folder: Path, state: str, *options: str, inside: bool = False
) -> subprocess.Popen[str]:
    """Start a run of one test that is busy so, by a port or `inside` the process."""
    rule, members = (ASKED | COMPUTING)[state]
    body = {"model": MODEL, "input": "x"} | members
    text = TEST.format(script=SCRIPT % rule, body=body, inside=inside)
    (folder / "test_it.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-u", "-m", "pytest", "-p", "no:cacheprovider", "-qs", *options]
    return subprocess.Popen(
        [*command, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
