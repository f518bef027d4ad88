"""Begin anew for each example of Hypothesis: `per_example`, of the marker or the ini file."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..fake.fake import Fake

_SETTINGS = "_hypothesis_internal_use_settings"
"""Where Hypothesis, and its own plugin, keep the settings of a test."""


@contextlib.contextmanager
def each_example(fake: Fake, test: pytest.Item) -> Iterator[None]:
    """Let each example of a test find the fake as it was when the test began, and be checked.

    What the fixtures of the test scripted is there for each. A test without `@given` is as ever.
    """
    function: Any = getattr(test, "obj", None)
    handle: Any = getattr(function, "hypothesis", None)
    inner = getattr(handle, "inner_test", None)
    if inner is None:
        yield
        return
    _suppress_health_check(getattr(function, "__func__", function))
    handle.inner_test = _make_checked(inner, fake)
    try:
        yield
    finally:
        handle.inner_test = inner


def _make_checked(inner: Any, fake: Fake) -> Any:
    @functools.cache  # what is there when the first example begins
    def begin() -> Any:
        return fake.make_checkpoint()

    if inspect.iscoroutinefunction(inner):

        @functools.wraps(inner)
        async def checked_soon(*args: Any, **kwargs: Any) -> None:
            begin()()
            await inner(*args, **kwargs)
            fake.check()

        return checked_soon

    @functools.wraps(inner)
    def checked(*args: Any, **kwargs: Any) -> None:
        begin()()
        inner(*args, **kwargs)
        fake.check()

    return checked


def _suppress_health_check(function: Any) -> None:
    """Spare the test the warning of fixtures that are not reset: this one is."""
    settings = getattr(function, _SETTINGS, None)
    if settings is None:
        return  # a Hypothesis that keeps them elsewhere says itself what to add
    from importlib import import_module

    hypothesis = import_module("hypothesis")
    checks = {*settings.suppress_health_check, hypothesis.HealthCheck.function_scoped_fixture}
    setattr(function, _SETTINGS, hypothesis.settings(settings, suppress_health_check=checks))
