"""Give each test of a `unittest.TestCase` a fake of its own."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar

from .running import serving

if TYPE_CHECKING:
    from ..fake.fake import Fake
    from ..fake.option_types import FakeOptions


class FakeMixin:
    """Stands before `unittest.TestCase` or `IsolatedAsyncioTestCase`: `self.fake` is the fake.

    It is there in `setUp` already, and whether the class has one of its own does not matter. A test
    that passes fails with what its fake has to complain of, after `tearDown`. `fake_options` of a
    class are the options of its fakes.
    """

    fake: Fake
    fake_options: ClassVar[FakeOptions] = {}

    def run(self, result: Any = None) -> Any:
        """Run one test, with a fake around it; what unittest and pytest call."""
        test: Any = self
        if result is None:
            result = test.defaultTestResult()
        block, outcome = ExitStack(), _WatchedResult(result)
        try:
            self.fake = block.enter_context(serving(test.id(), **self.fake_options))
        except Exception:  # an option that there is not, or no address: an error of this test alone
            result.startTest(self)
            result.addError(self, sys.exc_info())
            result.stopTest(self)
            return result
        test.addCleanup(self._end_fake, block, outcome)
        with block:
            super().run(outcome)  # type: ignore[misc]
        return result

    def _end_fake(self, block: ExitStack, outcome: _WatchedResult) -> None:
        """Check the fake, unless the test failed, was skipped, or fails as it is expected to."""
        block.close()
        expected_failure = getattr(getattr(self, "_outcome", None), "expectedFailure", None)
        if not (outcome.has_failed or expected_failure):
            self.fake.check()


class _WatchedResult:
    """A result of a test that notes whether the test has failed; all else is the result's own."""

    def __init__(self, result: Any) -> None:
        self._result = result
        self.has_failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._result, name)

    def _fail(self, name: str, *arguments: Any) -> None:
        self.has_failed = True
        getattr(self._result, name)(*arguments)

    def addError(self, *arguments: Any) -> None:
        self._fail("addError", *arguments)

    def addFailure(self, *arguments: Any) -> None:
        self._fail("addFailure", *arguments)

    def addSkip(self, *arguments: Any) -> None:
        self._fail("addSkip", *arguments)

    def addSubTest(self, test: Any, subtest: Any, error: Any) -> None:
        self.has_failed = self.has_failed or error is not None
        self._result.addSubTest(test, subtest, error)
