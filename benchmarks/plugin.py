"""What pytest pays for the plugin, unused and used: `python -m benchmarks.plugin [ROUNDS]`.

Each figure is the best of all rounds, the kinds in turns. Seconds are those of the processor, each
of a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 7
TESTS = 500

LOAD = """
import time
import pytest
began = time.process_time()
import fakegemini.pytest_plugin
print(time.process_time() - began)
"""

FILES = {
    "no test uses it": "import pytest\n@pytest.mark.parametrize('n', range({count}))\n"
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


def main(rounds: int = ROUNDS) -> None:
    """Measure, and print a line each."""
    pytest_command = [sys.executable, "-W", "ignore", "-m", "pytest", *PLAIN]
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, text) in enumerate(FILES.items()):
            for count in (1, TESTS + 1):
                Path(folder, f"test_{number}_{count}.py").write_text(text.format(count=count))
        for _ in range(rounds):
            output = subprocess.check_output([sys.executable, "-c", LOAD], text=True)
            times.setdefault("load", []).append(json.loads(output))
            without = [*pytest_command, "-p", "no:fakegemini", "test_0_1.py"]
            times.setdefault("without", []).append(seconds_of(without, folder))
            for number, name in enumerate(FILES):
                for count in (1, TESTS + 1):
                    command = [*pytest_command, f"test_{number}_{count}.py"]
                    times.setdefault(f"{name} {count}", []).append(seconds_of(command, folder))
    best = {name: min(values) for name, values in times.items()}
    per_test = {
        name: (best[f"{name} {TESTS + 1}"] - best[f"{name} 1"]) / TESTS * 1000 for name in FILES
    }
    used, empty = best["fakegemini 1"], best["no test uses it 1"]
    print(f"loading the plugin: {best['load'] * 1000:.1f} ms")
    print(f"a run of one test with it, unused : without it: {empty / best['without']:.3f}")
    print(f"a run of one test that uses it : one that does not: {used / empty:.2f}")
    for name, milliseconds in per_test.items():
        ratio = milliseconds / per_test["no test uses it"]
        print(f"each further test, {name}: {milliseconds:.2f} ms, {ratio:.1f} times")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
