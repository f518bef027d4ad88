"""The door of the benchmarks: it measures, goes on where something is missing, and draws."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.__main__ import BENCHMARKS, describe
from benchmarks.chart import draw
from benchmarks.figures import Curve, compare, table

ROOT = Path(__file__).parents[1]

SVG = "{http://www.w3.org/2000/svg}"


def run_door(folder: Path, *arguments: str, **variables: str) -> tuple[int, str, dict[str, Any]]:
    """Run `python -m benchmarks`; gives its status, what it printed, and the JSON."""
    file = folder / "benchmarks.json"
    command = [sys.executable, "-m", "benchmarks", *arguments]
    command += ["--json", str(file), "--svg", str(folder / "benchmarks.svg")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env=os.environ | variables
    )
    written = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return done.returncode, done.stdout + done.stderr, written


def test_all_of_a_run_is_one_table_and_one_file(tmp_path: Path) -> None:
    """Several benchmarks, each in a process of its own, and printed again from the file."""
    status, printed, run = run_door(tmp_path, "--quick", "--only", "create", "--only", "plugin")

    assert status == 0, printed
    assert list(run["benchmarks"]) == ["create", "plugin"]
    assert printed.count("| what | measured |") == 1
    assert describe(run) in printed
    assert "loading the plugin" in printed
    again = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--from", tmp_path / "benchmarks.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stdout.strip() == describe(run)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="there is no /proc")
def test_a_missing_tool_is_named_and_the_rest_is_measured(tmp_path: Path) -> None:
    """Without wrk there is no load, without node no aimock."""
    order = ("--only", "server", "--only", "create")
    status, printed, run = run_door(tmp_path, "--quick", *order, PATH="")

    assert status == 0, printed
    assert run["benchmarks"]["server"]["figures"] == []
    assert "wrk makes the load and is not there: apt-get install wrk" in printed
    assert run["benchmarks"]["create"]["figures"]


def test_what_fails_is_told_and_the_rest_is_measured(tmp_path: Path) -> None:
    """A library that cannot be loaded ends what needs it, and the status says so."""
    (tmp_path / "yaml.py").write_text("raise RuntimeError('this yaml is broken')\n", "utf-8")
    order = ("--only", "contract", "--only", "create")

    status, printed, run = run_door(tmp_path, "--quick", *order, PYTHONPATH=str(tmp_path))

    assert status == 1
    assert run["benchmarks"]["contract"]["failed"] == "RuntimeError: this yaml is broken"
    assert printed.count("contract: RuntimeError: this yaml is broken") == 1
    assert run["benchmarks"]["create"]["figures"]


def test_every_benchmark_is_behind_the_door() -> None:
    """Each file with a function `measure` is a row."""
    files = (ROOT / "benchmarks").glob("*.py")

    with_measure = {file.stem for file in files if "\ndef measure(plan" in file.read_text("utf-8")}

    assert with_measure == set(BENCHMARKS)


def test_the_table_says_what_is_met() -> None:
    """The ratio counts where there is a yardstick."""
    figures = [
        compare("near", [1.0, 1.1, 1.2], "ms", "it", [1.0, 1.0, 1.0], 1.2),
        compare("far", [3.0], "ms", "it", [1.0], 2),
    ]

    assert table(figures).splitlines()[2:] == [
        "| near | 1.1 ms | it | 1.10 (1.00 to 1.20) | at most 1.2, met |",
        "| far | 3 ms | it | 3.00 (3.00 to 3.00) | at most 2, missed |",
    ]


SIZES = st.integers(1, 10**6)
COSTS = st.just(0.0) | st.floats(1e-3, 1e9)
CURVES = st.builds(
    Curve,
    st.text(st.characters(categories=["L", "P", "S", "N"]), max_size=20),
    st.just("kB"),
    st.lists(st.tuples(SIZES, COSTS), max_size=5).map(tuple),
)


@given(st.lists(CURVES, max_size=9))
def test_any_curves_can_be_drawn(curves: list[Curve]) -> None:
    """The drawing is an SVG with a line for each, and nothing in it lies outside."""
    root = ElementTree.fromstring(draw(curves))

    width, height = map(float, root.attrib["viewBox"].split()[2:])
    assert len(root.findall(f"{SVG}polyline")) == len(curves)
    for circle in root.findall(f"{SVG}circle"):
        assert 0 <= float(circle.attrib["cx"]) <= width
        assert 0 <= float(circle.attrib["cy"]) <= height
