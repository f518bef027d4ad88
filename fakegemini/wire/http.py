"""The waist: everything that answers is a `Handler`, everything that listens is a door around one.

Nothing crosses the waist but the two records below. A reply does not sleep, write or drop a
connection; it carries *beats* that say so, and the door performs them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

from ..errors import BadBody

Json: TypeAlias = dict[str, Any]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """A pause of `seconds` that whoever has a clock takes.

    `real` pauses are slept even where time is virtual: a client's own timeout is real.
    """

    seconds: float
    real: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection drops here, with everything before it delivered.

    A `reset` drops it without a goodbye, and without what is still on its way.
    """

    reset: bool = False


Beat: TypeAlias = bytes | Wait | Cut


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it came: `path` is still percent-encoded, `query` is decoded.

    `client` is the address of who sent it, empty where it came from inside the process.
    """

    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    body: bytes = b""
    client: str = ""

    @property
    def segments(self) -> tuple[str, ...]:
        """The decoded parts of the path; a `%2F` stays inside its part."""
        return tuple(unquote(part) for part in self.path.split("/") if part)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        lower_name = name.lower()
        return next((value for key, value in self.headers if key.lower() == lower_name), None)

    def param(self, name: str) -> str | None:
        """The last query parameter of that name."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def json(self) -> Any:
        """The body as JSON; raises `BadBody` where it is not."""
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise BadBody(str(error)) from None


def _refuse_constant(name: str) -> Any:
    # Python reads NaN and Infinity, which are not JSON.
    raise BadBody(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. `beats` may be lazy: a door asks for the next one after it did the last.

    `plain` bytes are sent as they stand, never compressed: a client that unpacks loses what it has
    where a stream is cut, and the pieces of a stream would not be those that were meant.
    """

    status: int
    headers: Pairs
    beats: Iterable[Beat]
    plain: bool = False


Handler: TypeAlias = Callable[[Request], Reply]


RETRIED = frozenset({408, 409, 429}) | frozenset(range(500, 600))
"""The statuses that both SDKs retry, four times."""


Fault: TypeAlias = Callable[[Handler], Handler]
"""Takes the handler as it is and gives the one of the bad day."""
