"""SIGINT, SIGTERM and a time limit end everything, whatever it is doing.

Starting programs is dear, so each state is ended in one way here; `python -m benchmarks.endings`
tries all of them, and prints how long each takes.
"""

from __future__ import annotations

import itertools
import signal
import sys
import time
from pathlib import Path

import pytest

from .busy import (
    ASKED,
    COMPUTING,
    SECONDS,
    STATES,
    UPSTREAM_STATES,
    connect_for,
    open_upstream,
    port_of,
    running,
    script_for,
    start_test,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")

SIGNALS = itertools.cycle([signal.SIGINT, signal.SIGTERM])


@pytest.mark.parametrize(("state", "number"), list(zip(STATES, SIGNALS, strict=False)))
def test_serve(tmp_path: Path, state: str, number: signal.Signals) -> None:
    """It ends, with the status of success, and says that it stopped."""
    script = tmp_path / "script.py"
    script.write_text(script_for(state))
    with running("serve", "--port", "0", "--script", str(script)) as process:
        connection = connect_for(port_of(process), state)
        time.sleep(0.2)  # until it is at work; too early it would end as well
        process.send_signal(number)
        assert process.wait(SECONDS) == 0
        connection.close()


@pytest.mark.parametrize("state", COMPUTING)
def test_serve_where_python_has_no_turn(tmp_path: Path, state: str) -> None:
    """It is killed, which is said: nothing of Python gets to look at the signal."""
    script = tmp_path / "script.py"
    script.write_text(script_for(state))
    with running("serve", "--port", "0", "--script", str(script)) as process:
        connection = connect_for(port_of(process), state)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == -signal.SIGKILL
        connection.close()
        assert process.stdout
        assert "killed: a function of the script let nothing else run" in process.stdout.read()


@pytest.mark.parametrize("state", COMPUTING)
def test_run_where_python_has_no_turn(tmp_path: Path, state: str) -> None:
    """The same, also where the command would wait for ever."""
    script = tmp_path / "script.py"
    script.write_text(script_for(state))
    ask = (
        "import os, urllib.request as u; print('begun', flush=True);"
        "u.urlopen(os.environ['GOOGLE_GEMINI_BASE_URL'] + '/v1/interactions',"
        'b\'{"model": "gemini-3.5-flash", "input": "x"}\').read()'
    )
    with running("run", "--script", str(script), "--", sys.executable, "-c", ask) as process:
        assert process.stdout
        assert "begun\n" in iter(process.stdout.readline, "")
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("state", "number"),
    [*zip(UPSTREAM_STATES, SIGNALS, strict=False), ("passing a huge body", signal.SIGTERM)],
)
def test_record(tmp_path: Path, state: str, number: signal.Signals) -> None:
    """It ends, and what was recorded is saved or told."""
    upstream, close = open_upstream(state)
    cassette, place = str(tmp_path / "a.yaml"), f"http://127.0.0.1:{upstream}"
    try:
        with running("record", "--cassette", cassette, "--upstream", place) as process:
            port = port_of(process)
            ours = state if state in STATES else "in a function"
            connection = connect_for(port, ours)
            time.sleep(0.3)
            process.send_signal(number)
            if state == "passing a huge body":  # which is looked through for secrets
                time.sleep(1)
                process.send_signal(number)
            assert process.wait(SECONDS) in (0, 1, 128 + number)
            connection.close()
            assert process.stdout
            assert "Traceback" not in process.stdout.read()
    finally:
        close()


INSIDE = ["in a function that sleeps", "in a busy function", "streaming without an end"]
"""What a client inside the process is ended in."""

BY_PORT = ["in a function", "in a function that swallows", "writing a huge body"]


@pytest.mark.parametrize(
    ("state", "inside"), [*((state, False) for state in BY_PORT), (INSIDE[0], True)]
)
def test_run_of_tests(tmp_path: Path, state: str, inside: bool) -> None:
    """Ctrl-C interrupts the run, with its summary."""
    process = start_test(tmp_path, state, inside=inside)
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


LIMITED = [
    *(("signal", state, False) for state in ("in a function", "in the beats of a fault")),
    *(("signal", state, True) for state in INSIDE),
    ("thread", "in a function that swallows", True),
    ("thread", "streaming a huge body", False),
]


@pytest.mark.parametrize(("method", "state", "inside"), LIMITED)
def test_time_limit(tmp_path: Path, method: str, state: str, inside: bool) -> None:
    """The limit of pytest-timeout fails the test, or by its other method ends the run."""
    pytest.importorskip("pytest_timeout")
    assert state in ASKED
    options = ["--timeout", "1", "--timeout-method", method, "-o", "timeout_func_only=true"]
    process = start_test(tmp_path, state, *options, inside=inside)
    try:
        output, errors = process.communicate(timeout=SECONDS)
        assert process.returncode == 1
        assert "Timeout" in output + errors
        assert ("1 failed" in output) is (method == "signal")
    finally:
        process.kill()
        process.communicate()
