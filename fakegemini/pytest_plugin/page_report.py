"""Write what all tests asked and were answered into one page, with `--fakegemini-report`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ..doors.live_page import check_report_path, render_report
from ..doors.live_transcript import Transcript
from ..errors import NotWritten
from ..fake.fake import Fake
from ..recordings.atomic_write import write_atomically
from ..wire.http import Handler, Json

OPTION = "--fakegemini-report"
PAGE_REPORT = pytest.StashKey["PageReport"]()


class PageReport:
    """The exchanges of a run, those of its workers among them; raises `NotWritten` at once."""

    def __init__(self, path: Path) -> None:
        check_report_path(path, OPTION)
        self.path = path
        self._transcript = Transcript()
        self._of_workers: list[Json] = []

    def watch(self, fake: Fake, test: str) -> Handler:
        """Return the handler of a fake so that what a test asks is kept under its name."""
        return self._transcript.watch(fake, group=test)

    def link_to(self, test: str) -> str:
        """Return where the conversation of a test is."""
        return f"{self.path}#test={quote(test)}"

    def to_json(self) -> list[Json]:
        """Return what is kept, for the controller of a worker."""
        return self._transcript.since(0)

    def add_worker(self, exchanges: Iterable[Json]) -> None:
        """Take what a worker kept."""
        self._of_workers += exchanges

    def write(self) -> str:
        """Write the page, and return a line about it."""
        exchanges = sorted([*self._of_workers, *self.to_json()], key=lambda each: float(each["at"]))
        for number, exchange in enumerate(exchanges, start=1):
            exchange["n"] = number
        try:
            write_atomically(self.path, render_report(self.path, exchanges, "the tests", []))
        except NotWritten as error:
            return f"{OPTION}: {error}"
        return f"{len(exchanges)} requests are in {self.path}"


def get_page_report(config: pytest.Config) -> PageReport | None:
    """Return the report of this run; None where nobody asked for one."""
    path: Any = config.getoption(OPTION)
    if not path:
        return None
    if PAGE_REPORT not in config.stash:
        config.stash[PAGE_REPORT] = PageReport(Path(path))
    return config.stash[PAGE_REPORT]
