"""Run the benchmarks, print their table, and write it as JSON.

`python -m benchmarks` runs everything; `--only NAME` some of it, `--quick` one short round to see
that it works, `--json FILE` says where the figures go.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
from pathlib import Path

from .figures import Figure, Plan, Skipped, table

BENCHMARKS: dict[str, str] = {
    "server": "a create and a stream on `serve`, beside a constant responder and aimock",
    "start": "start to first answer, and the memory of a server that idles",
    "plugin": "what pytest pays for the plugin, unused and used",
    "chain": "a late turn of a chain beside the first, and what stored turns weigh",
    "growth": "stored interactions, runs in the background, sizes of bodies",
    "sdk": "google-genai against a fake, beside a constant transport",
    "suite": "100 tests, beside vcrpy and pytest-httpserver; a run that does not use it",
    "contract": "`check` beside parsing the files",
    "record": "a stream while it is recorded, and beside a large body",
    "replay": "finding an answer in a cassette, and reading one",
}
"""Each is a file here with a function `measure`."""


def main() -> int:
    """Run what is asked for; the status is 0 even where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    parser.add_argument(
        "--only", action="append", choices=BENCHMARKS, help="only these, which may be several"
    )
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), metavar="FILE")
    options = parser.parse_args()
    plan = Plan(rounds=1, seconds=0.3) if options.quick else Plan()
    figures: dict[str, list[Figure]] = {}
    skipped: dict[str, str] = {}
    for name in options.only or BENCHMARKS:
        print(f"\n{name}: {BENCHMARKS[name]}\n", flush=True)
        try:
            figures[name] = list(importlib.import_module(f".{name}", __package__).measure(plan))
        except Skipped as reason:
            skipped[name] = str(reason)
            print(f"skipped: {reason}")
            figures[name] = []
        print(table(figures[name]), flush=True)
        options.json.write_text(_spell(plan, figures, skipped), "utf-8")
    print(f"\nwritten to {options.json}")
    return 0


def _spell(plan: Plan, figures: dict[str, list[Figure]], skipped: dict[str, str]) -> str:
    """Return all that was measured so far as JSON."""
    written = {
        "python": platform.python_version(),
        "machine": platform.platform(),
        "rounds": plan.rounds,
        "figures": {name: [each.as_json() for each in rows] for name, rows in figures.items()},
        "skipped": skipped,
    }
    return json.dumps(written, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
