"""Let several tests share a fake, and each answer for what it did with it: a plugin of pytest.

It is registered with the first fake that lasts longer than a test.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from ..errors import FakeGeminiError
from ..fake.script.rules import Level
from .stash_keys import FIXTURES_SCRIPT, HAS_FAILED

if TYPE_CHECKING:
    from ..fake.fake import Fake

_SHARED = pytest.StashKey["SharedFakes"]()


def get_shared_fakes(config: pytest.Config) -> SharedFakes:
    """Return the fakes of this run that are shared, with their plugin."""
    if _SHARED not in config.stash:
        shared_fakes = config.stash[_SHARED] = SharedFakes()
        config.pluginmanager.register(shared_fakes, "fakegemini-shared")
    return config.stash[_SHARED]


class SharedFakes:
    """The shared fakes that are there, and what ends the level of fixtures in each one's script."""

    def __init__(self) -> None:
        self._scripting: dict[Fake, contextlib.ExitStack] = {}

    @contextlib.contextmanager
    def sharing(self, fake: Fake) -> Iterator[None]:
        """Watch a fake while the block runs."""
        self._scripting[fake] = contextlib.ExitStack()
        self._begin_fixtures(fake)
        try:
            yield
        finally:
            self._scripting.pop(fake).close()

    def _begin_fixtures(self, fake: Fake) -> None:
        self._scripting[fake].enter_context(fake.scripting_at(Level.FIXTURE))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Let what is scripted from now on be the test's own."""
        for scripting in self._scripting.values():
            scripting.close()
        is_marked = any(mark.name == "fakegemini" for mark in item.own_markers)
        if self._scripting and is_marked and FIXTURES_SCRIPT not in item.stash:
            pytest.fail(
                "BadScript: the marker fakegemini tells the fake of one test what to be, and this "
                "test has only one that others share. Fix: put the marker on the module, or give "
                "the test the fixture fakegemini",
                pytrace=False,
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Fail the test with what went wrong unseen in it; its own replies end with it."""
        texts = [text for fake in self._scripting if (text := self._end_test(fake))]
        has_failed = item.stash.get(HAS_FAILED, False)
        for text in texts:
            item.add_report_section("teardown", "fakegemini", text)
        result = yield
        if texts and not has_failed:
            pytest.fail(texts[0], pytrace=False)
        return result

    def _end_test(self, fake: Fake) -> str:
        try:
            fake.end_level(Level.TEST)
        except FakeGeminiError as error:
            return f"{type(error).__name__}: {error}"
        finally:
            self._begin_fixtures(fake)
        return ""

    @pytest.hookimpl
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Note that a test failed, or was left by `skip` or `xfail`."""
        if call.excinfo is not None:
            item.stash[HAS_FAILED] = True
