"""What pytest pays for the plugin: to load it, in every run, and in each test with the fixture."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .figures import Figure, Plan, compare

LOAD = """
import time
import pytest
began = time.process_time()
import fakegemini.pytest_plugin
print((time.process_time() - began) * 1e3)
"""

CONFTEST = """
import json, statistics, time
import pytest

spent = {}

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    began = time.thread_time()
    result = yield
    spent.setdefault(item.originalname, []).append(time.thread_time() - began)
    return result

def pytest_sessionfinish():
    medians = {name: statistics.median(values) * 1e3 for name, values in spent.items()}
    open("spent.json", "w").write(json.dumps(medians))
"""

TESTS = """
import pytest

each = pytest.mark.parametrize("number", range({count}))

@each
def test_without(number): pass

@each
def test_tmp_path(number, tmp_path): pass

@each
def test_fakegemini(number, fakegemini): pass
"""

PLUGINS = "cacheprovider hypothesispytest recording random_order asyncio".split()
"""What stays out, for it would measure itself."""


def measure(plan: Plan) -> Iterator[Figure]:
    """Load the plugin, and run a suite, each in a process of its own; the time is the thread's."""
    loads, rounds = [], []
    for _ in range(plan.rounds):
        loads.append(float(subprocess.check_output([sys.executable, "-c", LOAD], text=True)))
        rounds.append(_run_suite(20 if plan.is_quick else 200))
    yield Figure("loading the plugin", median(loads), "ms", goal=2.5)
    kinds = {name: [spent[f"test_{name}"] for spent in rounds] for name in ("without", "tmp_path")}
    fixture = [spent["test_fakegemini"] for spent in rounds]
    yield compare("a test with the fixture", fixture, "ms", "a test without", kinds["without"])
    yield compare("a test with the fixture", fixture, "ms", "one with tmp_path", kinds["tmp_path"])


def _run_suite(count: int) -> dict[str, float]:
    """Give the median milliseconds of each kind of test."""
    without = [word for name in PLUGINS for word in ("-p", f"no:{name}")]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "conftest.py").write_text(CONFTEST, "utf-8")
        Path(folder, "test_it.py").write_text(TESTS.format(count=count), "utf-8")
        command = [sys.executable, "-W", "ignore", "-m", "pytest", "-q", *without]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        spent: dict[str, float] = json.loads(Path(folder, "spent.json").read_text("utf-8"))
    return spent
