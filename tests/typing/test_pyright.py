"""What users see who check with pyright, as most editors do: our types, and slips found by them.

mypy checks the same files with everything else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

HERE = Path(__file__).parent
BIN = ROOT / "tests" / "js" / "node_modules" / ".bin"


def test_pyright_agrees(tmp_path: Path) -> None:
    """No error in what is right, one in each line of `typos.py` that says so."""
    command = shutil.which("pyright", path=os.pathsep.join([str(BIN), os.environ.get("PATH", "")]))
    if command is None:
        pytest.skip("pyright is not installed: npm --prefix tests/js install")
    for name in ("api.py", "typos.py"):
        shutil.copy(HERE / name, tmp_path)
    config = {"typeCheckingMode": "standard", "reportUnnecessaryTypeIgnoreComment": "error"}
    tmp_path.joinpath("pyrightconfig.json").write_text(json.dumps(config), "utf-8")

    done = subprocess.run(
        [command, "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
    )

    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 2
    assert [one["message"] for one in report["generalDiagnostics"]] == []
