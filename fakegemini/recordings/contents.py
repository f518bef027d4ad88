"""Hold what a recording file contains, whatever form the file has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .exchange import Exchange

NOTE_KEY = "fakegemini"
"""The member of a cassette, and of each of its exchanges, that is ours; vcrpy does not read it."""

NOTE_FORMAT = 1
"""The version of what stands under `NOTE_KEY`; VCR's own version is 1 as well."""

HAR, BODIES, EVENTS = "HAR", "bare JSON", "events alone"
"""What is said to have written a file whose form is of no one tool."""


@dataclass(frozen=True)
class Contents:
    """The exchanges of a file, those of other APIs too, and what fakegemini noted about them.

    head: the note about the whole file; at most the day `recorded` if the file is not ours
    notes: the note about each exchange; empty for a file that is not ours
    locate: spells file, line and number of an exchange, given its number
    tool: what wrote it, where that is another tool whose form we read and never write
    """

    exchanges: list[Exchange]
    head: Any = None
    notes: tuple[Any, ...] = ()
    locate: Callable[[int], str] = str
    tool: str = ""
