"""Keep what is odd in an exchange with another API from costing the recording it stands in.

A browser's HAR has WebSockets and cached pictures, a cassette what other tests ask of other models.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import OddEntry
from ..wire.http import Json
from .entry_fields import method_of, object_in, uri_of
from .exchange import Exchange


def read_entry(
    number: int, entry: Any, read_whole: Callable[[int, Json, Json], Exchange]
) -> Exchange:
    """Read the request and the response of an entry; raises `OddEntry` where it is ours.

    What is odd in an entry of another API costs that entry alone: it has no answer then, so that
    nobody replays it. Where it is not known of which API it is, it is ours.
    """
    request = object_in(entry, "request")
    try:
        return read_whole(number, request, object_in(entry, "response"))
    except OddEntry:
        if bare_exchange := _foreign_exchange(number, request):
            return bare_exchange
        raise


def _foreign_exchange(number: int, request: Json) -> Exchange | None:
    """Return an exchange with another API without its answer; None where it may be ours."""
    try:
        exchange = Exchange(number, method_of(request), uri_of(request, "uri", "url"))
    except OddEntry:
        return None
    return None if exchange.targets_interactions else exchange
