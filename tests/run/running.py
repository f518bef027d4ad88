"""`fakegemini run`, as a process of its own whose temporary files can be looked at."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND = (sys.executable, "-m", "fakegemini", "run")
API = "https://generativelanguage.googleapis.com"
BODY = '{"model": "gemini-3.5-flash", "input": "Hi"}'
ASK = f"""
import urllib.request
request = urllib.request.Request("{API}/v1/interactions", b'{BODY}')
print(urllib.request.urlopen(request).read().decode())
"""
"""A program of Python with the host written into it."""


def clean_environment(folder: Path, **variables: str) -> dict[str, str]:
    """An environment without proxies and keys, whose temporary files are in `folder`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not re.match(r"(?i)(GOOGLE_|GEMINI_|.*_proxy$)", name)
    }
    return kept | {"TMPDIR": str(folder)} | variables


def start(
    folder: Path,
    *words: str,
    cwd: Path | str | None = None,
    variables: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start `fakegemini run`; in words after `--` is the program."""
    return subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=clean_environment(folder, **(variables or {})),
    )


def run(
    folder: Path,
    *words: str,
    cwd: Path | str | None = None,
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run it to its end; nothing of it is left in the folder for temporary files."""
    process = start(folder, *words, cwd=cwd, variables=variables)
    output, errors = process.communicate(timeout=240)
    assert list(folder.iterdir()) == []
    return subprocess.CompletedProcess(words, process.returncode, output, errors)
