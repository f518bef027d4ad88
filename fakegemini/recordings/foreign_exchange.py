"""Keep what is odd in an exchange with another API from costing the recording it stands in.

A browser's HAR has WebSockets and cached pictures, a cassette what other tests ask of other models.
"""

from __future__ import annotations

from ..errors import OddEntry
from ..wire.http import Json
from .entry_fields import method_of, uri_of
from .exchange import Exchange


def foreign_exchange(number: int, request: Json) -> Exchange | None:
    """Return an exchange with another API without its answer, so that nobody replays it.

    None where it is with the Interactions API, or where it is not known with what.
    """
    try:
        exchange = Exchange(number, method_of(request), uri_of(request, "uri", "url"))
    except OddEntry:
        return None
    return None if exchange.targets_interactions else exchange
