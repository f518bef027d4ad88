"""Hold how the code under test did, a verdict for each day, and print the table of them."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..wording import count_of

GOOD, BAD, IDLE = "good", "bad", "not applicable"

_COLUMNS = {
    "day": 19,
    "verdict": 10,
    "what was done": 28,
    "what the client did": 28,
    "what a good client does": 28,
}
"""The heads of the table, and how wide each column is at most."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One day: `verdict` is good, bad, or not applicable; the texts are the table's columns."""

    day: str
    verdict: str
    happens: str
    client_did: str
    good_client_does: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of its row in the table."""
        return self.day, self.verdict, self.happens, self.client_did, self.good_client_does


class Verdicts(tuple[Verdict, ...]):
    """The verdicts in the order in which the days were played; as a string, the table."""

    __slots__ = ()

    @property
    def bad(self) -> tuple[str, ...]:
        """The names of the days that went badly."""
        return self.of(BAD)

    def of(self, verdict: str) -> tuple[str, ...]:
        """Return the names of the days with that verdict: `good`, `bad` or `not applicable`."""
        return tuple(row.day for row in self if row.verdict == verdict)

    def __str__(self) -> str:
        lines = [*_render_row(_COLUMNS), *_render_row("-" * width for width in _COLUMNS.values())]
        for row in self:
            lines += _render_row(row.cells)
        return "\n".join([*lines, self.summary])

    @property
    def summary(self) -> str:
        """The last line of the table."""
        count = Counter(row.verdict for row in self)
        counts = ", ".join(f"{count[verdict]} {verdict}" for verdict in (GOOD, BAD, IDLE))
        return f"resilience: {count_of(len(self), 'day')}, {counts}"


def _render_row(cells: Iterable[str]) -> list[str]:
    """Return the lines of one row, each cell wrapped in its column."""
    widths = [*_COLUMNS.values()]
    wrapped_cells = [textwrap.wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = max(len(cell) for cell in wrapped_cells)
    return [
        "  ".join(
            (cell[at] if at < len(cell) else "").ljust(width)
            for cell, width in zip(wrapped_cells, widths, strict=True)
        ).rstrip()
        for at in range(lines)
    ]
