"""Keep the requests that a fake got, and answer the questions of tests about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..wire.header_map import Headers
from ..wire.http import RETRIED, Json, Pairs, Request
from .interaction import Interaction
from .paths import operation
from .refusals.refusal import Refusal
from .step_reading import FROM_THE_USER, hoist_results


@dataclass(slots=True, eq=False)
class LoggedRequest:
    """One request, and its outcome.

    `at` is when the request arrived, in seconds of the fake's timer. `status` is the HTTP status of
    its answer, None before the answer. `interaction` is the one that a create made. `refusal` is
    why the live server refuses the request, None where it does not. `source` says who answered:
    `script`, `unscripted model`, `recording` or `upstream`; empty for the server itself.
    `is_spoiled` says whether a fault touched the answer.
    """

    request: Request
    at: float
    status: int | None = None
    interaction: Interaction | None = None
    refusal: Refusal | None = None
    source: str = ""
    is_spoiled: bool = False

    @property
    def method(self) -> str:
        """Return the HTTP method."""
        return self.request.method

    @property
    def path(self) -> str:
        """Return the path below the base URL, percent-encoded as the client sent it."""
        return self.request.path

    @property
    def query(self) -> Pairs:
        """Return the query parameters, decoded."""
        return self.request.query

    @property
    def headers(self) -> Headers:
        """Return the headers as the client sent them; they can be asked by name."""
        return Headers(self.request.headers)

    @property
    def body(self) -> bytes:
        """Return the bytes of the body."""
        return self.request.body

    @property
    def operation(self) -> str | None:
        """Return the operation: create, get, cancel or delete; None for anything else."""
        return operation(self.request)

    def header(self, name: str) -> str | None:
        """Return the first header of that name in any case, or None."""
        return self.request.header(name)

    def json(self) -> Any:
        """Parse the body as JSON; raises `BadBody` where it is not JSON."""
        return self.request.json()

    @property
    def id(self) -> str | None:
        """Return the id of the interaction that the request made or names, or None."""
        if self.operation == "create":
            return str(self.interaction.id) if self.interaction and self.interaction.id else None
        if not self.operation:
            return None
        parts = self.request.segments
        below = "/".join(parts[parts.index("interactions") + 1 :])
        return below.removesuffix("/cancel").removesuffix(":cancel")

    @property
    def resent(self) -> tuple[Json, ...]:
        """Return the steps of the model that an answered create resent as history, maybe none."""
        if not self.interaction:
            return ()
        input_steps = hoist_results(self.interaction.ask.input_steps)
        return tuple(step for step in input_steps if step.get("type") not in FROM_THE_USER)


class Requests(list[LoggedRequest]):
    """All requests in the order in which they arrived."""

    @property
    def creates(self) -> Requests:
        """Return the creates, refused ones included."""
        return self.of("create")

    @property
    def polls(self) -> Requests:
        """Return the gets."""
        return self.of("get")

    def of(self, name: str) -> Requests:
        """Return the requests of one operation: create, get, cancel, delete."""
        return Requests(request for request in self if request.operation == name)

    def about(self, identifier: str) -> Requests:
        """Return the requests that made or name this interaction."""
        return Requests(request for request in self if request.id == identifier)

    @property
    def retries(self) -> Requests:
        """Return the requests that repeat, to the byte, the request before them after it failed.

        Failures are those that SDKs retry: `wire.http.RETRIED`, or no answer at all.
        """
        return Requests(
            request for previous, request in _neighbours(self) if _is_retry(previous, request)
        )

    @property
    def pauses(self) -> list[float]:
        """Return the seconds between each request and the next."""
        return [request.at - previous.at for previous, request in _neighbours(self)]

    def parent_of(self, child: LoggedRequest) -> LoggedRequest | None:
        """Return the create whose interaction `child` continues, or None."""
        parent_id = child.interaction.ask.parent if child.interaction else None
        return next(
            (create for create in self.creates if parent_id and create.id == parent_id), None
        )

    def altered(self, create: LoggedRequest) -> list[Json]:
        """Return the thoughts that a create resent with a signature the fake never sent."""
        sent_signatures = {
            str(step["signature"])
            for request in self
            if request.interaction and request is not create
            for step in request.interaction.steps
            if step.get("signature")
        }
        return [
            step
            for step in create.resent
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
