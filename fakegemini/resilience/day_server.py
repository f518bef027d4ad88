"""Where one day is played: a fresh fake, its model, and an end to all asking."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..protocol.ask import Ask
from ..protocol.ids import Mint
from ..protocol.refusals.refusal import Refusal
from ..protocol.request_log import Requests
from ..protocol.turn import Turn
from ..wire.http import Fault, Reply, Request
from ..wire.replies import ERROR_JSON, json_reply


class DayFake(Protocol):
    """What a day needs of a fake: its door, its log, and faults to arm."""

    @property
    def requests(self) -> Requests:
        """What was asked of it."""

    def handle(self, request: Request, /) -> Reply:
        """Answer one request."""

    def faults(self, *faults: Fault | str, times: int | None = None, on: str | None = None) -> None:
        """Spoil the next `times` requests of the operation `on`, or all."""


@dataclass(slots=True)
class Stage:
    """One day. `budget` requests are answered; afterwards, and once `closed`, none is.

    `answer` is the model and `retell` changes its turns; `reread` changes requests before the fake
    sees them. `delivered` is the text that came before a stream was broken off, `over` says that a
    request found the budget spent, `slept` that nobody had patched the time.
    """

    answer: Callable[[Ask, Mint], Turn]
    budget: int
    retell: Callable[[Ask, Turn], Turn] = lambda ask, turn: turn
    reread: Callable[[Request], Request] = lambda request: request
    delivered: str = ""
    asked: int = 0
    closed: bool = False
    over: bool = False
    slept: bool = True
    _fake: DayFake | None = field(default=None)

    @property
    def fake(self) -> DayFake:
        """The fake of this day."""
        assert self._fake is not None
        return self._fake

    def enter(self, fake: DayFake) -> None:
        """This fake plays."""
        self._fake = fake

    def speak(self, ask: Ask, mint: Mint) -> Turn:
        """What the model says on this day."""
        return self.retell(ask, self.answer(ask, mint))

    def close(self) -> None:
        """No more answers."""
        self.closed = True

    def handle(self, request: Request) -> Reply:
        """Answer one request; a 400, which nobody retries, once the day is over."""
        self.slept = self.slept and _time_is_real()
        self.asked += 1
        if self.asked > self.budget:
            self.over = True
        if self.closed or self.over:
            text = "this bad day of fakegemini.assert_resilient() is over"
            return json_reply(Refusal(400, "fakegemini", text, "X").body(), 400, ERROR_JSON)
        return self.fake.handle(self.reread(request))


def _time_is_real() -> bool:
    """Whether pauses tell anything: tests patch sleep, and freeze what the clocks say."""
    plain = inspect.isbuiltin(time.sleep) and inspect.isbuiltin(time.monotonic)
    return plain and asyncio.sleep.__module__ == "asyncio.tasks"
