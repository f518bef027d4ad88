"""Hold what a day left behind, for those who judge it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..protocol.request_log import LoggedRequest, Requests
from ..protocol.status import is_running
from ..protocol.step_reading import text_of
from ..wording import count_of
from .day_server import DayServer
from .habits import background_runs
from .run_once import Outcome
from .text_loss import contains_text

RequestKey: TypeAlias = tuple[str, str, bytes]


def request_key(request: LoggedRequest) -> RequestKey:
    """Return what two requests share that are one request sent twice."""
    return request.method, request.path, request.body


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a create with one body was sent.

    The good day says how many requests with that body are requests of their own, not retries; a
    body that it did not have counts as one.
    """

    on_bad_day: int
    on_good_day: int

    @property
    def of_each(self) -> int:
        """How often each of them was sent at least, if they were retried alike."""
        return self.on_bad_day // self.on_good_day

    @property
    def of_one(self) -> int:
        """How often one of them was sent, if all others were sent once."""
        return self.on_bad_day - self.on_good_day + 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """What came of the run on one day, and which requests it sent.

    `good_value` and `good_requests` are what it returned and sent on the good day.
    """

    server: DayServer
    outcome: Outcome
    good_value: Any
    good_requests: Requests

    @property
    def requests(self) -> Requests:
        """The requests of this day."""
        return self.server.fake.requests

    @property
    def error(self) -> BaseException | None:
        """What the run raised, if anything."""
        return self.outcome.error

    @property
    def came_back(self) -> bool:
        """Whether the run came back in time and without running into the end of the budget."""
        return not (self.outcome.late or self.server.budget_spent)

    def count_tries(self) -> dict[RequestKey, Tries]:
        """Count the creates of each body."""
        good_counts = Counter(map(request_key, self.good_requests.creates))
        counts = Counter(map(request_key, self.requests.creates))
        return {key: Tries(count, max(1, good_counts[key])) for key, count in counts.items()}

    def find_abandoned_runs(self) -> list[LoggedRequest]:
        """Find the creates whose background run goes on without an attempt to stop it."""
        stopped_ids = {
            request.id
            for operation in ("cancel", "delete")
            for request in self.requests.of(operation)
        }
        return [
            run
            for run in background_runs(self.requests)
            if run.interaction and is_running(run.interaction.status) and run.id not in stopped_ids
        ]

    @property
    def shows_text(self) -> bool:
        """Whether a text can tell how it went: the good day returned one, or this day raised."""
        steps = [
            step
            for request in self.good_requests
            if request.interaction
            for step in request.interaction.steps
        ]
        return self.error is not None or contains_text(self.good_value, list(map(text_of, steps)))

    def __str__(self) -> str:
        return f"{self.outcome} after {count_of(len(self.requests), 'request')}"
