"""`record --mode none --drop-unplayed`: what a program did not ask for goes, once it ended well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fakegemini.recordings.cassette import load_any_cassette
from tests.pytest_plugin.test_cassettes import cassette

PROGRAM = (
    "import json, os, sys, urllib.request as u;"
    "u.urlopen(u.Request(os.environ['GOOGLE_GEMINI_BASE_URL'] + '/v1/interactions',"
    'json.dumps({"model": "gemini-3.5-flash", "input": "Hi 1"}).encode(),'
    "{'content-type': 'application/json'})).read();"
)


def record(tape: Path, program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """The command with a program."""
    command = [sys.executable, "-m", "fakegemini", "record", "--cassette", str(tape)]
    tail = ["--", sys.executable, "-c", program] if program else []
    return subprocess.run(
        [*command, "--drop-unplayed", *options, *tail],
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("program", "options", "told", "status", "left"),
    [
        (PROGRAM, ["--mode", "none"], "dropped 2 exchanges (1, 3) that no program played", 0, 1),
        (PROGRAM, [], "dropped 2 exchanges (1, 3) that no program played", 0, 1),
        (PROGRAM + "sys.exit(3)", ["--mode", "none"], "the command ended with status 3", 3, 3),
        ("pass", ["--mode", "none"], "no program asked for any exchange; it stays", 0, 3),
        (PROGRAM, ["--mode", "all"], "--drop-unplayed is for a command that replays", 1, 3),
        ("", ["--mode", "none"], "--drop-unplayed is for a command that replays", 1, 3),
    ],
)
def test_what_a_program_did_not_ask_for(
    program: str, options: list[str], told: str, status: int, left: int, tmp_path: Path
) -> None:
    """It goes where all went well, and never all of it."""
    tape = tmp_path / "tape.yaml"
    cassette(tape, "One.", "Two.", "Three.")

    outcome = record(tape, program, *options)

    assert told in outcome.stderr
    assert outcome.returncode == status
    assert len(load_any_cassette(tape).exchanges) == left
