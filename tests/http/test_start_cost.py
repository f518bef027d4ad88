"""What `serve` loads until its first answer: a test double is started thousands of times a day."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest

OURS = {
    "fakegemini.cli",
    "fakegemini.doors",
    "fakegemini.errors",
    "fakegemini.fake",
    "fakegemini.faults",
    "fakegemini.model",
    "fakegemini.protocol",
    "fakegemini.recordings",
    "fakegemini.wire",
    "fakegemini.wording",
}
"""The rooms that a first answer takes; those that check, record, show and draw wait."""

MOST_FILES = 158
"""How many files of ours are loaded; a new one that a plain create needs may raise it."""

OTHERS = {"click", "httptools", "uvicorn", "uvloop"}

WAITS = (
    "fakegemini.fake.control",
    "fakegemini.fake.explain_refusals",
    "fakegemini.fake.replay",
    "fakegemini.model.agents",
    "fakegemini.model.function_calls",
    "fakegemini.model.media.speech",
    "fakegemini.model.tools.computer_use",
    "fakegemini.model.tools.google_search",
    "fakegemini.model.values",
    "fakegemini.protocol.split_turn",
    "fakegemini.recordings.record_hooks",
    "fakegemini.recordings.scrub.policy",
    "fakegemini.recordings.tolerance",
    "decimal",
    "difflib",
    "jsonschema_rs",
    "logging.handlers",
    "multiprocessing",
    "pickle",
    "random",
    "socketserver",
    "tempfile",
    "urllib.request",
    "uvicorn.main",
    "uvicorn.supervisors",
)
"""What somebody could load without noticing, and what none of a plain request needs."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules of a process that serves, once it has answered a create."""
    times = tmp_path_factory.mktemp("start") / "times"
    command = [sys.executable, "-X", "importtime", "-m", "fakegemini", "serve", "--port", "0"]
    with times.open("w") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True)
        try:
            assert process.stdout
            address = process.stdout.readline().split()[-1]
            body = json.dumps({"model": "gemini-3.5-flash", "input": "Are you there?"}).encode()
            headers = {"content-type": "application/json"}
            request = urllib.request.Request(f"{address}/v1beta/interactions", body, headers)
            with urllib.request.urlopen(request) as answer:
                assert json.load(answer)["status"] == "completed"
        finally:
            process.kill()
            process.communicate()
    return read_modules(times)


def read_modules(times: Path) -> set[str]:
    """The names of the modules in what `-X importtime` wrote."""
    lines = [line.split("|") for line in times.read_text().splitlines()]
    return {line[2].strip() for line in lines if len(line) == 3}


def test_the_rooms_of_a_first_answer_alone(loaded: set[str]) -> None:
    """Of ours what answers, of others what serves and what validates."""
    ours = {name for name in loaded if name.startswith("fakegemini.")}

    assert {".".join(name.split(".")[:2]) for name in ours} - {"fakegemini.__main__"} == OURS
    assert len(ours) <= MOST_FILES
    others = {name.partition(".")[0] for name in loaded} - {"fakegemini"}
    installed = {name for name in others - sys.stdlib_module_names if find_spec(name)}
    assert OTHERS - {"uvloop"} <= installed <= OTHERS | {"_distutils_hack", "sitecustomize"}


@pytest.mark.parametrize("name", WAITS)
def test_the_rest_waits(loaded: set[str], name: str) -> None:
    """It loads with the first request that needs it."""
    assert not {each for each in loaded if each == name or each.startswith(f"{name}.")}


def test_uvicorn_is_whole_for_whoever_imports_it() -> None:
    """Its command line loads when its names are asked for, and is the same uvicorn."""
    code = (
        "from fakegemini.doors.slim_uvicorn import load_slim_uvicorn as load; load()\n"
        "import sys; from uvicorn.server import Server\n"
        "assert 'uvicorn.main' not in sys.modules; load()\n"
        "import uvicorn; assert uvicorn.Server is Server; from uvicorn import run, main\n"
        "assert uvicorn.__version__ and type(uvicorn) is type(sys); uvicorn.no_such_name"
    )

    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    last_line = outcome.stderr.splitlines()[-1]
    assert last_line == "AttributeError: module 'uvicorn' has no attribute 'no_such_name'"


def test_what_uvicorn_seldom_uses_is_whole_for_whoever_asks() -> None:
    """It loads once, also where several threads ask at the same moment."""
    code = (
        "from fakegemini.doors.slim_uvicorn import load_slim_uvicorn as load; load()\n"
        "import logging.config, random, sys, threading, uvicorn.config, uvicorn.server\n"
        "assert 'pickle' not in sys.modules and 'bisect' not in sys.modules\n"
        "seen, barrier = [], threading.Barrier(8)\n"
        "def draw(): barrier.wait(); seen.append((random.Random(1).random(), random.choice))\n"
        "threads = [threading.Thread(target=draw) for _ in range(8)]\n"
        "[each.start() for each in threads]; [each.join() for each in threads]\n"
        "assert len(seen) == 8 and len(set(seen)) == 1, seen\n"
        "from random import randint; assert randint is random.randint\n"
        "assert type(random) is type(sys) and random.__file__\n"
        "logging.config.dictConfig({'version': 1}); assert type(logging.config) is type(sys)\n"
        "assert not hasattr(logging.config, 'no_such_name')\n"
        "print(uvicorn.Config(None).log_config['version'], end='')"
    )

    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert (outcome.stdout, outcome.stderr) == ("1", "")
