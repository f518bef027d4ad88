"""Slow requests beyond a number wait in line: none is refused, and none waits for itself."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest

import fakegemini
from fakegemini import Fake
from fakegemini.doors import thread_line
from fakegemini.doors.loopback import serve
from tests.http.door import Door

MOST = 3
MANY = 4 * MOST


@pytest.fixture(autouse=True)
def few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a short line."""
    monkeypatch.setattr(thread_line, "MOST_THREADS", MOST)


class Counted:
    """A function of the test's that waits, and counts who is in it."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.inside: list[None] = []
        self.most = 0

    def __call__(self, ask: object) -> str:
        """Wait until it is released."""
        self.inside.append(None)
        self.most = max(self.most, len(self.inside))
        self.released.wait(30)
        self.inside.pop()
        return "late"


@pytest.fixture
def counted(fake: Fake) -> Iterator[Counted]:
    """Be slow where the input says so."""
    counted = Counted()
    fake.when(input="slow").answers(counted)
    yield counted
    counted.released.set()


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come")


def test_a_port(fake: Fake, counted: Counted) -> None:
    """Each is answered in the end, with 200."""
    statuses: list[int] = []
    with serve(fake.handle) as url:

        def ask() -> None:
            statuses.append(Door(url).create("slow").status)

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(MANY)]
        for thread in threads:
            thread.start()
        _until(lambda: len(counted.inside) == MOST)
        counted.released.set()
        for thread in threads:
            thread.join(30)
    assert statuses == [200] * MANY
    assert counted.most <= MOST + 1  # one more where a second went by
    assert thread_line.LINE.at_work == 0


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_inside_the_process(fake: Fake, counted: Counted, name: str) -> None:
    """The same for a client of asyncio."""
    library = pytest.importorskip(name)

    async def ask_all() -> list[int]:
        way = fakegemini.transport(fake, library)
        async with library.AsyncClient(transport=way, base_url="http://x.invalid") as client:
            body = {"model": "gemini-3.5-flash", "input": "slow"}
            asks = [
                asyncio.create_task(client.post("/v1/interactions", json=body, timeout=30))
                for _ in range(MANY)
            ]
            while len(counted.inside) < MOST:
                await asyncio.sleep(0.01)
            counted.released.set()
            return [answer.status_code for answer in await asyncio.gather(*asks)]

    assert asyncio.run(ask_all()) == [200] * MANY
    assert counted.most <= MOST + 1
    assert thread_line.LINE.at_work == 0


def test_those_that_ask_again(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there is room for, each of which asks the same fake for something slow."""
    monkeypatch.setattr(thread_line, "PATIENCE_SECONDS", 0.05)
    everybody = threading.Barrier(MOST)
    statuses: list[int] = []
    with serve(fake.handle) as url:

        def ask_again(ask: object) -> str:
            everybody.wait(30)
            return str(Door(url).create("inner").status)

        fake.when(input="outer").answers(ask_again)
        fake.when(input="inner").answers(lambda ask: "x")

        def ask() -> None:
            statuses.append(Door(url).create("outer").status)

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(MOST)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert statuses == [200] * MOST


def test_no_thread_is_to_be_had(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no more of them, a request waits; it was a bare 500."""
    start, refused = threading.Thread.start, list(range(3))

    def start_seldom(thread: threading.Thread) -> None:
        if thread.name == "fakegemini-request" and refused:
            refused.pop()
            raise RuntimeError("can't start new thread")
        start(thread)

    fake.answers(lambda ask: "x")
    with serve(fake.handle) as url:
        monkeypatch.setattr(threading.Thread, "start", start_seldom)
        assert Door(url).create("x").status == 200
    assert not refused


def test_a_server_that_stops_leaves_nobody_in_line(fake: Fake, counted: Counted) -> None:
    """Who waited does not take a place of those that come after."""
    with serve(fake.handle) as url:
        for _ in range(MANY):
            asking = threading.Thread(target=lambda: _ask_once(url), daemon=True)
            asking.start()
        _until(lambda: len(counted.inside) == MOST)
    counted.released.set()
    _until(lambda: thread_line.LINE.at_work == 0)


def _ask_once(url: str) -> None:
    try:
        Door(url).create("slow")
    except OSError:
        return
