"""Serve one day: a fresh fake, its model, and an end to all requests."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..faults.presets import PresetName
from ..protocol.ask import Ask
from ..protocol.ids import IdSource
from ..protocol.paths import Operation
from ..protocol.refusals.refusal import Refusal
from ..protocol.request_log import Requests
from ..protocol.turn import Turn, TurnMaker
from ..wire.http import Fault, Reply, Request
from ..wire.replies import ERROR_JSON, json_reply


class FaultSwitch(Protocol):
    """Puts faults in force."""

    def __call__(
        self,
        *faults: Fault | PresetName,
        times: int | None = None,
        on: Operation | None = None,
    ) -> None:
        """Spoil the next `times` requests of the operation `on`, or all."""


class DayFake(Protocol):
    """What a day needs of a fake: its handler, its log of requests, and faults."""

    @property
    def requests(self) -> Requests:
        """The requests that it got."""

    def handle(self, request: Request, /) -> Reply:
        """Answer one request."""

    @property
    def faults(self) -> FaultSwitch:
        """What spoils its answers."""


@dataclass(slots=True)
class DayServer:
    """The server of one day: it answers `budget` requests, and none once `is_closed` is set.

    `change_turn` changes the turns of the `model`, `change_request` requests before the fake gets
    them. `delivered_text` is what came before a stream was broken off, `budget_spent` says that
    more requests came than the budget, `time_was_real` that the test had not patched the time.
    """

    model: TurnMaker
    budget: int
    change_turn: Callable[[Ask, Turn], Turn] = lambda ask, turn: turn
    change_request: Callable[[Request], Request] = lambda request: request
    delivered_text: str = ""
    request_count: int = 0
    is_closed: bool = False
    budget_spent: bool = False
    time_was_real: bool = True
    _fake: DayFake | None = field(default=None)

    @property
    def fake(self) -> DayFake:
        """The fake of this day; it is set before the first request."""
        assert self._fake is not None
        return self._fake

    @fake.setter
    def fake(self, fake: DayFake) -> None:
        """Let this fake answer."""
        self._fake = fake

    def make_turn(self, ask: Ask, ids: IdSource) -> Turn:
        """Return what the model says on this day."""
        return self.change_turn(ask, self.model(ask, ids))

    def close(self) -> None:
        """Refuse all further requests."""
        self.is_closed = True

    def handle(self, request: Request) -> Reply:
        """Answer one request; once the day is over, with a 400, which no client retries."""
        self.time_was_real = self.time_was_real and _is_time_real()
        self.request_count += 1
        if self.request_count > self.budget:
            self.budget_spent = True
        if self.is_closed or self.budget_spent:
            text = "this bad day of fakegemini.assert_resilient() is over"
            return json_reply(Refusal(400, "fakegemini", text, "X").body(), 400, ERROR_JSON)
        return self.fake.handle(self.change_request(request))


def _is_time_real() -> bool:
    """Return whether pauses can be judged: tests patch `sleep` and freeze clocks."""
    is_builtin = inspect.isbuiltin(time.sleep) and inspect.isbuiltin(time.monotonic)
    return is_builtin and asyncio.sleep.__module__ == "asyncio.tasks"
