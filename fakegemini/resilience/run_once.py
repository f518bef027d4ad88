"""Call the user's function once, in a thread of its own, and do not wait for ever."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

GRACE_SECONDS = 2.0
"""How many seconds a late run may take to end once its requests are refused."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: the value that it returned, or the exception that it raised.

    `late` says that it had not come back in time, `alive` that it still goes on.
    """

    value: Any = None
    error: BaseException | None = None
    late: bool = False
    alive: bool = False

    def __str__(self) -> str:
        if self.late:
            return "did not come back"
        return f"raised {type(self.error).__name__}" if self.error else "came back"


def perform(run: Callable[[], Any], *, timeout: float, close: Callable[[], object]) -> Outcome:
    """Call `run`, and await what it returns if that can be awaited.

    Where it takes longer than `timeout` seconds, `close` is called, which is to end its requests.
    """
    outcomes: list[Outcome] = []
    context = contextvars.copy_context()

    def call_in_thread() -> None:
        try:
            outcomes.append(Outcome(context.run(_call_and_await, run)))
        except BaseException as error:  # what pytest raises to skip and to fail is no Exception
            outcomes.append(Outcome(error=error))

    thread = threading.Thread(target=call_in_thread, name="fakegemini-run", daemon=True)
    thread.start()
    thread.join(timeout)
    if outcomes:
        return outcomes[0]
    close()
    thread.join(GRACE_SECONDS)
    error = outcomes[0].error if outcomes else None
    return Outcome(error=error, late=True, alive=not outcomes)


def _call_and_await(run: Callable[[], Any]) -> Any:
    value = run()
    return asyncio.run(_await_value(value)) if inspect.isawaitable(value) else value


async def _await_value(value: Awaitable[Any]) -> Any:
    return await value
