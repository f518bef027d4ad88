"""Start servers as processes of their own, load them, and read what they cost.

The cost is the CPU of the server's process for each request, as the kernel accounts for it: other
work on the machine changes it little, while requests in a second change with everything.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fakegemini import Fake, Request, say, think

from .figures import Skipped

FOLDER = Path(__file__).parent
PATH = "/v1beta/interactions"
MODEL = "gemini-3.5-flash"
ANSWER = (
    "Tides follow the moon, and a little the sun, twice a day in most harbours of the North Sea. "
    "They turn about every six hours and are highest near full and new moon."
)
AIMOCK = FOLDER / "js/node_modules/@copilotkit/aimock/dist/cli.js"
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PATIENCE = 20.0


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def recorded_answer(*, stream: bool) -> bytes:
    """Return what the fake answers to a question, for a server that says nothing else.

    A process of its own asks it: what this one loads, it would share with the servers it weighs.
    """
    code = f"from {__name__} import *; sys.stdout.buffer.write(make_answer(stream={stream}))"
    root = str(FOLDER.parent)
    return subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, cwd=root
    ).stdout


def make_answer(*, stream: bool) -> bytes:
    """Make what `recorded_answer` returns."""
    fake = Fake()
    fake.replies(think(), say(ANSWER))
    body = json.dumps({"model": MODEL, "input": "Why are there tides?", "stream": stream})
    reply = fake.handle(Request("POST", PATH, (), (), body.encode()))
    return b"".join(beat for beat in reply.beats if isinstance(beat, bytes))


def command_of(kind: str, port: int, folder: Path) -> list[str]:
    """Return the command that starts a server: `fakegemini`, `constant`, `events` or `aimock`."""
    if kind == "fakegemini":
        script = Path(sys.executable).with_name("fakegemini")
        own = [str(script)] if script.exists() else [sys.executable, "-m", "fakegemini"]
        return [*own, "serve", "--port", str(port)]
    if kind in ("constant", "events"):
        file = folder / kind
        file.write_bytes(recorded_answer(stream=kind == "events"))
        return [sys.executable, str(FOLDER / "constant.py"), str(port), str(file)]
    node = shutil.which("node")
    if not node or not AIMOCK.exists():
        raise Skipped("aimock is not there: npm --prefix benchmarks/js install --no-package-lock")
    fixture = folder / "aimock.json"
    answer = {"match": {}, "response": {"content": ANSWER}}
    fixture.write_text(json.dumps({"fixtures": [answer]}), "utf-8")
    return [node, str(AIMOCK), "-p", str(port), "-f", str(fixture), "--log-level", "silent"]


@dataclass(slots=True)
class Server:
    """A server that runs; seconds from its start to its first answer: all, of the processor."""

    process: subprocess.Popen[bytes]
    port: int
    first_answer: float
    first_cpu: float

    def cpu_seconds(self) -> float:
        """Read how many seconds of the processor its process has used so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / _TICKS

    def memory(self) -> tuple[int, int]:
        """Read how many bytes are its own alone: written, and pages of files as they are."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text("ascii").splitlines()
        sizes = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
        return 1024 * int(sizes["Private_Dirty"]), 1024 * int(sizes["Private_Clean"])


@contextmanager
def running(kind: str, *, core: int | None = 0) -> Iterator[Server]:
    """Run a server on a core of its own while the block runs."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise Skipped("what a process costs is read from /proc, which this system has not got")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = command_of(kind, port, Path(folder))
        pin = _pinned(core)
        began = time.perf_counter()
        process = subprocess.Popen([*pin, *command], stdout=subprocess.DEVNULL)
        try:
            ask(port, began + _PATIENCE)
            seconds = time.perf_counter() - began
            yield Server(process, port, seconds, _precise_cpu_seconds(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _precise_cpu_seconds(process_id: int) -> float:
    """Read the seconds of the processor of all threads that a process has, in nanoseconds."""
    tasks = Path(f"/proc/{process_id}/task").glob("*/schedstat")
    return sum(int(task.read_text("ascii").split()[0]) for task in tasks) / 1e9


def _pinned(core: int | None) -> list[str]:
    taskset = shutil.which("taskset")
    has_two = (os.cpu_count() or 1) > 1
    return [taskset, "-c", str(core)] if taskset and has_two and core is not None else []


def ask(port: int, deadline: float) -> None:
    """Ask a question again and again until somebody answers; raises what the last try did."""
    body = json.dumps({"model": MODEL, "input": "Are you there?", "stream": False}).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{PATH}", body, headers)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                answer.read()
                return
        except OSError:
            if time.perf_counter() > deadline:
                raise
            time.sleep(0.002)


def load(
    server: Server, seconds: float, *, stream: bool, connections: int = 16
) -> tuple[int, float]:
    """Ask with wrk for so long, each time something else; gives requests and CPU seconds."""
    wrk = shutil.which("wrk")
    if not wrk:
        raise Skipped("wrk makes the load and is not there: apt-get install wrk")
    before = server.cpu_seconds()
    options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "20s"]
    options += ["-s", _script(stream)]
    command: Sequence[str] = [
        *_pinned(1),
        wrk,
        *options,
        f"http://127.0.0.1:{server.port}{PATH}",
    ]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spent = server.cpu_seconds() - before
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"the load was not answered well:\n{text}")
    found = re.search(r"(\d+) requests in", text)
    assert found, text
    return int(found[1]), spent


def _script(stream: bool) -> str:
    """Return the file that tells wrk what to ask."""
    return str(FOLDER / ("ask_stream.lua" if stream else "ask.lua"))
