"""Drop what no test played from the cassettes, after a run of the whole suite that is green.

Each worker of pytest-xdist notes what its tests played; the controller adds it up, and drops only
where every test that was collected has passed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ..fake.replay.play_log import logging_plays
from .whole_suite import describe_part

_OUTPUT = "fakegemini plays"


class UnplayedDropper:
    """Counts the tests and what they play; registered where `--fakegemini-drop-unplayed` is set."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._collected: set[str] = set()
        self._passed: set[str] = set()
        self._problems: list[str] = []
        self._played: dict[str, set[int]] = {}
        log = contextlib.ExitStack()
        self._log = log.enter_context(logging_plays())
        config.add_cleanup(log.close)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Count a test, also one that is deselected later."""
        self._collected.add(item.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that could not be collected, or was skipped."""
        if not report.passed:
            self._problems.append(f"{report.nodeid} was not collected ({report.outcome})")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test that passed, and note one that failed."""
        if report.failed:
            self._problems.append(f"{report.nodeid} failed")
        elif report.when == "call" and report.passed:
            self._passed.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add what a worker collected and played; one that crashed says nothing."""
        output = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if output is None:
            self._problems.append("a worker did not come to its end")
            return
        self._collected.update(output["collected"])
        self._problems += output["problems"]
        self._add_played(output["played"])

    def _add_played(self, played: Mapping[str, Iterable[int]]) -> None:
        for file, numbers in played.items():
            self._played.setdefault(file, set()).update(numbers)

    def send_to_controller(self, worker_output: dict[str, Any]) -> None:
        """Give the controller what this worker knows."""
        worker_output[_OUTPUT] = {
            "collected": sorted(self._collected),
            "problems": self._problems,
            "played": {file: sorted(numbers) for file, numbers in self._log.numbers.items()},
        }

    def drop(self, exit_status: int, was_recorded: Callable[[Path], bool]) -> Iterator[str]:
        """Drop what no test played, and yield a line about each cassette, or why nothing is."""
        self._add_played(self._log.numbers)
        reason = self._find_reason(exit_status)
        if reason:
            yield f"--fakegemini-drop-unplayed drops nothing: {reason}"
            return
        for file in sorted(self._played):
            line = self._drop_from(Path(file), was_recorded)
            if line:
                yield line

    def _find_reason(self, exit_status: int) -> str:
        """Say why this run does not tell what no test plays; empty where it does."""
        part = describe_part(self._config)
        if part:
            return part
        if self._problems:
            return self._problems[0]
        missing = sorted(self._collected - self._passed)
        if missing:
            others = f" and {len(missing) - 1} more" if missing[1:] else ""
            return f"{missing[0]}{others} did not run to a pass"
        return f"the run ended with status {exit_status}" if exit_status else ""

    def _drop_from(self, path: Path, was_recorded: Callable[[Path], bool]) -> str:
        from ..recordings.unplayed_exchanges import drop_unplayed

        if not path.exists() or was_recorded(path):
            return ""
        is_ours = path.is_relative_to(self._config.rootpath.resolve())
        stays = "" if is_ours else "it is outside of the project"
        return drop_unplayed(path, self._played[str(path)], whose="test", stays=stays)
