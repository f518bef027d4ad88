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
_BEFORE = " before "


def explanations(folder: Path, version: str = "") -> Explain:
    """What the README in a folder of schemas explains; nothing where it has no such table.

    The first cell of a row names places, the second the side that has more (`SDK` or `schemas`),
    the third what it has, the last says why. Names stand in backticks and may hold `*`. A side
    `schemas before 3.5.0` has it more than releases before 3.5.0 only: such a row counts where
    `version` is one of them, and the empty version is none.
    """
    readme = folder / "README.md"
    page = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    rows: list[tuple[list[str], str, list[str], str]] = []
    for line in page.partition(_TABLE)[2].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) != 4:
            continue
        side, _, since = cells[1].partition(_BEFORE)
        if side in _KINDS and (not since or is_before(version, since)):
            why = f"not in this release yet, since {since}: {cells[3]}" if since else cells[3]
            rows.append((_quoted(cells[0]), _KINDS[side], _quoted(cells[2]), why))

    def explain(where: str, kind: str, detail: str) -> str:
        for places, side, details, why in rows:
            if side == kind and _is_one(where, places) and _is_one(detail, details):
                return why
        return ""

    return explain


def is_before(version: str, other: str) -> bool:
    """Whether one release came before another; the empty version came before none."""
    return bool(version) and _numbers(version) < _numbers(other)


def _numbers(version: str) -> tuple[int, ...]:
    # The numbers that are followed by no letter: 3.5.0rc1 is read as 3.5, which comes before 3.5.0.
    whole = re.match(r"\d+(?:\.\d+(?![\da-z]))*", version)
    return tuple(map(int, whole[0].split("."))) if whole else ()


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _is_one(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
