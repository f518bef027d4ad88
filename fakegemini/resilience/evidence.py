"""What a day left behind, for those who judge it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..protocol.ask import text_of
from ..protocol.request_log import Asked, Requests
from ..protocol.status import running
from ..wording import count_of
from .day_server import Stage
from .habits import runs
from .run_once import Outcome
from .text_loss import tells

Same: TypeAlias = tuple[str, str, bytes]


def same(asked: Asked) -> Same:
    """What two requests share that are one request sent twice."""
    return asked.method, asked.path, asked.body


@dataclass(frozen=True, slots=True)
class Evidence:
    """One day: what came of the run, what was asked. `value` and `before` are the good day's."""

    stage: Stage
    outcome: Outcome
    value: Any
    before: Requests

    @property
    def requests(self) -> Requests:
        """What was asked on this day."""
        return self.stage.fake.requests

    @property
    def error(self) -> BaseException | None:
        """What the run raised."""
        return self.outcome.error

    @property
    def ended(self) -> bool:
        """Whether the run came back of its own accord."""
        return not (self.outcome.late or self.stage.over)

    def tries(self) -> dict[Same, tuple[int, int]]:
        """How many creates of each body there are, and how many the good day had, at least one."""
        often = Counter(map(same, self.before.creates))
        now = Counter(map(same, self.requests.creates))
        return {key: (count, max(1, often[key])) for key, count in now.items()}

    def abandoned(self) -> list[Asked]:
        """The creates whose run goes on, although nobody asks or tried to stop it."""
        stopped = {one.id for name in ("cancel", "delete") for one in self.requests.of(name)}
        return [
            one
            for one in runs(self.requests)
            if one.made and running(one.made.status) and one.id not in stopped
        ]

    @property
    def tells(self) -> bool:
        """Whether the run gives back what the model says, where it gives back anything."""
        made = [step for one in self.before if one.made for step in one.made.steps]
        return self.error is not None or tells(self.value, list(map(text_of, made)))

    def __str__(self) -> str:
        return f"{self.outcome} after {count_of(len(self.requests), 'request')}"
