"""Read recordings that are bare JSON: bodies, lists of them, events, and either as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import DuplicateKey, Unreadable
from ..wire.http import Json
from ..wire.json_text import parse_json
from ..wire.sse import DONE_FRAME, encode_frame
from ..wording import spell_json
from .exchange import Exchange

_LONG_LINE = 120
"""From which column on a line alone does not lead to a mistake."""


def unreadable_json(error: ValueError, path: Path) -> Unreadable:
    """Word an error of `parse_json` as one of a file."""
    if isinstance(error, DuplicateKey):
        return Unreadable(f"{path}: the key '{error}' comes twice in one object")
    if isinstance(error, json.JSONDecodeError):
        place = f" (column {error.colno})" if error.colno > _LONG_LINE else ""
        return Unreadable(f"{path}:{error.lineno}: not JSON: {error.msg}{place}")
    return Unreadable(f"{path}: not JSON: {error}")


def exchanges_from_values(values: list[Any], path: Path) -> list[Exchange]:
    """Make one exchange of a list of events, else one of each body.

    Raises `Unreadable` for a value that is no body of the Interactions API.
    """
    if all(isinstance(value, dict) and "event_type" in value for value in values):
        return [_exchange_from_events(values)]
    return [exchange_from_body(number, body, path) for number, body in enumerate(values, start=1)]


def exchanges_from_lines(text: str, path: Path) -> list[Exchange]:
    """Make exchanges of JSON Lines, as of a list of the same values.

    Skips blank lines and the `[DONE]` of a stream. Raises `Unreadable` with the line.
    """
    values = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() in ("", "[DONE]"):
            continue
        try:
            values.append(parse_json(line))
        except DuplicateKey as error:
            raise Unreadable(f"{path}:{number}: the key '{error}' comes twice") from None
        except ValueError as error:
            reason = getattr(error, "msg", str(error))
            raise Unreadable(f"{path}:{number}: not a line of JSON: {reason}") from None
    return exchanges_from_values(values, path)


def exchange_from_body(number: int, value: Any, path: Path) -> Exchange:
    """Make an exchange of a JSON body alone: a create's request, an error, or an interaction.

    Takes an error with its status (`http_status` and `body`) too. Raises `Unreadable` for any
    other value.
    """
    if not isinstance(value, dict):
        raise Unreadable(f"{path}: neither a recording nor a body: {str(value)[:40]!r}")
    body = spell_json(value).encode()
    if "input" in value and "status" not in value:
        return Exchange(number, "POST", "/v1/interactions", request_body=body)
    if "body" in value and isinstance(value.get("http_status"), int):
        inner = spell_json(value["body"]).encode()
        return Exchange(number, status=value["http_status"], response_body=inner)
    if "error" in value and "status" not in value:
        return Exchange(number, response_body=body)
    if {"status", "steps", "outputs", "object"} & set(value):
        return Exchange(number, status=200, response_body=body)
    if {"interactions", "http_interactions", "log"} & value.keys():
        raise Unreadable(f"{path}: more than one recording in one file: make a file of each")
    names = ", ".join(f"`{name}`" for name in list(value)[:4])
    form = f" in a form that we know; it is an object of {names}" if names else ""
    raise Unreadable(f"{path}: it holds no traffic of the Interactions API{form}")


def _exchange_from_events(events: Iterable[Json]) -> Exchange:
    """Make an exchange of a stream's events, with the `[DONE]` that ends one."""
    body = b"".join(encode_frame(event) for event in events) + DONE_FRAME
    return Exchange(1, status=200, response_body=body)
