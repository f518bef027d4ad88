"""Do work in a thread of its own, which keeps no process alive, while an event loop goes on."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from . import thread_line
from .thread_line import LINE, Ticket

_Result = TypeVar("_Result")
_FIRST_PAUSE = 0.0005
_LONGEST_PAUSE = 0.02
_NO_THREAD_SECONDS = 0.1
"""How soon a thread is tried again that the system did not give."""


class Work(Generic[_Result]):
    """A function that runs in a thread; `call_back`, if any, is called there when it is over.

    Raises `RuntimeError` where the system gives no thread. The ticket is that of its place in the
    line, which it leaves when it is over.
    """

    def __init__(
        self,
        function: Callable[[], _Result],
        ticket: Ticket,
        call_back: Callable[[], object] | None = None,
    ) -> None:
        self._function = function
        self._ticket = ticket
        self._call_back = call_back
        self._results: list[_Result] = []
        self._error: BaseException | None = None
        self.is_over = False
        threading.Thread(target=self._run, name="fakegemini-request", daemon=True).start()

    def _run(self) -> None:
        try:
            self._results.append(self._function())
        except BaseException as error:  # raised again by who waits for the result
            self._error = error
        LINE.leave(self._ticket)
        self.is_over = True
        if self._call_back:
            self._call_back()

    def result(self) -> _Result:
        """Return what the function gave, once it is over, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._results[0]


async def run_in_thread(function: Callable[[], _Result]) -> _Result:
    """Run a function in a thread, for asyncio; where too many run, it waits for its turn."""
    loop = asyncio.get_running_loop()

    def make_signal() -> tuple[asyncio.Future[None], Callable[[], None]]:
        future: asyncio.Future[None] = loop.create_future()

        def settle() -> None:
            if not future.done():  # the server stopped meanwhile
                future.set_result(None)

        def call_back() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle)

        return future, call_back

    turn, come = make_signal()
    ticket = LINE.join(come)
    is_over, end = make_signal()
    try:
        while not ticket.may_begin and not LINE.look_again(ticket):
            await asyncio.wait((turn,), timeout=thread_line.PATIENCE_SECONDS)
        work = await _start(lambda: Work(function, ticket, end), asyncio.sleep)
    except BaseException:  # the server stops
        LINE.leave(ticket)
        raise
    await is_over
    return work.result()


async def run_in_thread_of_any_loop(
    function: Callable[[], _Result], sleep: Callable[[float], Awaitable[Any]]
) -> _Result:
    """Run a function in a thread, for whatever loop has this `sleep`, such as trio's."""
    ticket, pause = LINE.join(), _FIRST_PAUSE
    try:
        while not ticket.may_begin and not LINE.look_again(ticket):
            await sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        work = await _start(lambda: Work(function, ticket), sleep)
    except BaseException:  # the client stops
        LINE.leave(ticket)
        raise
    pause = _FIRST_PAUSE
    while not work.is_over:
        await sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
    return work.result()


async def _start(
    make: Callable[[], Work[_Result]], sleep: Callable[[float], Awaitable[Any]]
) -> Work[_Result]:
    """Start the work, as soon as the system gives a thread."""
    while True:
        try:
            return make()
        except RuntimeError:  # as many as it gives are at work
            await sleep(_NO_THREAD_SECONDS)
