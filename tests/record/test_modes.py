"""The table of record modes: whoever speaks of a mode reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakegemini import Fake
from fakegemini.doors.loopback import serve
from fakegemini.record.modes import MODES, Keeps, Mode, Records
from fakegemini.record.recover import recover
from fakegemini.record.writer import open_recording
from tests.docs.printed import PRINTED
from tests.pytest_plugin.test_fixture import Run, run
from tests.record.planted import create
from tests.record.test_command import asking, inputs

__all__ = ["run"]

ADDED = Mode(
    "append",
    plays=False,
    records=Records.ALWAYS,
    keeps=Keeps.EVERYTHING,
    sentence="record everything and put it behind the rest",
)
ROW = """
from fakegemini.record.modes import MODES, Keeps, Mode, Records

MODES["append"] = Mode(
    "append",
    plays=False,
    records=Records.ALWAYS,
    keeps=Keeps.EVERYTHING,
    sentence="record everything and put it behind the rest",
)
"""
MAIN = "from fakegemini.cli import main; main(prog_name='fakegemini')"


def command(*arguments: str) -> str:
    """What the command line prints where the table has one row more."""
    done = subprocess.run(
        [sys.executable, "-c", ROW + MAIN, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"GEMINI_API_KEY": "k"},
    )
    assert done.returncode == 0, done.stderr
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_a_row_is_complete(mode: Mode) -> None:
    """It stands under its name, says what it does, and has an answer for every request."""
    assert MODES[mode.name] is mode
    assert mode.sentence
    assert mode.plays or mode.records is Records.ALWAYS


def test_a_row_is_all_that_the_command_needs(tmp_path: Path) -> None:
    """Its name and sentence are in the help, its columns decide what is recorded."""
    text = command("record", "--help")
    assert "|rewrite|append]" in text
    assert f"append: {ADDED.sentence}. [default: once]" in text

    path = tmp_path / "a.yaml"
    with serve(Fake().handle) as upstream:
        for said in ("a", "b", "a"):
            options = ("--cassette", str(path), "--upstream", upstream, "--mode", "append")
            command("record", *options, *asking(0, said))

    assert inputs(path) == ["a", "b", "a"]


def test_a_row_is_all_that_pytest_needs(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option takes it, and so does the marker, which lists it for a wrong name."""
    monkeypatch.delenv("CI", raising=False)  # where a marker alone records nothing
    pytester.makepyfile(one_row_more=ROW)
    source = """
import pytest

@pytest.mark.fakegemini("talk", record={record!r})
def test_it():
    assert ask()[0] == 200
"""

    plugin = ("-p", "one_row_more")
    text = " ".join(run("", *plugin, "--help").stdout.str().split())
    assert f"append: {ADDED.sentence}" in text
    with serve(Fake().handle) as upstream:
        to = f"--fakegemini-upstream={upstream}"
        run(source.format(record="append"), *plugin, to).assert_outcomes(passed=1)
        option = "--fakegemini-record=append"
        run(source.format(record="none"), *plugin, to, option).assert_outcomes(passed=1)
    wrong = run(source.format(record="apend"), *plugin)

    assert inputs(pytester.path / "cassettes" / "talk.yaml") == ["Hi", "Hi"]
    wrong.stdout.fnmatch_lines(
        ["*record is none, *, rewrite, append, not 'apend', did you mean 'append'?"]
    )


def test_a_row_is_in_the_table_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `python -m tests.docs.printed` prints it."""
    monkeypatch.setitem(MODES, ADDED.name, ADDED)

    row = PRINTED["modes"]().splitlines()[-1]

    assert row == f"| `append` | {ADDED.sentence} |  | always | everything |"


def test_recovered_beside_a_cassette_that_came_meanwhile(tmp_path: Path) -> None:
    """It was not there when `once` began; both are kept."""
    path = tmp_path / "a.yaml"
    old, new = (create({"input": text}, {}) for text in ("old", "new"))
    with open_recording(path, MODES["once"], say=lambda line: None) as writer:
        writer.add(new)
    with open_recording(tmp_path / "b.yaml", say=lambda line: None) as writer:
        writer.add(old)
        writer.save()
    (tmp_path / "b.yaml").rename(path)

    saved = recover(path)

    assert (saved.new, saved.total) == (1, 2)
    assert inputs(path) == ["old", "new"]
