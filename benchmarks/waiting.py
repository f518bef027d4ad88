"""How long others wait beside a request that takes long.

`python -m benchmarks.waiting [WORD…]` starts a `serve` for each case, asks it something quick each
millisecond from this process, and something long from another one. A line has the longest wait of
the quick one in milliseconds, the median and the most of five rounds, and what it waits with
nothing beside it. The goal is 50 ms on a quiet machine.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.edges.busy import MODEL, SECONDS, port_of, running

ROUNDS = 5
_PAUSE = 0.001

ASK = """
import http.client, sys
port, headers = int(sys.argv[1]), dict([sys.argv[3:5]] if sys.argv[3:] else [])
connection = http.client.HTTPConnection("127.0.0.1", port)
body = open(sys.argv[2], "rb").read()
input()
connection.request("POST", "/v1/interactions", body, headers)
answer = connection.getresponse()
while answer.read(65_536):
    pass
print(answer.status)
"""
"""Sends a file once a line comes, reads the whole answer, and prints its status."""


def _schema_of(properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": [*properties]}
    return {"response_format": {"type": "text", "mime_type": "application/json", "schema": schema}}


def _nested(depth: int) -> dict[str, Any]:
    array: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        array = {"type": "array", "minItems": 2, "items": array}
    return array


MEMBERS = {f"m{number}": {"type": "string"} for number in range(10_000)}
STEP = {"type": "user_input", "content": [{"type": "text", "text": "hello there"}]}
IMAGE = {"type": "image", "mime_type": "image/png", "data": "AAAA" * 2_500_000}
WORDS = "alpha beta, gamma\n naïve 日本 " * 180_000

Body = dict[str, Any]
CASES: dict[str, tuple[str, Body]] = {
    "a schema of 10,000 members": ("pass", _schema_of(MEMBERS)),
    "arrays nested 12 deep": ("pass", _schema_of({"x": _nested(12)})),
    "a streamed reply of 5 MB": ("fake.replies('word ' * 1_000_000)", {"stream": True}),
    "a function that computes for a second": ("fake.answers(busy)", {}),
    "a function that asks the same fake": ("fake.answers(ask_again)", {}),
    "a prompt of 5 MB": ("pass", {"input": "word " * 1_000_000}),
    "a prompt of 5 MB beyond ASCII": ("pass", {"input": WORDS}),
    "a picture of 10 MB": ("pass", {"input": [{"type": "text", "text": "x"}, IMAGE]}),
    "a history of 10,000 steps": ("pass", {"input": [STEP] * 10_000, "store": False}),
    "a body of 5 MB that is cut": ("pass", {"input": "x" * 5_000_000}),
    "a packed prompt of 100 MB": ("pass", {"input": "x" * 98_000_000}),
}
"""What a server is told and asked."""

SCRIPT = """
import time, urllib.request

def busy(ask):
    end = time.monotonic() + 1
    while time.monotonic() < end:
        pass
    return "x"

def ask_again(ask):
    if ask.text != "x":
        return "y"
    body = b'{"model": "gemini-3.5-flash", "input": "again"}'
    for _ in range(100):
        urllib.request.urlopen(f"http://127.0.0.1:%s/v1/interactions", body).read()
    return "z"

def script(fake):
    %s
"""


def measure(name: str, folder: Path) -> tuple[list[float], list[float]]:
    """Return the longest waits beside a case, and with nothing beside it, in milliseconds."""
    rule, members = CASES[name]
    content, header = json.dumps({"model": MODEL, "input": "x"} | members).encode(), []
    if "cut" in name:
        content = content[:-2]
    if "packed" in name:
        content, header = gzip.compress(content), ["Content-Encoding", "gzip"]
    (folder / "body").write_bytes(content)
    script = folder / "script.py"
    beside, alone = [], []
    for _ in range(ROUNDS):
        port = _take_port()
        script.write_text(SCRIPT % (port, rule))
        with running("serve", "--port", str(port), "--script", str(script)) as process:
            port_of(process)
            assert process.stdout
            threading.Thread(target=_drain, args=(process.stdout,), daemon=True).start()
            alone.append(_longest_wait(port, lambda: time.sleep(1)))
            words = [sys.executable, "-c", ASK, str(port), str(folder / "body"), *header]
            asker = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            time.sleep(0.5)
            beside.append(_longest_wait(port, partial(_ask, asker)))
    return beside, alone


def _take_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _drain(lines: Any) -> None:
    with contextlib.suppress(ValueError):  # it is closed at the end
        for _ in lines:
            pass


def _ask(asker: subprocess.Popen[str]) -> None:
    output, _ = asker.communicate("\n", timeout=SECONDS)
    assert output.strip() in ("200", "400"), output


def _longest_wait(port: int, work: Callable[[], object]) -> float:
    """Ask for a model until the work is over, and return the longest wait in milliseconds."""
    thread = threading.Thread(target=work)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    longest = 0.0
    thread.start()
    while thread.is_alive():
        begun = time.perf_counter()
        connection.request("GET", f"/v1/models/{MODEL}")
        connection.getresponse().read()
        longest = max(longest, time.perf_counter() - begun)
        time.sleep(_PAUSE)
    connection.close()
    return longest * 1000


def main() -> None:
    """Print a line for each case whose name has all the words."""
    words = sys.argv[1:]
    for name in CASES:
        if not all(word in name for word in words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            beside, alone = measure(name, Path(folder))
        median, nothing = statistics.median(beside), statistics.median(alone)
        print(
            f"{median:6.1f} ms  at most {max(beside):6.1f}  alone {nothing:5.1f}  {name}",
            flush=True,
        )


if __name__ == "__main__":
    main()
