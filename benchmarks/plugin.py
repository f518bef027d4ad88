"""What pytest pays for the plugin, unused and used, in seconds of the processor."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from .figures import Figure, Plan, compare, in_turns

TESTS = 500

LOAD = """
import time
import pytest
began = time.process_time()
import fakegemini.pytest_plugin
print(time.process_time() - began)
"""

FILES = {
    "unused": "import pytest\n@pytest.mark.parametrize('n', range({count}))\n"
    "def test_it(n): pass\n",
    "tmp_path": "import pytest\n@pytest.mark.parametrize('n', range({count}))\n"
    "def test_it(n, tmp_path): pass\n",
    "fakegemini": "import pytest\n@pytest.mark.parametrize('n', range({count}))\n"
    "def test_it(n, fakegemini): pass\n",
}
PLAIN = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:recording", "-q")


def seconds_of(command: list[str], folder: str) -> float:
    """How much of the processor a process takes."""
    before = _spent_by_children()
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return _spent_by_children() - before


def _spent_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(plan: Plan) -> Iterator[Figure]:
    """Run small suites of pytest, each in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "pytest", *PLAIN]
    with tempfile.TemporaryDirectory() as folder:
        parts: dict[str, Callable[[], float]] = {"load": _load_plugin}
        for number, (name, text) in enumerate(FILES.items()):
            for count in (1, TESTS + 1):
                path = Path(folder, f"test_{number}_{count}.py")
                path.write_text(text.format(count=count))
                parts[f"{name} {count}"] = partial(seconds_of, [*command, path.name], folder)
        without = [*command, "-p", "no:fakegemini", "test_0_1.py"]
        parts["without"] = partial(seconds_of, without, folder)
        spent = in_turns(parts, plan.rounds)
    yield Figure("loading the plugin", min(spent["load"]) * 1e3, "ms", goal=10)
    unused, used = spent["unused 1"], spent["fakegemini 1"]
    yield compare("a run that does not use it", unused, "s", "without it", spent["without"], 1.1)
    yield compare("a run of one test with the fixture", used, "s", "unused", unused)
    per_test = {
        name: [
            (many - one) / TESTS * 1e3
            for many, one in zip(spent[f"{name} {TESTS + 1}"], spent[f"{name} 1"], strict=True)
        ]
        for name in FILES
    }
    yield compare(
        "a further test with the fixture",
        per_test["fakegemini"],
        "ms",
        "tmp_path",
        per_test["tmp_path"],
    )


def _load_plugin() -> float:
    return float(subprocess.check_output([sys.executable, "-c", LOAD], text=True))
