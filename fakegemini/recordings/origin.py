"""Find out when and with what client a recording was made, for the head of its cassette."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..wire.http import Json
from ..wire.http_date import parse_http_date
from .answers import interaction_in, response_values
from .contents import NOTE_FORMAT
from .exchange import Exchange

_CLIENT_HEADERS = ("x-goog-api-client", "user-agent")
_PLACEHOLDER_YEAR = "1970-"
"""The year that recorders put in place of the real one."""


def build_head(exchanges: Iterable[Exchange], given_head: Json) -> Json:
    """Build the head of a cassette: format, day, client; members of `given_head` win."""
    api_exchanges = [exchange for exchange in exchanges if exchange.targets_interactions]
    head: Json = {"format": NOTE_FORMAT}
    days = (day for exchange in api_exchanges for day in _days_of(exchange))
    clients = (name for exchange in api_exchanges for name in _clients_of(exchange))
    for key, values in (("recorded", days), ("client", clients)):
        value = next(values, None)
        head |= {key: value} if value else {}
    return head | given_head


def _days_of(exchange: Exchange) -> Iterator[str]:
    """Yield the days, YYYY-MM-DD, that an answer names: in its header, then in its interactions."""
    try:
        answered_at = parse_http_date(exchange.response_headers.get("date", ""))
        yield answered_at.date().isoformat()  # UTC, as every Date header
    except (ValueError, TypeError):
        pass
    for value in response_values(exchange):
        created = (interaction_in(value) or {}).get("created")
        if (
            isinstance(created, str)
            and len(created) > 9
            and not created.startswith(_PLACEHOLDER_YEAR)
        ):
            yield created[:10]


def _clients_of(exchange: Exchange) -> Iterator[str]:
    """Yield name and version of the client, without those of what it runs on."""
    for name in _CLIENT_HEADERS:
        if words := exchange.request_headers.get(name, "").split():
            yield words[0]
