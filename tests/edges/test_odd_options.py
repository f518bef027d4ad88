"""Options are what an untrusted repository says, too: each is read, or is one sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakegemini import Fake
from fakegemini.errors import BadScript
from fakegemini.fake.option_values import options_from, variable_of
from fakegemini.fake.options import OPTIONS

pytest_plugins = ["pytester"]

TEXTS = {
    "negative": "-1",
    "huge number": "9" * 5000,
    "float": "1e9",
    "no number": "nan",
    "open bracket": "(",
    "possible nested set": "[[:alpha:]]",
    "catastrophe": "(a+)+$",
    "huge pattern": "a{1,99999}" * 50,
    "climbing path": "../../etc/passwd",
    "device": "/dev/zero",
    "function of the system": "os:system",
    "no function": "..:x",
    "open quote": "'",
    "lone backslash": "\\",
    "nothing before": "=gemini-3.5-flash",
    "nothing behind": "a=",
    "very long": "a" * 1_000_000,
    "control": "\x1b[31m\x07",
    "command": "::error::x",
    "surrogate": "\ud800",
    "other digits": "١٢",
    "bare words": "a,b,,c",
}
VALUES = {
    "None": None,
    "True": True,
    "negative": -1,
    "huge": 10**4000,
    "infinite": float("inf"),
    "no number": float("nan"),
    "bytes": b"x",
    "list of nothing": [None],
    "list of lists": [["x"]],
    "object": object(),
    "function": lambda: 0,
    "dict": {"a": 1},
    "set": set(),
    "long": "a" * 100_000,
    "open bracket": "(",
}
_LONGEST = 2000


def _check(error: BadScript, name: str = "") -> None:
    assert str(error).startswith(name)
    assert len(str(error)) < _LONGEST
    assert "Traceback" not in str(error)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("name", OPTIONS)
def test_texts(name: str, kind: str) -> None:
    """Of the environment and of the ini file; nothing else is raised, and nothing takes long."""
    try:
        options_from({variable_of(name): TEXTS[kind]})
    except BadScript as error:
        _check(error, variable_of(name))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("name", OPTIONS)
def test_values(name: str, kind: str) -> None:
    """Of Python: the marker, `fakegemini_config`, `Fake`, and attributes of the fixture."""
    value: Any = {name: VALUES[kind]}
    try:
        Fake(**value)
    except BadScript as error:
        _check(error)


@given(st.sampled_from(list(OPTIONS)), st.text(st.characters(exclude_characters="\0")))
def test_any_text(name: str, text: str) -> None:
    """Whatever it is."""
    try:
        options_from({variable_of(name): text})
    except BadScript as error:
        _check(error, variable_of(name))


@pytest.mark.parametrize("line", ["fakegemini_scrub_pattern = (", "fakegemini_block = maybe"])
def test_ini_file(pytester: pytest.Pytester, line: str) -> None:
    """The line is named, with its file; no test is run."""
    pytester.makeini(f"[pytest]\n{line}")
    pytester.makepyfile("def test_it(fakegemini): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    name = line.partition(" ")[0]
    result.stderr.fnmatch_lines([f"ERROR: {name} in *.ini: *"])
    assert "Traceback" not in result.stderr.str()
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


def _make_socket(path: Path) -> None:
    folder = os.getcwd()
    os.chdir(path.parent)  # the names of sockets are short
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(folder)


NO_FILES: dict[str, Callable[[Path], object]] = {
    "FIFO": lambda path: os.mkfifo(path),
    "socket": _make_socket,
    "link to a device": lambda path: path.symlink_to("/dev/null"),
    "folder": lambda path: path.mkdir(),
}


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs there")
@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_not_replaced(tmp_path: Path, kind: str) -> None:
    """A device that a file took the place of would be missed by everybody."""
    path = tmp_path / "report.html"
    NO_FILES[kind](path)
    before = os.lstat(path).st_mode, os.lstat(path).st_ino
    done = subprocess.run(
        [sys.executable, "-m", "fakegemini", "run", "--report", str(path), "--", "true"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert str(path) in done.stderr
    assert (os.lstat(path).st_mode, os.lstat(path).st_ino) == before


READERS = {
    "hooks": ["record", "--cassette", "a.yaml", "--hooks", "FILE", "--", "true"],
    "cassette": ["record", "--cassette", "FILE", "--", "true"],
    "request": ["why", "good.yaml", "--request", "FILE"],
    "recording": ["check", "FILE"],
}


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs there")
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["FIFO", "link without an end"])
def test_what_never_ends_is_not_read(tmp_path: Path, name: str, kind: str) -> None:
    """It is said to be no plain file, not to be missing, and nothing waits."""
    path = tmp_path / "odd.json"
    (tmp_path / "good.yaml").write_text("interactions: []\n")
    os.mkfifo(path) if kind == "FIFO" else path.symlink_to("/dev/zero")
    words = [str(path) if word == "FILE" else word for word in READERS[name]]
    done = subprocess.run(
        [sys.executable, "-m", "fakegemini", *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode in (1, 2)
    assert f"{path}: it is no plain file" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
