"""A new fault is a function with its row, in one file: all else follows from it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT

FILE = "fakegemini/faults/on_streams.py"
FUNCTION = '''

@fault_maker("stutter_at_event", EVENT, Layer.EVENTS, {"event": POSITIONS})
def stutter(event: int) -> Fault:
    """Send that event of a stream three times, counted from 0."""
    return both(repeat(event), repeat(event))
'''
COPIED = ["fakegemini", "schemas", "docs", "tests/docs", "tests/test_architecture.py", "README.md"]
PRINTED = ["docs/control.md", "docs/faults.md", "schemas/control/fault.json"]

USES = """
import http.client, json
from hypothesis import find, settings
from fakegemini import Fake, faults, strategies
from fakegemini.doors.loopback import serve


def events(url, body):
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.request("POST", "/v1/interactions", json.dumps(body))
    lines = connection.getresponse().read().decode().splitlines()
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


def add_by_json(url, form):
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.request("POST", "/__fakegemini__/faults", json.dumps(form))
    return connection.getresponse().read().decode()


BODY = {"model": "gemini-3.5-flash", "input": "Hi", "stream": True}
fake = Fake()
with serve(fake.handle) as url:
    usual = events(url, BODY)
    fake.faults(faults.stutter(0), times=1)
    by_python = events(url, BODY)
    answer = add_by_json(url, {"stutter_at_event": 1, "times": 1})
    by_json = events(url, BODY)
    mistake = add_by_json(url, {"stuter_at_event": 1})
drawn = find(
    strategies.faults(),
    lambda fault: fault.label.startswith("stutter"),
    settings=settings(max_examples=2000, database=None, derandomize=True),
)
print(json.dumps([usual, by_python, answer, by_json, mistake, drawn.label]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code, its schemas and pages, for a change that nobody keeps."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    return tmp_path


def run(copy: Path, *command: str) -> str:
    """What Python prints that takes the code from the copy."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def texts(copy: Path) -> dict[str, str]:
    """The files that are printed."""
    return {name: (copy / name).read_text("utf-8") for name in PRINTED}


def test_a_fault_is_one_change_in_one_file(copy: Path) -> None:
    """Python, JSON over HTTP, strategies, schema and pages have it, until it is gone again."""
    path, before = copy / FILE, texts(copy)
    code = path.read_text("utf-8")
    path.write_text(code.replace('    "swap",\n', '    "stutter",\n    "swap",\n') + FUNCTION)

    printed = run(copy, "-m", "tests.docs.printed")
    used: list[Any] = json.loads(run(copy, "-c", USES))

    assert printed.splitlines() == [f"{name} is printed anew" for name in PRINTED]
    usual, by_python, answer, by_json, mistake, drawn = used
    assert by_python == [usual[0]] * 2 + usual
    assert json.loads(answer) == {"added": 1}
    assert by_json == [usual[0]] + [usual[1]] * 2 + usual[1:]
    assert 'did you mean \\"stutter_at_event\\"?' in mistake
    assert drawn == "stutter(0)"
    after = texts(copy)
    row = (
        "| `stutter(event)` | `stutter_at_event` | Send that event of a stream three times, counted"
    )
    assert row in after["docs/faults.md"]
    assert "`stutter_at_event`" in after["docs/control.md"]
    form = json.loads(after["schemas/control/fault.json"])["properties"]["stutter_at_event"]
    assert (form["type"], form["minimum"]) == ("integer", 0)

    path.write_text(code)
    run(copy, "-m", "tests.docs.printed")

    assert texts(copy) == before
