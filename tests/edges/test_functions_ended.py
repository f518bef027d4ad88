"""A function that is still at work when its test is over ends with it, and slows nobody down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fakegemini.errors import FunctionEnded

pytestmark = pytest.mark.skipif(
    sys.implementation.name != "cpython", reason="only CPython raises an error in another thread"
)

TESTS = """
import threading, urllib.error, urllib.request
from dataclasses import replace

import fakegemini as package
import pytest

BODY = b'{"model": "gemini-3.5-flash", "input": "x"}'
BEGUN = threading.Event()

def spin(*_):
    BEGUN.set()
    while True:
        try:
            sum(range(100))
        except Exception:
            pass

def spin_and_yield(ask):
    yield "x"
    spin()

def spinning_beats(handler):
    def answer(request):
        def beats():
            yield b"x"
            spin()
        return replace(handler(request), beats=beats())
    return answer

def ask(fake):
    request = urllib.request.Request(fake.url + "/v1/interactions", BODY)
    with urllib.request.urlopen(request) as answer:
        answer.read()

def ask_aside(fake):
    def work():
        try:
            ask(fake)
        except (OSError, ValueError) as error:
            ANSWERS.append(error)
    BEGUN.clear()
    thread = threading.Thread(target=work)
    thread.start()
    assert BEGUN.wait(60)
    return thread

ANSWERS = []

def count():
    return sum(each.name == "fakegemini-request" for each in threading.enumerate())

def assert_nothing_runs():
    for each in threading.enumerate():
        if each.name == "fakegemini-request":
            each.join(60)
    assert count() == 0
"""

PLACES = {
    "answers": "fake.answers(spin)",
    "answers that yield": "fake.answers(spin_and_yield)",
    "where": "fake.when(where=spin).replies('x')",
    "condition": "fake.when(input=spin).replies('x')",
    "fault": "fake.faults(lambda handler: spin)",
    "fault of a reply": "fake.replies('x', fault=lambda handler: spin)",
    "beats": "fake.faults(spinning_beats)",
}
"""Where a function of the test's is called, and goes on without an end."""

ENDS = {
    "of a test": ("def test_it(fakegemini): ask_aside(script(fakegemini))", "1 passed"),
    "of a test that fails": (
        "def test_it(fakegemini):\n    ask_aside(script(fakegemini))\n    assert False",
        "1 failed",
    ),
    "of a block": (
        "def test_it():\n    with package.running() as fake:\n        ask_aside(script(fake))",
        "1 passed",
    ),
    "of a class of unittest": (
        "import unittest\nclass TestIt(package.FakeMixin, unittest.TestCase):\n"
        "    def test_it(self): ask_aside(script(self.fake))",
        "1 passed",
    ),
    "of a module": (
        "shared = package.fake_fixture(scope='module')\n"
        "def test_it(shared): ask_aside(script(shared))\n"
        "def test_still(): assert count() == 1",
        "2 passed",
    ),
    "inside the process": (
        "import httpx\ndef test_it(fakegemini):\n    script(fakegemini)\n"
        "    client = httpx.Client(transport=package.transport(fakegemini, httpx))\n"
        "    work = lambda: ANSWERS.append(client.post('http://x.invalid/v1/interactions',\n"
        "                                              content=BODY).text)\n"
        "    threading.Thread(target=work, name='fakegemini-request').start()\n"
        "    assert BEGUN.wait(60)",
        "1 passed",
    ),
}
"""What ends, as a module of tests, and how pytest counts it."""


def _run(folder: Path, rule: str, tests: str) -> str:
    """Run the tests, and behind them a module which sees that nothing is at work any more."""
    text = f"{TESTS}\ndef script(fake):\n    {rule}\n    return fake\n"
    (folder / "helpers.py").write_text(text)
    (folder / "test_a.py").write_text(f"from helpers import *\n{tests}\n")
    (folder / "test_b.py").write_text(
        "from helpers import *\ndef test_nothing_runs(): assert_nothing_runs()\n"
    )
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120)
    return run.stdout


@pytest.mark.parametrize("place", PLACES)
def test_every_place(tmp_path: Path, place: str) -> None:
    """Wherever the function was called, its thread is over in the next module."""
    tests = "def test_it(fakegemini): ask_aside(script(fakegemini))"
    output = _run(tmp_path, PLACES[place], tests)
    assert "2 passed" in output, output
    assert FunctionEnded.__name__ not in output


@pytest.mark.parametrize("end", ENDS)
def test_every_end(tmp_path: Path, end: str) -> None:
    """Whatever ends the fake ends the function; a fake that lasts longer does it later."""
    tests, counts = ENDS[end]
    output = _run(tmp_path, PLACES["answers"], tests)
    summary = output.splitlines()[-1]
    passed = "1 passed" if "failed" in counts else f"{int(counts[0]) + 1} passed"
    assert passed in summary, output
    assert ("1 failed" in summary) is ("failed" in counts), output


def test_its_client_gets_a_sentence(tmp_path: Path) -> None:
    """Whoever waits for that answer gets a 400, which no SDK retries, with the reason."""
    tests = (
        "def test_it(fakegemini): ask_aside(script(fakegemini)).name\n"
        "def test_text():\n"
        "    for each in threading.enumerate():\n"
        "        if each.name.startswith('Thread'):\n"
        "            each.join(60)\n"
        "    [error] = ANSWERS\n"
        "    assert error.code == 400\n"
        "    assert 'still at work when the test was over' in error.read().decode()\n"
    )
    output = _run(tmp_path, PLACES["answers"], tests)
    assert "3 passed" in output, output
