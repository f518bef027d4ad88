"""The report on cassettes at the end of a run, and ages as users write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..wire.http import Json

if TYPE_CHECKING:
    from ..fake.fake import Fake

_AGE_PATTERN = re.compile(r"(\d+)\s*([dwmy]?)")
_DAYS_PER_UNIT = {"": 1, "d": 1, "w": 7, "m": 30, "y": 365}


@dataclass
class CassetteReport:
    """The cassettes of a whole run of pytest: which were played, how far, and what was recorded."""

    unplayed_requests: dict[str, list[str]] = field(default_factory=dict)
    """For each cassette that was played, the places of its requests that no test made."""
    used_cassettes: set[str] = field(default_factory=set)
    """The paths of the cassettes that the collected tests play."""
    played_cassettes: set[str] = field(default_factory=set)
    """The resolved paths of the cassettes that a test played, by its marker or by `play`."""
    messages: list[str] = field(default_factory=list)
    """The lines that recordings printed."""

    def add_fake(self, fake: Fake) -> None:
        """Add what the fake of a finished test played, and what it did not."""
        unplayed_by_name: dict[str, list[str]] = {}
        for text in fake.unplayed:
            place, _, name = text.partition(" of ")
            unplayed_by_name.setdefault(name, []).append(place)
        for name in fake.recorded_on:
            self.played_cassettes.add(str(Path(name).resolve()))
            self._add_unplayed(name, unplayed_by_name.get(name, []))

    def add_worker(self, worker_report: Mapping[str, Any]) -> None:
        """Add the report of another process, in the form of `to_json`."""
        for name, unplayed_places in worker_report["unplayed_requests"].items():
            self._add_unplayed(name, unplayed_places)
        self.used_cassettes.update(worker_report["used_cassettes"])
        self.played_cassettes.update(worker_report["played_cassettes"])
        self.messages += worker_report["messages"]

    def _add_unplayed(self, name: str, places: list[str]) -> None:
        """Note that one more player of a cassette left these out: unplayed is what all left out."""
        earlier_places = self.unplayed_requests.get(name, places)
        self.unplayed_requests[name] = [place for place in earlier_places if place in places]

    def to_json(self) -> Json:
        """Return the report as JSON, for another process."""
        return {
            "unplayed_requests": self.unplayed_requests,
            "used_cassettes": sorted(self.used_cassettes),
            "played_cassettes": sorted(self.played_cassettes),
            "messages": self.messages,
        }

    def render_lines(self, *, whole_suite: bool) -> Iterator[str]:
        """Yield the lines of the summary.

        Cassettes that no test plays are in it only where the whole suite was collected: a part of
        it does not say what the rest plays.
        """
        yield from self.messages
        for name, unplayed_places in sorted(self.unplayed_requests.items()):
            if unplayed_places:
                yield f"{name}: nobody asked for {', '.join(unplayed_places)}"
        if whole_suite:
            for path in self._find_orphans():
                yield f"{path}: no test plays it"

    def _find_orphans(self) -> list[str]:
        """Return the cassettes beside those that are used which no test plays."""
        folders = {Path(name).parent for name in self.used_cassettes}
        files = (path for folder in sorted(folders) if folder.is_dir() for path in folder.iterdir())
        cassettes = {str(path) for path in files if path.suffix in (".yaml", ".yml", ".json")}
        unused = cassettes - self.used_cassettes
        return sorted(path for path in unused if not self._is_played(Path(path).resolve()))

    def _is_played(self, path: Path) -> bool:
        return str(path) in self.played_cassettes


def parse_age(text: str) -> int:
    """Return the days of an age such as `30`, `30d`, `4w`, `6m`, `1y`; raises ValueError."""
    match = _AGE_PATTERN.fullmatch(text.strip())
    if not match:
        raise ValueError(f"an age is a number of days, or such as 30d, 4w, 6m, 1y; not {text!r}")
    return int(match[1]) * _DAYS_PER_UNIT[match[2]]
