"""A fake behind a real socket, fresh for each test; one server for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from fakegemini import Fake, Handler
from fakegemini.doors.loopback import serve
from fakegemini.doors.switchboard import Switchboard

from .door import Door


@pytest.fixture(scope="session")
def board() -> Iterator[tuple[Switchboard, str]]:
    """The server of the session and its switchboard."""
    switchboard = Switchboard()
    with serve(switchboard) as url:
        yield switchboard, url


@pytest.fixture
def plug(board: tuple[Switchboard, str]) -> Iterator[Callable[[Handler], Door]]:
    """Put any handler behind the socket while the test runs."""
    switchboard, url = board
    with ExitStack() as stack:
        yield lambda handler: Door(url + stack.enter_context(switchboard.plug_in(handler)))


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A fake that nobody has scripted yet; every answer it gives must keep the contract."""
    fake = Fake()
    fake.watch()
    yield fake
    fake.allow("unscripted", "refused", "leftover")
    fake.check()


@pytest.fixture
def door(fake: Fake, plug: Callable[[Handler], Door]) -> Door:
    """A client of that fake."""
    return plug(fake.handle)
