"""The waist: whatever answers is a `Handler`, whatever listens is a door around a handler.

Nothing crosses the waist but `Request` and `Reply`. A reply does not sleep, write or drop a
connection: it carries *beats* that ask for it, and the door performs them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

from ..errors import BadBody
from .json_text import refuse_constant

Json: TypeAlias = dict[str, Any]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


LONGEST_WAIT = 86_400.0
"""The longest pause in seconds: timers of event loops take no number of any size."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A pause of `seconds`, at most `LONGEST_WAIT`, taken by the door that has a clock.

    A `real` pause is slept even where time is virtual, because a client's own timeout is real.
    """

    seconds: float
    real: bool = False

    def __post_init__(self) -> None:
        if not self.seconds <= LONGEST_WAIT:  # as a recording of anybody's may say, or none at all
            object.__setattr__(self, "seconds", LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class Cut:
    """The point where the connection drops, after everything before it was delivered.

    With `reset` it drops as by a TCP reset, and what is not delivered yet is lost.
    """

    reset: bool = False


Beat: TypeAlias = bytes | Wait | Cut


class IndexedHeaders(tuple[tuple[str, str], ...]):
    """Headers in the order in which they came, for many requests: `first_values` are by name."""

    first_values: dict[str, str]

    def __new__(cls, pairs: Iterable[tuple[str, str]]) -> IndexedHeaders:
        """Index the pairs: the first of a name counts."""
        headers = super().__new__(cls, pairs)
        headers.first_values = {name.lower(): value for name, value in reversed(headers)}
        return headers

    def __reduce__(self) -> tuple[Any, ...]:
        return IndexedHeaders, (tuple(self),)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request: `path` is percent-encoded as the client sent it, `query` is decoded.

    `client` is the address of the client, empty for a request from inside the process, and
    `local_address` the one of ours that it reached.
    """

    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    body: bytes = b""
    client: str = ""
    local_address: str = ""

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the decoded parts of the path; a `%2F` stays inside its part."""
        return split_path(self.path)

    def header(self, name: str) -> str | None:
        """Return the first header of that name in any case, or None."""
        lower_name, headers = name.lower(), self.headers
        if type(headers) is IndexedHeaders:
            return headers.first_values.get(lower_name)
        for key, value in headers:
            if key.lower() == lower_name:
                return value
        return None

    def param(self, name: str) -> str | None:
        """Return the last query parameter of that name, or None."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def json(self) -> Any:
        """Parse the body as JSON; raises `BadBody` where it is not JSON."""
        try:
            text = self.body.decode(json.detect_encoding(self.body), "surrogatepass")
            return _DECODER.decode(text)
        except (ValueError, RecursionError) as error:
            raise BadBody(str(error)) from None


_DECODER = json.JSONDecoder(parse_constant=refuse_constant)


def is_true(text: str | None) -> bool:
    """Tell whether the value of a query parameter is `true`, in any case; None is not."""
    return text is not None and text.lower() == "true"


@lru_cache(maxsize=1024)  # every layer asks, and most requests go to the same few paths
def split_path(path: str) -> tuple[str, ...]:
    """Return the decoded parts of a percent-encoded path; a `%2F` stays inside its part."""
    return tuple(unquote(part) for part in path.split("/") if part)


class Summary(NamedTuple):
    """What a create asked and what it got, for a log that would have to parse both to know.

    `subject` is the model, `text` what it was asked, `status` and `step_types` are those of the
    interaction. It is of this body and these `beats`, and of no others that somebody puts in
    their place.
    """

    body: bytes
    beats: object
    subject: str
    text: str
    status: str
    step_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. `beats` may be lazy: a door asks for the next beat after the last one.

    `plain` bytes are never compressed. Where a stream is cut, a client that decompresses would lose
    what it has; and where a fault chose the pieces of a stream, compression would change them.
    `slow` beats are made by code of the user's: a door asks for each of them in a thread.
    `summary` spares whoever logs the reply reading it, where who made it knows what it says.
    """

    status: int
    headers: Pairs
    beats: Iterable[Beat]
    plain: bool = False
    slow: bool = False
    summary: Summary | None = field(default=None, repr=False, compare=False)

    def summary_for(self, request: Request) -> Summary | None:
        """Return the summary where it is one of this reply to this request."""
        summary = self.summary
        if summary is None or summary.beats is not self.beats or summary.body != request.body:
            return None
        return summary


Handler: TypeAlias = Callable[[Request], Reply]


RETRIED = frozenset({408, 409, 429}) | frozenset(range(500, 600))
"""The statuses that both SDKs retry, four times."""


Fault: TypeAlias = Callable[[Handler], Handler]
"""Takes a handler and returns one that fails as on a bad day."""
