"""Run a fake for a block of code, where there is no fixture: unittest, scripts, notebooks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Unpack

from ..fake.adoption import Adoptions
from ..fake.fake import Fake
from ..fake.option_types import FakeOptions
from ..fake.option_values import options_from
from .environment import environment_set, sdk_environment
from .open_addresses import plug_in_fake, share_address


@contextmanager
def running(**options: Unpack[FakeOptions]) -> Iterator[Fake]:
    """Serve a fake while the block runs; SDKs find it by the environment, as with the fixture.

    At the end of a block that raises nothing, what the fixture would fail a test with is raised:
    see `Fake.check`. The arguments are the options of `Fake`, and go before the variables that set
    them, such as FAKEGEMINI_ERA. All blocks of a process have one address, so a client that was
    made in an earlier one, or outside of them, belongs to the one that runs.
    """
    __tracebackhide__ = True
    with serving(**options) as fake:
        yield fake
    fake.check()


@contextmanager
def serving(owner: str = "", **options: Unpack[FakeOptions]) -> Iterator[Fake]:
    """Serve a fake as `running` does, without the check at the end; `owner` is whose it is."""
    all_options: Any = {**options_from(os.environ), **options}
    fake = Fake(timer=time.monotonic, **all_options)
    fake.watch()
    with (
        plug_in_fake(share_address(), fake, owner or "an earlier block") as fake.url,
        environment_set(sdk_environment(fake.url)),
    ):
        try:
            yield fake
        finally:
            fake.release()


def adopt(client: Any) -> AbstractContextManager[object]:
    """Point a client that has its address written in to whichever fake runs, from now on.

    For one that is made once, in a module or a conftest.py. What this gives can be the head of a
    `with` block, at whose end the client has its own address again; without one it keeps ours.
    Raises `BadScript` for what is no client, as `Fake.adopt` does for a single test.
    """
    address = share_address()
    address.watch()
    adoptions, cleanup = Adoptions(), ExitStack()
    adoptions.adopt(client, address.url)
    cleanup.callback(adoptions.release)
    return cleanup
