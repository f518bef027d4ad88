"""The file format, and nothing else: VCR version 1, as stock vcrpy reads it.

Streams are literal blocks, one line a line of the stream, so that a diff shows events.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ..core.http import Json

if TYPE_CHECKING:
    from ..contract.exchange import Exchange

KEPT = ("accept", "content-type", "x-goog-api-client")
"""The request headers that a cassette keeps; all others tell nothing or too much."""


def dump(exchanges: Iterable[Exchange], head: Json | None = None) -> str:
    """The text of a cassette with these exchanges, in order.

    `head` is kept under `fakegemini`, which vcrpy does not read.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        """The safe dumper with literal blocks for text of several lines."""

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    document: Json = {"interactions": [_item(exchange) for exchange in exchanges], "version": 1}
    if head:
        document["fakegemini"] = head
    written: str = yaml.dump(
        document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=float("inf")
    )
    return written


def _item(exchange: Exchange) -> Json:
    code = exchange.status or 200
    return {
        "request": {
            "method": exchange.method,
            "uri": exchange.uri,
            "headers": {
                name: [value] for name, value in exchange.request_headers.items() if name in KEPT
            },
            "body": _body(exchange.request_body),
        },
        "response": {
            "status": {"code": code, "message": _phrase(code)},
            "headers": {name: [value] for name, value in exchange.response_headers.items()},
            "body": {"string": _body(exchange.response_body)},
        },
    }


def _body(raw: bytes) -> str | bytes:
    """Text where it is text; YAML has a form for other bytes."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return ""
