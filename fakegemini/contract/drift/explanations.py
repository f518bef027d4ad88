"""Why schemas and SDK differ where they do: `differences.json` beside the schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

Explain = Callable[[str, str, str], str]
"""(place, kind, detail) of a difference -> why it is as it is, "" where nobody has explained it."""

FILE_NAME = "differences.json"
_KIND_OF_SIDE = {"SDK": "new", "schemas": "gone"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One row: why one side has what the other lacks.

    places: where it is, in which `*` stands for anything
    more_in: the side that has more, `SDK` or `schemas`
    details: what it has more, with `*` as well: `member x`, `type x`, `value x`, `demand x`
    before: the release of the SDK that has it too, so that the row counts for older ones alone;
        empty for a row that counts for all
    """

    places: tuple[str, ...]
    more_in: str
    details: tuple[str, ...]
    cause: str
    before: str = ""

    def reason(self, version: str) -> str:
        """Say why, for a release of the SDK; "" where the row is about older ones alone."""
        if not self.before:
            return self.cause
        is_older = is_before(version, self.before)
        return f"not in this release yet, since {self.before}: {self.cause}" if is_older else ""

    def fits(self, place: str, kind: str, detail: str) -> bool:
        """Say whether the row is about this difference."""
        is_side = _KIND_OF_SIDE[self.more_in] == kind
        return is_side and _matches_any(place, self.places) and _matches_any(detail, self.details)


def read_rows(folder: Path) -> list[Explanation]:
    """Read the rows in a folder of schemas; none where it has no such file.

    Raises `ValueError` for a file that is not JSON, `TypeError` for a row with a wrong member.
    """
    file = folder / FILE_NAME
    if not file.is_file():
        return []
    rows = json.loads(file.read_text(encoding="utf-8"))["differences"]
    return [
        Explanation(
            tuple(row["where"]),
            row["more_in"],
            tuple(row["what"]),
            row["why"],
            row.get("before", ""),
        )
        for row in rows
    ]


def read_explanations(folder: Path, version: str = "") -> Explain:
    """Return the function that explains differences, by the rows in a folder of schemas.

    A row for releases before 3.5.0 counts where `version` is one of them; the empty version is
    none.
    """
    rows = [(row, row.reason(version)) for row in read_rows(folder)]

    def explain(place: str, kind: str, detail: str) -> str:
        for row, reason in rows:
            if reason and row.fits(place, kind, detail):
                return reason
        return ""

    return explain


def is_before(version: str, release: str) -> bool:
    """Say whether one release came before another; the empty version came before none."""
    return bool(version) and _release_numbers(version) < _release_numbers(release)


def _release_numbers(version: str) -> tuple[int, ...]:
    # The numbers that are followed by no letter: 3.5.0rc1 is read as 3.5, which comes before 3.5.0.
    match = re.match(r"\d+(?:\.\d+(?![\da-z]))*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def _matches_any(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
