"""Run one benchmark in this process, and write what it measured: `… NAME ROUNDS SECONDS FILE`.

The door runs each by itself, so that none finds what another left in memory, and none ends all.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from pathlib import Path
from typing import Any

from .figures import Curve, Measure, Plan, Skipped


def main() -> None:
    """Measure; what went wrong is written as well."""
    name, rounds, seconds, file = sys.argv[1:]
    written: dict[str, Any] = {"figures": [], "curves": [], "without": "", "failed": ""}
    try:
        measure: Measure = importlib.import_module(f".{name}", __package__).measure
        for made in measure(Plan(int(rounds), float(seconds))):
            written["curves" if isinstance(made, Curve) else "figures"].append(made.as_json())
            Path(file).write_text(json.dumps(written), "utf-8")  # what there is when time runs out
    except (Skipped, ModuleNotFoundError) as reason:
        written["without"] = str(reason)
    except Exception as error:  # the others are to be measured all the same
        traceback.print_exc()
        written["failed"] = " ".join(f"{type(error).__name__}: {error}".split())
    Path(file).write_text(json.dumps(written), "utf-8")


if __name__ == "__main__":
    main()
