"""What a day left behind, for those who judge it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..protocol.ask import text_of
from ..protocol.request_log import LoggedRequest, Requests
from ..protocol.status import is_running
from ..wording import count_of
from .day_server import DayServer
from .habits import background_runs
from .run_once import Outcome
from .text_loss import contains_text

RequestKey: TypeAlias = tuple[str, str, bytes]


def request_key(request: LoggedRequest) -> RequestKey:
    """What two requests share that are one request sent twice."""
    return request.method, request.path, request.body


@dataclass(frozen=True, slots=True)
class Evidence:
    """What came of the run on one day, and what was asked.

    `good_value` and `good_requests` are those of the good day.
    """

    server: DayServer
    outcome: Outcome
    good_value: Any
    good_requests: Requests

    @property
    def requests(self) -> Requests:
        """What was asked on this day."""
        return self.server.fake.requests

    @property
    def error(self) -> BaseException | None:
        """What the run raised."""
        return self.outcome.error

    @property
    def came_back(self) -> bool:
        """Whether the run came back of its own accord."""
        return not (self.outcome.late or self.server.budget_spent)

    def count_tries(self) -> dict[RequestKey, tuple[int, int]]:
        """How many creates of each body there are, and how many the good day had, at least one."""
        good_counts = Counter(map(request_key, self.good_requests.creates))
        counts = Counter(map(request_key, self.requests.creates))
        return {key: (count, max(1, good_counts[key])) for key, count in counts.items()}

    def find_abandoned_runs(self) -> list[LoggedRequest]:
        """The creates whose run goes on, although nobody asks or tried to stop it."""
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
        """Whether the run gives back what the model says, where it gives back anything."""
        steps = [
            step
            for request in self.good_requests
            if request.interaction
            for step in request.interaction.steps
        ]
        return self.error is not None or contains_text(self.good_value, list(map(text_of, steps)))

    def __str__(self) -> str:
        return f"{self.outcome} after {count_of(len(self.requests), 'request')}"
