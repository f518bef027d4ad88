"""Let no test reach the live API: `--fakegemini-block`, and the marker `fakegemini_block`."""

from __future__ import annotations

import contextlib
import os
import unittest.case
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from ..doors.environment import apply_environment
from ..errors import BlockedCall
from .client_places import ClientPlaces
from .network_guard import CHILD_FOLDER, SWITCH, NetworkGuard, name_caller

_MARK = "fakegemini_block"


class Block:
    """A plugin of pytest; `always` stops what happens outside of tests and in unmarked ones, too.

    A call that the code under test swallowed fails its test all the same, unless the test expects
    it with `pytest.raises`.
    """

    def __init__(self, *, always: bool) -> None:
        self._always = always
        self._guard = NetworkGuard(self._make_error)
        self._places = ClientPlaces()
        self._errors: list[BlockedCall] = []
        self._before: dict[str, str | None] = {}

    def begin(self) -> None:
        """Install the guard; switch it on if it is for all tests."""
        self._guard.install()
        self._places.watch()
        for context in (pytest.RaisesExc, unittest.case._AssertRaisesContext):
            setattr(context, "__exit__", self._note_expected(context.__exit__))  # noqa: B010
        self._switch(on=self._always)

    def end(self) -> None:
        """Let connections to the live API through again."""
        self._switch(on=False)

    def _switch(self, *, on: bool) -> None:
        if on == self._guard.active:
            return
        self._guard.active = on
        if on:
            search_path = os.environ.get("PYTHONPATH")
            folders = [str(CHILD_FOLDER), *([search_path] if search_path else [])]
            self._before = apply_environment({SWITCH: "1", "PYTHONPATH": os.pathsep.join(folders)})
        else:
            apply_environment(self._before)

    @contextlib.contextmanager
    def lifted(self) -> Iterator[None]:
        """Let connections through while the block runs: a recording needs the live API."""
        active = self._guard.active
        self._switch(on=False)
        try:
            yield
        finally:
            self._switch(on=active)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Switch on or off as the marker of a test says."""
        self._guard.cover_sockets()
        mark = item.get_closest_marker(_MARK)
        self._switch(on=self._always if mark is None else _says_on(mark))
        try:
            return (yield)
        finally:
            self._switch(on=self._always)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail a test whose code swallowed the error."""
        report = yield
        errors, self._errors = self._errors, []
        if errors and report.passed:
            report.outcome = "failed"
            report.longrepr = f"BlockedCall: {errors[0]}"
        return report

    def _note_expected(self, leave: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap the end of `pytest.raises` or `assertRaises`: what it takes is expected."""

        def wrapped(context: Any, kind: Any, error: BaseException | None, traceback: Any) -> Any:
            taken = leave(context, kind, error, traceback)
            if taken:
                while error is not None:
                    self._errors = [known for known in self._errors if known is not error]
                    error = error.__cause__ or error.__context__
            return taken

        return wrapped

    def _make_error(self, host: str) -> BlockedCall:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        place = name_caller()
        client_places = self._places.of(host)
        text = (
            f"{test or 'Code between tests'} connects to {host}, the live Gemini API, and "
            f"--fakegemini-block stops it.{f' It asks at {place}.' if place else ''}"
        )
        fix = 'give the test the fixture "fakegemini"'
        if client_places:
            text += f" The client was made at {' or '.join(client_places)}."
            fix += ", and set --fakegemini-env where a client is made before its test begins"
        fix += (
            "; a client with its address written in goes to the fake by fakegemini.adopt(client). "
            f"A test that means the live API has the marker {_MARK}(False)"
        )
        error = BlockedCall(f"{text} Fix: {fix}.")
        self._errors.append(error)
        return error


def _says_on(mark: pytest.Mark) -> bool:
    return bool(mark.args[0] if mark.args else mark.kwargs.get("on", True))
