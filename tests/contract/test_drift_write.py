"""`fakegemini drift --write`, the maintainer's tool, as a maintainer calls it: in a checkout."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_writes_what_the_checkout_lacks(tmp_path: Path) -> None:
    """A type that the SDK has and a dispatcher does not know is written, and named."""
    pytest.importorskip("google.genai")
    for folder in ("fakegemini", "schemas"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    dispatcher = tmp_path / "schemas" / "interactions" / "delta.json"
    complete = json.loads(dispatcher.read_text("utf-8"))
    lacking = json.loads(dispatcher.read_text("utf-8"))
    lacking["properties"]["type"]["enum"].pop()
    lacking["allOf"].pop()
    dispatcher.write_text(json.dumps(lacking), "utf-8")

    command = [sys.executable, "-m", "fakegemini", "drift", "--write"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert result.returncode == 0, result.stderr
    assert "wrote interactions/delta.json" in result.stdout.splitlines()
    assert json.loads(dispatcher.read_text("utf-8")) == complete
