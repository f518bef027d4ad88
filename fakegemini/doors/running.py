"""Run a fake for a block of code, where there is no fixture: unittest, scripts, notebooks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Unpack

from ..fake.fake import Fake
from ..fake.option_types import FakeOptions
from ..fake.option_values import options_from
from .loopback import serve
from .sdk_variables import sdk_variables

_LOOPBACK = "127.0.0.1,localhost"


@contextmanager
def running(**options: Unpack[FakeOptions]) -> Iterator[Fake]:
    """Serve a fake while the block runs; SDKs find it by the environment, as with the fixture.

    At the end of a block that raises nothing, what the fixture would fail a test with is raised:
    see `Fake.check`. The arguments are the options of `Fake`, and go before the variables that set
    them, such as FAKEGEMINI_ERA. The environment belongs to the process:
    one such block at a time.
    """
    __tracebackhide__ = True
    all_options: Any = {**options_from(os.environ), **options}
    fake = Fake(timer=time.monotonic, **all_options)
    fake.watch()
    with serve(fake.handle) as url, _sdk_environment(url):
        fake.url = url
        yield fake
    fake.check()


@contextmanager
def _sdk_environment(url: str) -> Iterator[None]:
    """Set the variables that SDKs read, and hide the developer's key, while the block runs."""
    values = sdk_variables(url)
    for name in ("NO_PROXY", "no_proxy"):
        no_proxy = os.environ.get(name)
        values[name] = f"{no_proxy},{_LOOPBACK}" if no_proxy else _LOOPBACK
    outer_values = {name: os.environ.get(name) for name in values}
    _set_variables(values)
    try:
        yield
    finally:
        _set_variables(outer_values)


def _set_variables(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
