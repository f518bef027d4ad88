"""A command whose output or whose files are taken away: no traceback, no abort, a true status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

RECORDING = {
    "interactions": [
        {
            "request": {
                "method": "POST",
                "uri": "https://generativelanguage.googleapis.com/v1/interactions",
                "body": '{"model": "gemini-3.5-flash", "input": "Hi"}',
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"content-type": ["application/json"]},
                "body": {"string": "{}"},
            },
        }
    ],
    "version": 1,
}

COMMANDS: dict[str, list[str]] = {
    "check": ["check", "a.json"],
    "check as JSON": ["check", "a.json", "--format", "json"],
    "check for GitHub": ["check", "a.json", "--format", "github"],
    "scrub": ["scrub", "--check", "a.json"],
    "convert": ["convert", "a.json", "--out", "b.json", "--force"],
    "show": ["show", "a.json"],
    "show as JSON": ["show", "a.json", "--json"],
    "diff": ["diff", "a.json", "b.json"],
    "why": ["why", "a.json", "--request", "asked.json"],
    "rerecord": ["rerecord", "a.json", "--dry-run"],
    "canary": ["canary", "--dry-run"],
    "env": ["env"],
    "openapi": ["openapi"],
    "completion": ["completion", "bash"],
    "serve": ["serve", "--explain"],
}
"""Commands whose exit status is a verdict, or whose output is all they give."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two recordings and a request, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.json", "b.json"):
        Path(name).write_text(json.dumps(RECORDING), "utf-8")
    Path("asked.json").write_text('{"model": "gemini-3.5-flash", "input": "Hi"}', "utf-8")


def run(
    words: list[str], output: int, before: Callable[[], object] | None = None
) -> tuple[int, str]:
    """Run a command with this file as its output; give its status and what it says beside it."""
    done = subprocess.run(
        [sys.executable, "-m", "fakegemini", *words],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        preexec_fn=before,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="it is a device of Linux")
def test_a_full_disk(name: str) -> None:
    """One sentence and the status of what could not be done: 1 would say that a check failed."""
    output = os.open("/dev/full", os.O_WRONLY)
    try:
        status, text = run(COMMANDS[name], output)
    finally:
        os.close(output)
    assert status == 2
    assert text == "Error: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_is_gone(name: str) -> None:
    """No word, and the status of a program that such a pipe ends."""
    reader, output = os.pipe()
    os.close(reader)
    try:
        status, text = run(COMMANDS[name], output)
    finally:
        os.close(output)
    assert (status, text) == (141, "")


ALL = (0, 1, 2)
LISTENING = {"run": ["run", "--", sys.executable, "-c", "0"], "demo": ["demo"]}


@pytest.mark.parametrize("closed", [ALL, (0,), (1,), (2,), (0, 1), (1, 2)], ids=str)
@pytest.mark.parametrize("name", LISTENING)
def test_closed_files(name: str, closed: tuple[int, ...]) -> None:
    """A service may be started without them: no socket takes their place, and nothing aborts."""
    pytest.importorskip("trustme")

    def close_all() -> None:
        for one in closed:
            os.close(one)

    status, _ = run(LISTENING[name], subprocess.DEVNULL, close_all)
    assert status == 0


@pytest.mark.parametrize("limit", [9, 10, 12, 13, 16])
@pytest.mark.parametrize("name", LISTENING)
def test_few_open_files(name: str, limit: int) -> None:
    """It runs, or says in a sentence that it has too few; and at once."""
    resource = pytest.importorskip("resource")
    pytest.importorskip("trustme")
    status, text = run(
        LISTENING[name],
        subprocess.DEVNULL,
        lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
    )
    assert "fakegemini/" not in text  # nothing of ours is in a traceback
    assert status == 0 or "Error: " in text


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="a terminal of Windows sends none")
def test_a_closed_terminal() -> None:
    """It ends `serve` as SIGTERM does: its report is written, its ready file taken away."""
    ready, report = Path("ready"), Path("report.json")
    words = ["serve", "--port", "0", "--ready-file", str(ready), "--report", str(report)]
    process = subprocess.Popen([sys.executable, "-m", "fakegemini", *words], stdout=subprocess.PIPE)
    try:
        for _ in range(600):
            if ready.exists() or process.poll() is not None:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert (report.exists(), ready.exists()) == (True, False)
