"""The API's quickstart runs against `fakegemini serve`, every snippet unchanged."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.beside import QUICKSTART

ROOT = Path(__file__).parent.parent.parent
MODULES = ROOT / "tests" / "js" / "node_modules"
TOOLS = ("node", "bash", "curl", "jq")
PASSED = "{} passed, 0 failed"
SNIPPETS = 12
COLUMNS = {"Python": ("python",), "others": ("js", "rest", "rest-verbatim")}
"""What a run is of: with another google-genai the first alone can differ."""

MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.skipif(not QUICKSTART.is_dir(), reason="the quickstart is not beside the project"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(
        not MODULES.is_dir(), reason="npm --prefix tests/js install was not run in this checkout"
    ),
]


@pytest.fixture
def snippets(tmp_path: Path) -> Path:
    """A copy of the quickstart whose JavaScript finds the packages of our own tests."""
    copy = tmp_path / "quickstart"
    shutil.copytree(QUICKSTART, copy)
    for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    (copy / "js" / "node_modules").symlink_to(MODULES, target_is_directory=True)
    return copy


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    """Where `fakegemini serve` answers, on a port of its choice."""
    command = [sys.executable, "-m", "fakegemini", "serve", "--port", "0", *arguments]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as server:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        log: list[str] = []
        reader = threading.Thread(target=log.extend, args=(server.stdout,))
        reader.start()  # a pipe that nobody empties would stop the server
        try:
            assert found is not None
            yield found[0]
        finally:
            server.send_signal(signal.SIGINT)
            reader.join()
        assert log[-1] == "stopped\n"


def start(*command: object) -> subprocess.Popen[str]:
    """A program on its way, for which our Python is the one of the quickstart."""
    return subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"QUICKSTART_PYTHON": sys.executable},
    )


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_every_snippet_passes(
    columns: tuple[str, ...], snippets: Path, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """All 48, twice at once on one server, the second time through the recorder; what it recorded
    replays: other ids, other chunks.
    """
    tape = tmp_path / "tape.yaml"
    runner = (sys.executable, snippets / "run.py")
    behind_the_proxy = f'exec "{runner[0]}" "{runner[1]}" "$GOOGLE_GEMINI_BASE_URL" '
    with served() as url:
        direct = start(*runner, url, *columns)
        recorder = start(
            *(sys.executable, "-m", "fakegemini", "record", "--cassette", tape),
            *("--upstream", url, "--", "sh", "-c", behind_the_proxy + " ".join(columns)),
        )
        answered, _ = direct.communicate(timeout=300)
        recorded, said = recorder.communicate(timeout=300)
    with served("--cassettes", str(tape), "--chunks", "17") as url:
        replayed, _ = start(*runner, url, *columns).communicate(timeout=300)

    for name, output in {"direct": answered, "recorded": recorded, "replayed": replayed}.items():
        with subtests.test(name):
            assert output.rstrip().endswith(PASSED.format(SNIPPETS * len(columns))), output
    assert said.rstrip().endswith(": 0 violations, 0 drift")
