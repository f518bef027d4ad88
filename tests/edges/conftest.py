"""A fake behind a real socket, and a client of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from fakegemini import Fake
from fakegemini.doors.loopback import serve
from tests.http.door import Door


@pytest.fixture
def fake() -> Fake:
    """Nobody checks it at the end: these tests look at what it says themselves."""
    return Fake()


@pytest.fixture
def door(fake: Fake) -> Iterator[Door]:
    """A server of its own, so that one that hangs harms no other test."""
    with serve(fake.handle) as url:
        yield Door(url)


@pytest.fixture
def within() -> Callable[[Callable[[], object], float], None]:
    """Run something in a thread, and fail where it is not over within some seconds."""

    def run(function: Callable[[], object], seconds: float) -> None:
        thread = threading.Thread(target=function, daemon=True)
        thread.start()
        thread.join(seconds)
        assert not thread.is_alive(), f"not over within {seconds} s"

    return run
