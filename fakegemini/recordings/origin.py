"""What a recording tells of its day and its client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime

from ..wire.http import Json
from .conversations import response_values
from .exchange import Exchange

FORMAT = 1
"""The version of the head."""

_CLIENT_HEADERS = ("x-goog-api-client", "user-agent")
_PLACEHOLDER_YEAR = "1970-"
"""The year that recorders put in place of the real one."""


def build_head(exchanges: Iterable[Exchange], given_head: Json) -> Json:
    """The head of a cassette; what `given_head` says already stays as it is."""
    api_exchanges = [exchange for exchange in exchanges if exchange.targets_interactions]
    head: Json = {"format": FORMAT}
    days = (day for exchange in api_exchanges for day in _days_of(exchange))
    clients = (name for exchange in api_exchanges for name in _clients_of(exchange))
    for key, values in (("recorded", days), ("client", clients)):
        value = next(values, None)
        head |= {key: value} if value else {}
    return head | given_head


def _days_of(exchange: Exchange) -> Iterator[str]:
    """The day of the answer: of its header, else of the interaction."""
    try:
        answered_at = parsedate_to_datetime(exchange.response_headers.get("date", ""))
        yield answered_at.date().isoformat()  # of the server, which tells it in UTC
    except (ValueError, TypeError):
        pass
    for body in response_values(exchange):
        interaction = body.get("interaction", body) if isinstance(body, dict) else None
        created = interaction.get("created") if isinstance(interaction, dict) else None
        if (
            isinstance(created, str)
            and len(created) > 9
            and not created.startswith(_PLACEHOLDER_YEAR)
        ):
            yield created[:10]


def _clients_of(exchange: Exchange) -> Iterator[str]:
    """Name and version of the client, without what it runs on."""
    for name in _CLIENT_HEADERS:
        if words := exchange.request_headers.get(name, "").split():
            yield words[0]
