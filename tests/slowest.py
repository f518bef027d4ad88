"""Where the time of a run went: the files and the tests that take most of it, a table each.

CI prints them, so that whoever adds a test sees what it costs.
"""

from __future__ import annotations

from collections import Counter

import pytest
from _pytest.terminal import TerminalReporter

ROWS = 15


class Slowest:
    """Adds up what each test takes, set-up and tear-down included."""

    def __init__(self) -> None:
        self.by_file: Counter[str] = Counter()
        self.by_test: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of a test, whichever worker ran it."""
        milliseconds = round(report.duration * 1000)
        self.by_file[report.nodeid.partition("::")[0]] += milliseconds
        self.by_test[report.nodeid] += milliseconds

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Print both tables."""
        for title, times in (("files", self.by_file), ("tests", self.by_test)):
            terminalreporter.section(f"slowest {title}")
            for line in tabulate(times):
                terminalreporter.write_line(line)


def tabulate(times: Counter[str]) -> list[str]:
    """Write a line for each of the slowest, with its share of all."""
    total = times.total() or 1
    return [
        f"{milliseconds / 1000:7.1f} s {100 * milliseconds / total:5.1f} %  {name}"
        for name, milliseconds in times.most_common(ROWS)
    ]
