"""Count again what supports the rules, from the recordings of other projects.

`python -m tests.contract.recount` writes the counts anew, where these recordings are present.
"""

from __future__ import annotations

import json
from pathlib import Path

from fakegemini.contract.support import rule_support
from fakegemini.contract.support.counting import count_support
from fakegemini.recordings.read import read_exchanges
from fakegemini.wire.http import Json
from tests.beside import ERROR_BODIES, RECORDINGS

COUNTS = Path(rule_support.__file__).with_name("counts.json")


def recounted() -> dict[str, Json]:
    """What the recordings of the current schema say."""
    files = [*sorted(RECORDINGS.glob("*/*.yaml")), ERROR_BODIES]
    return count_support(read_exchanges(file) for file in files)


def write() -> None:
    """Write the counts as the checker reads them."""
    COUNTS.write_text(json.dumps(recounted(), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write()
