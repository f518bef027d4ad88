"""Read cassettes of VCR, version 1: YAML or JSON, written by vcrpy, pytest-recording or us."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import Unreadable
from ..wire.compression import is_gzip, unpack_body
from ..wire.http import Json
from ..wire.json_text import parse_json
from ..wording import escape_surrogates
from .contents import NOTE_KEY, Contents
from .exchange import Exchange
from .json_file import unreadable_json
from .strict_yaml import line_of_entry, load_strict_yaml


def parse_vcr_text(text: str, path: Path) -> Any:
    """Parse a cassette's text, JSON where it begins as JSON does, else YAML.

    Raises `Unreadable`, with the file and where possible the line.
    """
    text = text.removeprefix("\ufeff")
    if not text.lstrip().startswith(("{", "[")):
        return load_strict_yaml(text, path)
    try:
        return parse_json(text)
    except ValueError as error:
        raise unreadable_json(error, path) from None


def exchanges_from_vcr(value: Any, path: Path) -> list[Exchange]:
    """List the exchanges of a parsed cassette; raises `Unreadable`, which names `path`."""
    return contents_from_vcr(value, path).exchanges


def contents_from_vcr(value: Any, path: Path, yaml_text: str = "") -> Contents:
    """Read a parsed cassette; raises `Unreadable` for what is no cassette of version 1.

    yaml_text: the text that was parsed, where it is YAML; errors then name the line
    """
    if not isinstance(value, dict) or not isinstance(value.get("interactions"), list):
        raise Unreadable(f"{path}: no cassette: it has no list `interactions`")
    if value.get("version", 1) != 1:
        raise Unreadable(
            f"{path}: a cassette of version {value['version']!r}; only version 1 is known"
        )

    def locate(number: int) -> str:
        line = line_of_entry(yaml_text, "interactions", number) if yaml_text else 0
        return f"{path}:{line}: exchange {number}" if line else f"{path}: exchange {number}"

    exchanges = []
    for number, entry in enumerate(value["interactions"], start=1):
        try:
            exchanges.append(_exchange_from_entry(number, entry))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise Unreadable(f"{locate(number)} is not one of a cassette ({reason})") from None
    notes = tuple(entry.get(NOTE_KEY) for entry in value["interactions"])
    return Contents(exchanges, value.get(NOTE_KEY), notes, locate)


def _exchange_from_entry(number: int, entry: Json) -> Exchange:
    """Read one entry of `interactions`, its answer unpacked where it is the Interactions API's."""
    request, response = entry["request"], entry["response"]
    headers, body = _lower_headers(response.get("headers")), _body_bytes(response.get("body"))
    status = response.get("status", {})
    exchange = Exchange(
        number,
        str(request["method"]).upper(),
        str(request["uri"]),
        _lower_headers(request.get("headers")),
        _body_bytes(request.get("body")),
        int(status["code"] if isinstance(status, dict) else status),
        headers,
        body,
    )
    is_packed = "content-encoding" in headers or is_gzip(body)
    if not is_packed or not exchange.targets_interactions:
        return exchange
    return replace(exchange, response_body=unpack_body(body, headers.get("content-encoding", "")))


def _body_bytes(body: Any) -> bytes:
    """Return a body's bytes from any form in which VCR writes it: text, `string`, base64, none."""
    if isinstance(body, str):
        return escape_surrogates(body).encode()
    if isinstance(body, dict):
        if "base64_string" in body:
            return base64.b64decode(body["base64_string"])
        body = body.get("string")
    if body is None:
        return b""
    return body if isinstance(body, bytes) else escape_surrogates(str(body)).encode()


def _lower_headers(headers: Any) -> dict[str, str]:
    """Return the first value of each header by its name in lower case."""
    first_values = {}
    for name, value in (headers or {}).items():
        first = value[0] if value.__class__ is list and value else value
        first_values[str(name).lower()] = first if first.__class__ is str else str(first)
    return first_values
