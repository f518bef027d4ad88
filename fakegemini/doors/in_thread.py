"""Do work in a thread of its own, which keeps no process alive, while an event loop goes on."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

_Result = TypeVar("_Result")
_FIRST_PAUSE = 0.0005
_LONGEST_PAUSE = 0.02


class Work(Generic[_Result]):
    """A function that runs in a thread; `call_back`, if any, is called there when it is over."""

    def __init__(
        self, function: Callable[[], _Result], call_back: Callable[[], object] | None = None
    ) -> None:
        self._function = function
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
        self.is_over = True
        if self._call_back:
            self._call_back()

    def result(self) -> _Result:
        """Return what the function gave, once it is over, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._results[0]


async def run_in_thread(function: Callable[[], _Result]) -> _Result:
    """Run a function in a thread, for asyncio."""
    loop = asyncio.get_running_loop()
    is_over: asyncio.Future[None] = loop.create_future()

    def settle() -> None:
        if not is_over.done():  # the server stopped meanwhile
            is_over.set_result(None)

    def call_back() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle)

    work = Work(function, call_back)
    await is_over
    return work.result()


async def run_in_thread_of_any_loop(
    function: Callable[[], _Result], sleep: Callable[[float], Awaitable[Any]]
) -> _Result:
    """Run a function in a thread, for whatever loop has this `sleep`, such as trio's."""
    work, pause = Work(function), _FIRST_PAUSE
    while not work.is_over:
        await sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
    return work.result()
