"""What was asked of a fake, and the questions that tests have about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..wire.http import RETRIED, Json, Pairs, Request
from .ask import FROM_THE_USER, hoisted
from .interaction import Interaction
from .paths import operation


@dataclass(slots=True, eq=False)
class Asked:
    """One request as it came, and what became of it.

    `at` is when it came, in seconds of the fake's timer. `status` is the HTTP status it got, None
    while nothing was answered. `made` is the interaction that a create made.
    """

    request: Request
    at: float
    status: int | None = None
    made: Interaction | None = None

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
            return str(self.made.id) if self.made and self.made.id else None
        if not self.operation:
            return None
        parts = self.request.segments
        below = "/".join(parts[parts.index("interactions") + 1 :])
        return below.removesuffix("/cancel").removesuffix(":cancel")

    @property
    def resent(self) -> tuple[Json, ...]:
        """The steps of the model that a granted create sent back: its history, if it resent any."""
        if not self.made:
            return ()
        given = hoisted(self.made.ask.given)
        return tuple(step for step in given if step.get("type") not in FROM_THE_USER)


class Requests(list[Asked]):
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
        return Requests(asked for asked in self if asked.operation == name)

    def about(self, identifier: str) -> Requests:
        """The requests that made or name this interaction."""
        return Requests(asked for asked in self if asked.id == identifier)

    @property
    def retries(self) -> Requests:
        """The requests that repeat, to the byte, one before them that failed in a way that SDKs
        retry."""
        return Requests(again for before, again in _pairs(self) if _is_retry(before, again))

    @property
    def pauses(self) -> list[float]:
        """The seconds between one request and the next."""
        return [again.at - before.at for before, again in _pairs(self)]

    def parent_of(self, asked: Asked) -> Asked | None:
        """The create that made what this create continues, if it chained to one of these."""
        wanted = asked.made.ask.parent if asked.made else None
        return next((one for one in self.creates if wanted and one.id == wanted), None)

    def altered(self, asked: Asked) -> list[Json]:
        """The steps that a create sent back with another signature than the fake gave, or none."""
        given = {
            str(step["signature"])
            for one in self
            if one.made and one is not asked
            for step in one.made.steps
            if step.get("signature")
        }
        return [
            step
            for step in asked.resent
            if step.get("type") == "thought" and step.get("signature") not in given
        ]


def _pairs(asked: Iterable[Asked]) -> Iterator[tuple[Asked, Asked]]:
    before: Asked | None = None
    for one in asked:
        if before is not None:
            yield before, one
        before = one


def _is_retry(before: Asked, again: Asked) -> bool:
    failed = before.status is None or before.status in RETRIED
    same = (before.method, before.path, before.body) == (again.method, again.path, again.body)
    return failed and same
