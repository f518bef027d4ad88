"""What a recording tells of its day and its client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime

from ..wire.http import Json
from .conversations import bodies
from .exchange import Exchange

FORMAT = 1
"""The version of the head."""

_CLIENT = ("x-goog-api-client", "user-agent")
_NOBODY = "1970-"
"""The day that recorders put in place of the real one."""


def head_of(exchanges: Iterable[Exchange], told: Json) -> Json:
    """The head of a cassette; what `told` says already stays as it is."""
    ours = [exchange for exchange in exchanges if exchange.ours]
    found: Json = {"format": FORMAT}
    days = (day for exchange in ours for day in _days(exchange))
    clients = (name for exchange in ours for name in _clients(exchange))
    for key, values in (("recorded", days), ("client", clients)):
        value = next(values, None)
        found |= {key: value} if value else {}
    return found | told


def _days(exchange: Exchange) -> Iterator[str]:
    """The day of the answer: of its header, else of the interaction."""
    try:
        sent = parsedate_to_datetime(exchange.response_headers.get("date", ""))
        yield sent.date().isoformat()  # of the server, which tells it in UTC
    except (ValueError, TypeError):
        pass
    for body in bodies(exchange):
        interaction = body.get("interaction", body) if isinstance(body, dict) else None
        created = interaction.get("created") if isinstance(interaction, dict) else None
        if isinstance(created, str) and len(created) > 9 and not created.startswith(_NOBODY):
            yield created[:10]


def _clients(exchange: Exchange) -> Iterator[str]:
    """Name and version of the client, without what it runs on."""
    for name in _CLIENT:
        if words := exchange.request_headers.get(name, "").split():
            yield words[0]
