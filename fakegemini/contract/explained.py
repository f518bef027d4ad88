"""Why schemas and SDK differ where they do: the table in the README of the schemas, read."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

Explain = Callable[[str, str, str], str]
"""(where, kind, detail) of a difference -> why it is as it is, "" where nobody has said."""

_TABLE = "## Where the files differ from the SDK's types"
_KINDS = {"SDK": "new", "schemas": "gone"}


def explanations(folder: Path) -> Explain:
    """What the README in a folder of schemas explains; nothing where it has no such table.

    The first cell of a row names places, the second the side that has more (`SDK` or `schemas`),
    the third what it has, the last says why. Names stand in backticks and may hold `*`.
    """
    readme = folder / "README.md"
    page = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    rows: list[tuple[list[str], str, list[str], str]] = []
    for line in page.partition(_TABLE)[2].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) == 4 and cells[1] in _KINDS:
            rows.append((_quoted(cells[0]), _KINDS[cells[1]], _quoted(cells[2]), cells[3]))

    def explain(where: str, kind: str, detail: str) -> str:
        for places, side, details, why in rows:
            if side == kind and _is_one(where, places) and _is_one(detail, details):
                return why
        return ""

    return explain


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _is_one(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
