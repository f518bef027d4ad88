"""What was asked of a fake, and the questions that tests have about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..wire.http import RETRIED, Json, Pairs, Request
from .ask import FROM_THE_USER, hoist_results
from .interaction import Interaction
from .paths import operation


@dataclass(slots=True, eq=False)
class LoggedRequest:
    """One request as it came, and what became of it.

    `at` is when it came, in seconds of the fake's timer. `status` is the HTTP status it got, None
    while nothing was answered. `interaction` is the one that a create made.
    """

    request: Request
    at: float
    status: int | None = None
    interaction: Interaction | None = None

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.request.method

    @property
    def path(self) -> str:
        """The path below the base URL, percent-encoded as it came."""
        return self.request.path

    @property
    def query(self) -> Pairs:
        """The query parameters, decoded."""
        return self.request.query

    @property
    def headers(self) -> Pairs:
        """The headers as they came."""
        return self.request.headers

    @property
    def body(self) -> bytes:
        """The body as it came."""
        return self.request.body

    @property
    def operation(self) -> str | None:
        """create, get, cancel or delete; None for anything else."""
        return operation(self.request)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return self.request.header(name)

    def json(self) -> Any:
        """The body as JSON; raises `BadBody` where it is not."""
        return self.request.json()

    @property
    def id(self) -> str | None:
        """The interaction it made or names, if it has an id."""
        if self.operation == "create":
            return str(self.interaction.id) if self.interaction and self.interaction.id else None
        if not self.operation:
            return None
        parts = self.request.segments
        below = "/".join(parts[parts.index("interactions") + 1 :])
        return below.removesuffix("/cancel").removesuffix(":cancel")

    @property
    def resent(self) -> tuple[Json, ...]:
        """The steps of the model that a granted create sent back: its history, if it resent any."""
        if not self.interaction:
            return ()
        input_steps = hoist_results(self.interaction.ask.input_steps)
        return tuple(step for step in input_steps if step.get("type") not in FROM_THE_USER)


class Requests(list[LoggedRequest]):
    """All requests in the order in which they came."""

    @property
    def creates(self) -> Requests:
        """The creates, refused ones included."""
        return self.of("create")

    @property
    def polls(self) -> Requests:
        """The gets."""
        return self.of("get")

    def of(self, name: str) -> Requests:
        """The requests of one operation: create, get, cancel, delete."""
        return Requests(request for request in self if request.operation == name)

    def about(self, identifier: str) -> Requests:
        """The requests that made or name this interaction."""
        return Requests(request for request in self if request.id == identifier)

    @property
    def retries(self) -> Requests:
        """The requests that repeat, to the byte, one before them that failed in a way that SDKs
        retry."""
        return Requests(
            request for previous, request in _neighbours(self) if _is_retry(previous, request)
        )

    @property
    def pauses(self) -> list[float]:
        """The seconds between one request and the next."""
        return [request.at - previous.at for previous, request in _neighbours(self)]

    def parent_of(self, asked: LoggedRequest) -> LoggedRequest | None:
        """The create that made what this create continues, if it chained to one of these."""
        parent_id = asked.interaction.ask.parent if asked.interaction else None
        return next(
            (create for create in self.creates if parent_id and create.id == parent_id), None
        )

    def altered(self, asked: LoggedRequest) -> list[Json]:
        """The steps that a create sent back with another signature than the fake gave, or none."""
        sent_signatures = {
            str(step["signature"])
            for request in self
            if request.interaction and request is not asked
            for step in request.interaction.steps
            if step.get("signature")
        }
        return [
            step
            for step in asked.resent
            if step.get("type") == "thought" and step.get("signature") not in sent_signatures
        ]


def _neighbours(requests: Iterable[LoggedRequest]) -> Iterator[tuple[LoggedRequest, LoggedRequest]]:
    previous: LoggedRequest | None = None
    for request in requests:
        if previous is not None:
            yield previous, request
        previous = request


def _is_retry(previous: LoggedRequest, request: LoggedRequest) -> bool:
    failed = previous.status is None or previous.status in RETRIED
    is_identical = (previous.method, previous.path, previous.body) == (
        request.method,
        request.path,
        request.body,
    )
    return failed and is_identical
