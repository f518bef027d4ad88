"""`serve --script FILE`, as a process where it matters."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakegemini import Fake, Request
from fakegemini.fake.control.script_file import ScriptFile
from fakegemini.fake.control.yaml_text import load_yaml
from tests.http.door import Door

COMMAND = (sys.executable, "-m", "fakegemini", "serve", "--port", "0")
YAML = """\
replies:
  - say: First.   # once
rules:
  - when:
      input: {pattern: "(?i)tide"}
    replies: [{say: At six.}]
  - replies: [{say: no}]
faults:
  - {status: 403, times: 1, on: get}
"""
JSON = """{
  "replies": [{"say": "First."}],
  "rules": [
    {"when": {"input": {"pattern": "(?i)tide"}}, "replies": [{"say": "At six."}]},
    {"replies": [{"say": "no"}]}
  ],
  "faults": [{"status": 403, "times": 1, "on": "get"}]
}"""
PYTHON = """\
from __future__ import annotations

import re
from dataclasses import dataclass

from fakegemini import faults, say


@dataclass
class Tide:
    hour: str


def script(fake):
    fake.replies(say("First."))
    fake.when(input=re.compile("(?i)tide")).answers(lambda ask: f"At {Tide('six').hour}.")
    fake.when().replies(say("no"))
    fake.faults(faults.refuse(403), times=1, on="get")
"""
FILES = {"script.yaml": YAML, "script.yml": YAML, "script.json": JSON, "script.py": PYTHON}


@contextmanager
def serving(script: Path) -> Iterator[tuple[subprocess.Popen[str], Door]]:
    """`serve --script` while the block runs: the process and a client of it."""
    process = subprocess.Popen(
        [*COMMAND, "--script", str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
    )
    assert process.stdout
    try:
        greeting = [process.stdout.readline() for _ in range(5)]
        found = re.search(r"http://\S+", greeting[0])
        assert found, process.communicate()
        yield process, Door(found[0])
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def eventually(said: Callable[[], str], wanted: str) -> None:
    """Ask until it is said: a file's time may be coarse."""
    deadline = time.monotonic() + 10
    while (heard := said()) != wanted:
        assert time.monotonic() < deadline, heard
        time.sleep(0.02)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_the_script(tmp_path: Path, name: str) -> None:
    """YAML, JSON and Python say the same."""
    file = tmp_path / name
    file.write_text(FILES[name], "utf-8")
    with serving(file) as (_, door):
        first = door.create("The tide?")

        assert first.text == "First."
        assert [door.create(text).text for text in ("TIDE?", "Sea?", "tide")] == [
            "At six.",
            "no",
            "At six.",
        ]
        assert [door.get(first.json["id"]).status for _ in range(2)] == [403, 200]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((text, text) for text in ("12:30", "190:20:30.15", "0123", "09", "0x1f", "0b11", "0o17")),
        *((text, text) for text in ("1_000", "2026-01-01", "yes", "No", "on", "off", "y", ".x")),
        *((text, text) for text in ("1e", "true story", "7 days", "+", "-.", "1.2.3")),
        *(("7", 7), ("-7", -7), ("+3", 3), ("0", 0), ("-0", 0), ("1.5", 1.5), (".5", 0.5)),
        *(("1e3", 1000.0), ("1.5E-2", 0.015), ("1.", 1.0), ("true", True), ("false", False)),
        *(("null", None), ("~", None), ("'7'", "7")),
    ],
)
def test_a_value_means_what_it_looks_like(written: str, value: object) -> None:
    """Not what YAML 1.1 makes of it: minutes, octal numbers, booleans, dates."""
    read = load_yaml(Path("script.yaml"), f"value: {written}\n")["value"]

    assert (type(read), read) == (type(value), value)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """Good versions replace, broken ones do not; what is stored and posted stays."""
    file = tmp_path / "script.yaml"
    file.write_text("rules: [{replies: [{say: old}]}]", "utf-8")
    with serving(file) as (process, door):

        def said() -> str:
            return door.create().text

        made = door.create().json["id"]
        door.ask("POST", "/__fakegemini__/replies", {"say": "posted"})
        assert said() == "old"
        file.write_text("rules: [{when: {turn: 1}, replies: [{say: newer}]}]", "utf-8")
        eventually(said, "newer")
        file.write_text("rules:\n- replies: [{sya: broken}]", "utf-8")
        assert [said() for _ in range(3)] == ["newer"] * 3
        assert door.create("x", previous_interaction_id=made).text == "posted"
        file.unlink()
        assert said() == "newer"
        file.write_text("replies: [{say: newest}]", "utf-8")
        eventually(said, "newest")
        assert door.get(made).status == 200
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)

    news = [line for line in out.splitlines() if line.startswith(str(tmp_path))]
    assert news == [
        f"{file} is read again",
        f'{file}:2: rules[0].replies[0].sya is unknown; did you mean "say"? '
        "(the last good version stays)",
        f"{file}: cannot be read: No such file or directory (the last good version stays)",
        f"{file} is read again",
    ]
    assert err == ""


def test_the_clock_of_serve_goes_and_can_be_moved(tmp_path: Path) -> None:
    """Ninety seconds pass on top of the clock of the wall."""
    file = tmp_path / "script.json"
    file.write_text('{"replies": [{"say": "x", "background": {"polls": 99, "seconds": 90}}]}')
    with serving(file) as (_, door):
        run = door.create(background=True).json
        before = time.time()
        now = door.ask("POST", "/__fakegemini__/clock", {"advance": 90}).json["now"]

        assert 90 <= now - before < 100
        assert door.get(run["id"]).json["status"] == "completed"


def test_reset_plays_the_file_again(tmp_path: Path) -> None:
    """A suite that resets between its tests finds the script each time, and nothing posted."""
    file = tmp_path / "script.py"
    file.write_text("def script(fake):\n    fake.replies('one')\n")
    with serving(file) as (_, door):
        for _ in range(3):
            assert door.create().text == "one"
            assert door.create().status == 400
            door.ask("POST", "/__fakegemini__/replies", {"say": "posted"})
            assert door.ask("POST", "/__fakegemini__/reset").json == {}


def test_a_script_that_fails_midway_leaves_nothing(tmp_path: Path) -> None:
    """Neither of its rules nor of its faults, and all of the version before."""
    file, fake, news = tmp_path / "script.py", Fake(), list[str]()
    file.write_text("def script(fake):\n    fake.when().replies('old')\n")
    handler = ScriptFile(file, fake).wrap(fake.handle, news.append)
    file.write_text(
        "def script(fake):\n    fake.replies('new')\n    fake.faults('deadline')\n    oops\n"
    )

    reply = handler(Request("GET", "/__fakegemini__/complaints"))

    assert news == [
        f"{file}:4: NameError: name 'oops' is not defined (the last good version stays)"
    ]
    assert b"answers say('old')" in b"".join(reply.beats)  # type: ignore[arg-type]
    assert (len(fake.control.state.script.rules), fake.control.state.faults_in_force.entries) == (
        1,
        [],
    )


@pytest.mark.parametrize("content", ["reples: []", None])
def test_serve_does_not_start_with_a_bad_script(tmp_path: Path, content: str | None) -> None:
    """Exit 1 and one line."""
    file = tmp_path / "script.yaml"
    if content:
        file.write_text(content)

    done = subprocess.run(
        [*COMMAND, "--script", str(file)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=30,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"Error: {re.escape(str(file))}:.+\n", done.stderr)


def test_yaml_means_what_json_means(tmp_path: Path) -> None:
    """`on` is a name, `no` and dates are texts, true is true."""
    file, fake = tmp_path / "script.yaml", Fake()
    file.write_text(
        "replies:\n- say: no\n- say: 2026-01-01\n- say: y\nfaults:\n- {gzip: true, on: get}\n"
    )
    ScriptFile(file, fake)
    ask = Request("POST", "/v1/interactions", body=b'{"model": "gemini-3.5-flash", "input": "x"}')

    for word in ("no", "2026-01-01", "y"):
        (beat,) = fake.handle(ask).beats
        assert isinstance(beat, bytes)
        assert f'"text":"{word}"'.encode() in beat
