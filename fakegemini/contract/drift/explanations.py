"""Why schemas and SDK differ where they do: the table in the README of the schemas, read."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

Explain = Callable[[str, str, str], str]
"""(place, kind, detail) of a difference -> why it is as it is, "" where nobody has said."""

_TABLE_HEADING = "## Where the files differ from the SDK's types"
_KIND_OF_SIDE = {"SDK": "new", "schemas": "gone"}
_BEFORE_RELEASE = " before "


def read_explanations(folder: Path, version: str = "") -> Explain:
    """What the README in a folder of schemas explains; nothing where it has no such table.

    The first cell of a row names places, the second the side that has more (`SDK` or `schemas`),
    the third what it has, the last says why. Names stand in backticks and may hold `*`. A side
    `schemas before 3.5.0` has it more than releases before 3.5.0 only: such a row counts where
    `version` is one of them, and the empty version is none.
    """
    readme = folder / "README.md"
    page = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    rows: list[tuple[list[str], str, list[str], str]] = []
    for line in page.partition(_TABLE_HEADING)[2].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) != 4:
            continue
        side, _, release = cells[1].partition(_BEFORE_RELEASE)
        if side in _KIND_OF_SIDE and (not release or is_before(version, release)):
            reason = (
                f"not in this release yet, since {release}: {cells[3]}" if release else cells[3]
            )
            rows.append(
                (
                    _names_in_backticks(cells[0]),
                    _KIND_OF_SIDE[side],
                    _names_in_backticks(cells[2]),
                    reason,
                )
            )

    def explain(place: str, kind: str, detail: str) -> str:
        for places, row_kind, details, reason in rows:
            if row_kind == kind and _matches_any(place, places) and _matches_any(detail, details):
                return reason
        return ""

    return explain


def is_before(version: str, release: str) -> bool:
    """Whether one release came before another; the empty version came before none."""
    return bool(version) and _release_numbers(version) < _release_numbers(release)


def _release_numbers(version: str) -> tuple[int, ...]:
    # The numbers that are followed by no letter: 3.5.0rc1 is read as 3.5, which comes before 3.5.0.
    match = re.match(r"\d+(?:\.\d+(?![\da-z]))*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def _names_in_backticks(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _matches_any(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
