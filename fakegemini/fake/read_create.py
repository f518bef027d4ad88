"""Read the body of a create."""

from __future__ import annotations

from typing import Any

from ..protocol.ask import without_nulls
from ..wire.http import Request


def read_create(request: Request) -> Any:
    """Parse a body, and leave out its null members; raises `BadBody` or `RecursionError`."""
    body = request.json()
    # Where the word is not there, no null can be; UTF-16 has a zero in it.
    return without_nulls(body) if b"null" in request.body or b"\0" in request.body else body
