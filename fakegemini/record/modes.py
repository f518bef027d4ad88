"""The modes of recording: a table with a row a mode; the names are those of VCR.

`fakegemini record --mode`, the marker's `record`, `pytest --fakegemini-record`, their help texts
and the table of docs/record.md read it. Every run of pytest loads this file, so it imports next to
nothing, and a row is a named tuple: making a dataclass takes four times as long.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Records(StrEnum):
    """When a mode asks the live API, and records its answers."""

    NEVER = "never"
    WITHOUT_CASSETTE = "where there is no cassette"
    ALWAYS = "always"


class Keeps(StrEnum):
    """Which exchanges of an existing cassette are still in it once a recording is saved."""

    EVERYTHING = "everything"
    UNREPEATED = "what is not asked again"
    NOTHING = "nothing"


class Mode(NamedTuple):
    """One mode of recording.

    plays: whether a cassette that exists answers the requests it knows
    records: when the other requests go to the live API, and are recorded
    keeps: what stays of an existing cassette when the recording is saved
    sentence: what a user of the mode has to know; it follows the name in help texts and docs
    """

    name: str
    plays: bool
    records: Records
    keeps: Keeps
    sentence: str

    def goes_live(self, *, exists: bool) -> bool:
        """Tell whether any request goes to the live API; `exists` is whether a cassette does."""
        if self.records is Records.WITHOUT_CASSETTE:
            return not exists
        return self.records is Records.ALWAYS

    @property
    def mixes(self) -> bool:
        """Tell whether one run has answers from the cassette and from the live API."""
        return self.plays and self.records is Records.ALWAYS


MODES: dict[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode(
            "none",
            plays=True,
            records=Records.NEVER,
            keeps=Keeps.EVERYTHING,
            sentence="replay the cassette, record nothing",
        ),
        Mode(
            "once",
            plays=True,
            records=Records.WITHOUT_CASSETTE,
            keeps=Keeps.EVERYTHING,
            sentence="replay a cassette that exists, record one that does not",
        ),
        Mode(
            "new_episodes",
            plays=True,
            records=Records.ALWAYS,
            keeps=Keeps.EVERYTHING,
            sentence="replay the cassette, record what it does not know and add it",
        ),
        Mode(
            "all",
            plays=False,
            records=Records.ALWAYS,
            keeps=Keeps.UNREPEATED,
            sentence="record everything, replace what is asked again and keep the rest",
        ),
        Mode(
            "rewrite",
            plays=False,
            records=Records.ALWAYS,
            keeps=Keeps.NOTHING,
            sentence="record everything into a new cassette in the place of the old one",
        ),
    )
}
"""The modes by name."""


def describe_modes() -> str:
    """Return one line for help texts: each mode with its sentence."""
    return "; ".join(f"{mode.name}: {mode.sentence}" for mode in MODES.values())
