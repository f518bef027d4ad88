"""What a create costs, beside an older version of this project.

`python -m benchmarks.create [FOLDER]` asks a fake without a socket, as a door does, and prints for
each kind of create how many calls and returns Python and C functions make, and the time of the
processor. FOLDER holds another version, such as `git archive` writes it; a process of its own
asks it, and its figures stand beside ours. The counts are the same on every machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from .figures import Figure, Plan

HEADERS = (("content-type", "application/json"),)
COUNTED, TIMED, ROUNDS = 100, 100, 30
KINDS: dict[str, tuple[bool, dict[str, Any]]] = {
    "unscripted": (False, {}),
    "unscripted stream": (False, {"stream": True}),
    "scripted": (True, {}),
    "stream": (True, {"stream": True}),
}
"""Whether a reply is scripted, and the members of the request."""


def measure_kind(kind: str) -> tuple[float, float]:
    """Return the calls and returns of one create, and its microseconds."""
    from fakegemini import Fake, Request

    is_scripted, members = KINDS[kind]
    fake = Fake()
    if is_scripted:
        fake.when(input="x").replies("a word or two")
    body = json.dumps({"model": "gemini-3.5-flash", "input": "x"} | members).encode()
    request = Request("POST", "/v1beta/interactions", (), HEADERS, body, "127.0.0.1")
    takes_long = getattr(fake, "takes_long", None)

    def create() -> None:
        if takes_long:
            takes_long(request)
        list(fake.handle(request).beats)

    for _ in range(50):
        create()
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    for _ in range(COUNTED):
        create()
    sys.setprofile(None)
    seconds = []
    for _ in range(ROUNDS):
        begun = time.thread_time()
        for _ in range(TIMED):
            create()
        seconds.append(time.thread_time() - begun)
    return count / COUNTED, min(seconds) / TIMED * 1e6


def measure(plan: Plan) -> Iterator[Figure]:
    """Count the calls of each kind, which no load of the machine changes, and time it."""
    for kind in KINDS:
        rounds = [measure_kind(kind) for _ in range(plan.rounds)]
        yield Figure(f"a create, {kind}", median(count for count, _ in rounds), "calls and returns")
        yield Figure(f"a create, {kind}", median(spent for _, spent in rounds), "µs of CPU")


def measure_elsewhere(folder: Path) -> dict[str, tuple[float, float]]:
    """Return the figures of the version in a folder."""
    root = Path(__file__).parents[1]
    code = (
        f"import sys; sys.path[:0] = [{str(folder)!r}]; import fakegemini; sys.path.insert(0, "
        f"{str(root)!r}); from benchmarks.create import *; "
        "print(json.dumps({kind: measure_kind(kind) for kind in KINDS}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.sep
    )
    figures: dict[str, tuple[float, float]] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Print a line for each kind of create."""
    older = measure_elsewhere(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else {}
    for kind in KINDS:
        calls, microseconds = measure_kind(kind)
        line = f"{kind:18} {calls:7.0f} calls and returns {microseconds:6.0f} µs"
        if kind in older:
            ratios = calls / older[kind][0], microseconds / older[kind][1]
            line += f"  beside it: {ratios[0]:.2f} and {ratios[1]:.2f}"
        print(line)


if __name__ == "__main__":
    main()
