"""How long others wait while one request is hard work.

Serves a fake in a process of its own, gives it one hard request, and meanwhile asks for a short
turn again and again on another connection. What counts is the longest of these short waits, less
the longest one of the same round in which nothing else is asked: the machine's own hiccups are in
both. `python -m benchmarks.waiting [ROUNDS [WORD…]]` prints the waits themselves, the best of all.
"""

from __future__ import annotations

import gzip
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from .figures import Figure, Plan

GOAL = 50.0
"""By how many milliseconds a hard request may lengthen the wait of others."""

MODEL = "gemini-3.5-flash"
CREATE = "/v1beta/interactions"
REPLIES = "/__fakegemini__/replies"
LONG = "Tides follow the moon, and a little the sun. " * 116_000
"""A text of five megabytes."""


Work = Callable[["Caller"], object]


class Caller:
    """One connection to the fake."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> bytes:
        """Ask, and read the whole answer."""
        head = {"content-type": "application/json"} | (headers or {})
        self._connection.request(method, path, body, head)
        return self._connection.getresponse().read()

    def create(self, **members: Any) -> bytes:
        """Create one interaction."""
        return self.send("POST", CREATE, spell_create(**members))

    def script(self, text: str) -> None:
        """Script the next turn."""
        self.send("POST", REPLIES, json.dumps({"say": text}).encode())


def spell_create(**members: Any) -> bytes:
    """Write the body of a create; a long one beforehand, since writing it holds the client up."""
    return json.dumps({"model": MODEL} | members).encode()


def sending(body: bytes, **headers: str) -> Work:
    """Return the work of sending a create."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda caller: caller.send("POST", CREATE, body, named)


def json_format(schema: Any) -> Any:
    """Return the response format for JSON of a schema."""
    return {"type": "text", "mime_type": "application/json", "schema": schema}


def nested(levels: int) -> Any:
    """Return the schema of arrays in arrays."""
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema, "minItems": 2}
    return schema


MEMBERS = {
    "type": "object",
    "properties": {f"m{number}": {"type": "string"} for number in range(10_000)},
}
PATTERN = {
    "type": "object",
    "properties": {"x": {"type": "string", "pattern": r"^([A-Za-z]+\s?)+$"}},
}
HISTORY = [
    {"type": kind, "content": [{"type": "text", "text": f"turn {number}"}]}
    for number in range(5_000)
    for kind in ("user_input", "model_output")
]
BOMB = gzip.compress(json.dumps({"model": MODEL, "input": "x" * 100_000_000}).encode(), 1)

BEYOND_ASCII = "Gezeiten folgen dem Mond – 潮は月に従う。 " * 150_000
PICTURE = {"type": "image", "mime_type": "image/png", "data": "AAAA" * 2_500_000}
Row = tuple[Work, Work]


def script_long(caller: Caller) -> None:
    """Script a turn of five megabytes."""
    caller.script(LONG)


def keep_long(caller: Caller) -> None:
    """Let the fake keep a turn of five megabytes."""
    caller.script(LONG)
    global KEPT_ID
    KEPT_ID = json.loads(caller.create(input="long"))["id"]


KEPT_ID = ""


def fill_log(caller: Caller) -> None:
    """Let the fake log requests of ten megabytes together."""
    for number in range(50):
        caller.create(input=f"{number} {LONG[:200_000]}")


def nothing(caller: Caller) -> None:
    """Prepare nothing."""


ROWS: dict[str, Row] = {
    "nothing else": (nothing, lambda caller: time.sleep(1)),
    "a schema with 10,000 members": (
        nothing,
        sending(spell_create(input="Hi", response_format=json_format(MEMBERS))),
    ),
    "arrays nested 12 deep": (
        nothing,
        sending(spell_create(input="Hi", response_format=json_format(nested(12)))),
    ),
    "a pattern that `re` never ends": (
        nothing,
        lambda caller: caller.create(
            input="x is " + "a" * 60 + "!", response_format=json_format(PATTERN)
        ),
    ),
    "scripting a reply of 5 MB": (nothing, script_long),
    "an answer of 5 MB": (script_long, lambda caller: caller.create(input="Hi")),
    "a stream of 5 MB": (script_long, lambda caller: caller.create(input="Hi", stream=True)),
    "a packed answer of 5 MB": (
        script_long,
        sending(spell_create(input="Hi"), accept_encoding="gzip"),
    ),
    "reading a stored turn of 5 MB": (
        keep_long,
        lambda caller: caller.send("GET", f"{CREATE}/{KEPT_ID}"),
    ),
    "continuing a turn of 5 MB": (
        keep_long,
        lambda caller: caller.create(input="more", previous_interaction_id=KEPT_ID),
    ),
    "a prompt of 5 MB": (nothing, sending(spell_create(input=LONG))),
    "a prompt of 8 MB beyond ASCII": (nothing, sending(spell_create(input=BEYOND_ASCII))),
    "a picture of 10 MB": (nothing, sending(spell_create(input=[PICTURE]))),
    "a history of 10,000 steps": (nothing, sending(spell_create(input=HISTORY))),
    "a packed prompt of 100 MB": (nothing, sending(BOMB, content_encoding="gzip")),
    "the log of 10 MB": (
        fill_log,
        lambda caller: caller.send("GET", "/__fakegemini__/requests"),
    ),
}


def measure(plan: Plan) -> Iterator[Figure]:
    """Measure all rows in turns."""
    waits: dict[str, list[float]] = {name: [] for name in ROWS}
    for _ in range(plan.rounds):
        for name, row in ROWS.items():
            waits[name].append(measure_row(row)[0] * 1e3)
    quiet = waits.pop("nothing else")
    yield Figure("the longest of many short waits, beside nothing else", median(quiet), "ms")
    for name, values in waits.items():
        more = [max(0.0, value - other) for value, other in zip(values, quiet, strict=True)]
        yield Figure(f"how much longer beside {name}", median(more), "ms", goal=GOAL)


def measure_row(row: Row) -> tuple[float, float]:
    """Return the longest wait of a short turn, and how long the hard request took, in seconds."""
    command = [sys.executable, "-m", "fakegemini", "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        port = int(server.stdout.readline().rpartition(":")[2])
        threading.Thread(target=server.stdout.read, daemon=True).start()
        prepare, work = row
        caller, other = Caller(port), Caller(port)
        rule = {"when": {"input": "short"}, "replies": [{"say": "x"}], "times": "always"}
        other.send("POST", "/__fakegemini__/rules", json.dumps(rule).encode())
        assert b"steps" in other.create(input="short")
        prepare(caller)
        times: list[float] = []

        def do_work() -> None:
            begun = time.perf_counter()
            work(caller)
            times.append(time.perf_counter() - begun)

        worker = threading.Thread(target=do_work)
        longest = 0.0
        worker.start()
        while worker.is_alive():
            begun = time.perf_counter()
            other.create(input="short")
            longest = max(longest, time.perf_counter() - begun)
        return longest, times[0]
    finally:
        server.kill()
        server.wait()


def main() -> None:
    """Print a line for each kind of hard request."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    only = sys.argv[2:]
    for name, row in ROWS.items():
        if only and not any(word in name for word in only):
            continue
        results = [measure_row(row) for _ in range(rounds)]
        longest, seconds = min(results)
        print(f"{name:34} {longest * 1000:6.0f} ms longest wait, the work took {seconds:.2f} s")


if __name__ == "__main__":
    main()
