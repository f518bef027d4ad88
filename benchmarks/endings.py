"""How soon a program ends that is told to, whatever it is doing.

`python -m benchmarks.endings [WORD…]` starts `serve`, `record`, `run` and a run of tests, lets each
get into every state of a table, and ends it by SIGINT, by SIGTERM, and a run of tests by both
methods of pytest-timeout. A line has the seconds from the signal, or from the limit, to the end.
The goal is two seconds on a quiet machine; `hangs` is what was not over after twenty.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.edges.busy import (
    ASKED,
    COMPUTING,
    STATES,
    UPSTREAM_STATES,
    connect_for,
    open_upstream,
    port_of,
    running,
    script_for,
    start_test,
)

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LONGEST = 20.0
AT_WORK_SECONDS = 1.0
LIMIT = 3.0

CLIENT = (
    "import os, sys, time, urllib.request as u; u.urlopen(os.environ['GOOGLE_GEMINI_BASE_URL'] + "
    "'/v1/interactions', open(sys.argv[1], 'rb').read()).read(); time.sleep(600)"
)


def end(process: subprocess.Popen[str], number: int) -> float | None:
    """Return the seconds from the signal to the end; None where it does not come."""
    begun = time.perf_counter()
    process.send_signal(number)
    return _wait(process, begun)


def _wait(process: subprocess.Popen[str], begun: float) -> float | None:
    try:
        process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None
    return time.perf_counter() - begun


def end_serve(state: str, number: int, folder: Path) -> float | None:
    """End a server that is busy so."""
    script = folder / "script.py"
    script.write_text(script_for(state))
    with running("serve", "--port", "0", "--script", str(script)) as process:
        connection = connect_for(port_of(process), state)
        time.sleep(AT_WORK_SECONDS)
        seconds = end(process, number)
        connection.close()
        return seconds


def end_record(state: str, number: int, folder: Path) -> float | None:
    """End a recorder that is busy so; what it saves is part of the time."""
    upstream, close = open_upstream(state)
    place = ["--cassette", str(folder / "a.yaml"), "--upstream", f"http://127.0.0.1:{upstream}"]
    try:
        with running("record", *place) as process:
            ours = state if state in STATES else "in a function"
            connection = connect_for(port_of(process), ours)
            time.sleep(AT_WORK_SECONDS)
            seconds = end(process, number)
            connection.close()
            return seconds
    finally:
        close()


def end_run(state: str, number: int, folder: Path) -> float | None:
    """End `run`, whose command waits for an answer that does not come."""
    script = folder / "script.py"
    script.write_text(script_for(state))
    members = (ASKED | COMPUTING).get(state, ("", {}))[1]
    body = {"model": "gemini-3.5-flash", "input": "x"} | members
    ignores = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    client = (ignores if state == _STUBBORN else "") + CLIENT
    (folder / "body.json").write_text(json.dumps(body))
    words = ["run", "--script", str(script), "--", sys.executable, "-c", client]
    words.append(str(folder / "body.json"))
    with running(*words) as process:
        time.sleep(AT_WORK_SECONDS * 2)
        return end(process, number)


_STUBBORN = "a command that ignores SIGTERM"


def end_test(state: str, number: int, folder: Path, *, inside: bool) -> float | None:
    """End a run of tests, whose client is in the same process or at a port."""
    process = start_test(folder, state, inside=inside)
    assert process.stderr
    assert "begun\n" in iter(process.stderr.readline, "")
    time.sleep(AT_WORK_SECONDS)
    return end(process, number)


def end_by_limit(state: str, method: str, folder: Path, *, inside: bool) -> float | None:
    """Let pytest-timeout end a test; its limit is not part of the time."""
    options = ["--timeout", str(LIMIT), "--timeout-method", method, "-o", "timeout_func_only=true"]
    process = start_test(folder, state, *options, inside=inside)
    assert process.stderr
    assert "begun\n" in iter(process.stderr.readline, "")
    seconds = _wait(process, time.perf_counter())
    return None if seconds is None else seconds - LIMIT


Case = tuple[str, str, Callable[[Path], float | None]]


def list_cases() -> Iterator[Case]:
    """Yield each case: what is ended, by what, and how."""
    busy = [*ASKED, *COMPUTING]
    places = {"test": False, "test inside the process": True}
    for number in SIGNALS:
        name = number.name
        for state in [*STATES, *COMPUTING]:
            yield f"serve, {state}", name, partial(end_serve, state, number)
        for state in UPSTREAM_STATES:
            yield f"record, {state}", name, partial(end_record, state, number)
        for state in [*busy, *([_STUBBORN] if number == signal.SIGTERM else [])]:
            yield f"run, {state}", name, partial(end_run, state, number)
        for place, inside in places.items():
            for state in busy:
                yield f"{place}, {state}", name, partial(end_test, state, number, inside=inside)
    for method in ("signal", "thread"):
        for place, inside in places.items():
            for state in busy:
                work = partial(end_by_limit, state, method, inside=inside)
                yield f"{place}, {state}", f"pytest-timeout, {method}", work


def main() -> None:
    """Print a line for each case whose name has all the words."""
    words = sys.argv[1:]
    for name, way, work in list_cases():
        if not all(word in f"{name}, {way}" for word in words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            seconds = work(Path(folder))
        shown = "  hangs" if seconds is None else f"{seconds:5.2f} s"
        print(f"{shown}  {way:22}  {name}", flush=True)


if __name__ == "__main__":
    main()
