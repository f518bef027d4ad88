"""Run the benchmarks, print their table, write it as JSON, and draw what growth costs.

`python -m benchmarks` runs everything; `--only NAME` some of it, `--quick` one short round to see
that it works, `--json FILE` and `--svg FILE` say where it goes. `--from FILE` prints and draws an
earlier run again. The status is 0 even where a goal is missed, and 1 where a benchmark failed.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import fakegemini

from .chart import draw
from .figures import Curve, Figure, Plan, table

BENCHMARKS: dict[str, str] = {
    "server": "a create and a stream on `serve`, beside a constant responder and aimock",
    "start": "start to first answer, and the memory of a server that idles",
    "create": "the calls that Python and C functions make in one create",
    "plugin": "what pytest pays for the plugin, unused and used",
    "chain": "a late turn of a chain beside the first, and what stored turns weigh",
    "growth": "stored interactions, runs in the background, sizes of bodies",
    "sdk": "google-genai against a fake, beside a constant transport",
    "suite": "100 tests, beside vcrpy and pytest-httpserver; a run that does not use it",
    "contract": "`check` beside parsing the files",
    "scrub": "`scrub --check` of a whole cassette, beside parsing it",
    "record": "a stream while it is recorded, and beside a large body",
    "replay": "finding an answer in a cassette, and reading one",
    "waiting": "how long others wait while one request is hard work",
}
"""Each is a file here with a function `measure`."""

_LONGEST = 600.0
"""How many seconds one benchmark may take; a complete run takes a quarter of an hour."""


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    parser.add_argument(
        "--only", action="append", choices=BENCHMARKS, help="only these, which may be several"
    )
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), metavar="FILE")
    parser.add_argument("--svg", type=Path, default=Path("benchmarks.svg"), metavar="FILE")
    parser.add_argument("--from", type=Path, dest="earlier", metavar="FILE")
    options = parser.parse_args()
    if options.earlier:
        run = json.loads(options.earlier.read_text("utf-8"))
    else:
        run = _run_all(options.only or [*BENCHMARKS], options.quick, options.json)
    print(f"\n{describe(run)}")
    curves = [
        Curve(curve["name"], curve["grows"], tuple(map(tuple, curve["points"])))
        for each in run["benchmarks"].values()
        for curve in each["curves"]
    ]
    if curves:
        options.svg.write_text(draw(curves), "utf-8")
        print(f"\ndrawn in {options.svg}")
    return int(any(each["failed"] for each in run["benchmarks"].values()))


def describe(run: dict[str, Any]) -> str:
    """Return the one table of a run, and what it is without."""
    figures = [
        Figure(**{key: value for key, value in figure.items() if key != "met"})
        for each in run["benchmarks"].values()
        for figure in each["figures"]
    ]
    met = [figure.is_met for figure in figures if figure.goal is not None]
    lines = [
        f"Measured on {run['date']}: {run['machine']}, Python {run['python']}, {run['rounds']} "
        f"rounds, a load of {run['load'][0]} before and {run['load'][1]} after; goals met: "
        f"{sum(map(bool, met))} of {len(met)}.",
        "",
        table(figures),
    ]
    for name, each in run["benchmarks"].items():
        lines += [f"\n{name}: {line}" for line in (each["without"], each["failed"]) if line]
    return "\n".join(lines)


def _run_all(names: list[str], is_quick: bool, file: Path) -> dict[str, Any]:
    """Run benchmarks, each in a process of its own; what is measured so far is in the file."""
    _prepare()
    plan = Plan(rounds=1, seconds=0.3) if is_quick else Plan()
    run: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "python": platform.python_version(),
        "machine": f"{platform.platform()}, {os.cpu_count()} processors",
        "rounds": plan.rounds,
        "load": [_load(), _load()],
        "benchmarks": {},
    }
    for name in names:
        print(f"\n{name}: {BENCHMARKS[name]}", flush=True)
        began = time.perf_counter()
        run["benchmarks"][name] = measured = _run_one(name, plan)
        measured["seconds"] = round(time.perf_counter() - began, 1)
        run["load"][1] = _load()
        file.write_text(json.dumps(run, indent=1) + "\n", "utf-8")
        outcome = measured["without"] or measured["failed"] or f"{len(measured['figures'])} figures"
        print(f"{outcome}, {measured['seconds']} s", flush=True)
    print(f"\nwritten to {file}")
    return run


def _run_one(name: str, plan: Plan) -> dict[str, Any]:
    """Run one benchmark; gives its figures, or why there are none."""
    nothing: dict[str, Any] = {"figures": [], "curves": [], "without": "", "failed": ""}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "measured.json"
        command = [sys.executable, "-m", f"{__package__}.measure_one", name]
        command += [str(plan.rounds), str(plan.seconds), str(file)]
        try:
            status = subprocess.run(command, timeout=_LONGEST).returncode
            problem = f"ended with status {status}" if status else ""
        except subprocess.TimeoutExpired:
            problem = f"took more than {_LONGEST:.0f} seconds"
        measured = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return nothing | measured | ({"failed": problem} if problem else {})


def _prepare() -> None:
    """Let all processes start from compiled code, as an installed package does."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(str(Path(fakegemini.__file__).parent), quiet=2)


def _load() -> float | None:
    """Return how many processes wanted a processor in the last minute, where that is known."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


if __name__ == "__main__":
    sys.exit(main())
