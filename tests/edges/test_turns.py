"""In a process of ours, threads take turns often: a short request does not wait for a long one."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path

import pytest

from .busy import port_of, running

SCRIPT = (
    "import sys\ndef script(fake):\n    fake.answers(lambda ask: str(sys.getswitchinterval()))\n"
)
ASK = (
    "import os, urllib.request as u; print(u.urlopen(os.environ['GOOGLE_GEMINI_BASE_URL'] + "
    '\'/v1/interactions\', b\'{"model": "gemini-3.5-flash", "input": "x"}\').read().decode())'
)


@pytest.mark.parametrize("command", ["serve", "run"])
def test_threads_take_turns_each_millisecond(tmp_path: Path, command: str) -> None:
    """A function of the script sees how long a thread may go on; Python's own is 5 ms."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    words = ["--port", "0"] if command == "serve" else ["--", sys.executable, "-c", ASK]
    with running(command, "--script", str(script), *words) as process:
        assert process.stdout
        if command == "run":
            assert '"text":"0.001"' in process.stdout.read()
            return
        url = f"http://127.0.0.1:{port_of(process)}/v1/interactions"
        body = json.dumps({"model": "gemini-3.5-flash", "input": "x"}).encode()
        with urllib.request.urlopen(urllib.request.Request(url, body)) as answer:
            assert b'"text":"0.001"' in answer.read()
