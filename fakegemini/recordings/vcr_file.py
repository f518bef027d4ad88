"""Read cassettes of VCR, version 1: YAML or JSON, written by vcrpy, pytest-recording or us."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import OddEntry, Unreadable
from ..wire.http import Json
from ..wire.json_text import parse_json
from .contents import NOTE_KEY, Contents
from .dialects import entries_of_dialect, is_dialect, is_go_vcr, tool_of
from .entry_body import body_of_message, unpack_exchange
from .entry_fields import headers_of, method_of, status_of, uri_of
from .exchange import Exchange
from .foreign_exchange import read_entry
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


def contents_from_vcr(value: Any, path: Path, yaml_text: str = "") -> Contents:
    """Read a parsed cassette; raises `Unreadable` for what is no cassette of version 1.

    yaml_text: the text that was parsed, where it is YAML; errors then name the line
    """
    list_name = "interactions"
    if not isinstance(value, dict) or list_name not in value or is_dialect(value):
        entries = _entries_of_other_tool(value, path)
        list_name = "http_interactions" if "http_interactions" in value else ""
    else:
        entries = _entries_of_cassette(value, path)

    def locate(number: int) -> str:
        line = line_of_entry(yaml_text, list_name, number) if yaml_text and list_name else 0
        return f"{path}:{line}: exchange {number}" if line else f"{path}: exchange {number}"

    exchanges = []
    for number, entry in enumerate(entries, start=1):
        try:
            exchanges.append(read_entry(number, entry, _whole_exchange))
        except OddEntry as error:
            raise Unreadable(f"{locate(number)}: {error}") from None
    notes = tuple(entry.get(NOTE_KEY) for entry in entries)
    head = value.get(NOTE_KEY) if isinstance(value, dict) else None
    return Contents(exchanges, head, notes, locate, tool_of(value))


def _entries_of_cassette(value: Json, path: Path) -> list[Any]:
    """Return the list `interactions` of a cassette of a version that is known."""
    if not isinstance(value["interactions"], list):
        raise Unreadable(f"{path}: no cassette: its `interactions` are no list")
    version = value.get("version", 1)
    if version not in (1, "1") and not (version in (2, "2") and is_go_vcr(value)):
        raise Unreadable(f"{path}: a cassette of version {version!r}; only version 1 is known")
    return value["interactions"]


def _entries_of_other_tool(value: Any, path: Path) -> list[Any]:
    """Return the entries of a file of another tool; raises `Unreadable` where there are none."""
    try:
        entries = entries_of_dialect(value, path)
    except OddEntry as error:
        raise Unreadable(f"{path}: {error}") from None
    if entries is None:
        raise Unreadable(f"{path}: no cassette: it has no list `interactions`")
    return entries


def _whole_exchange(number: int, request: Json, response: Json) -> Exchange:
    """Read an exchange, its bodies unpacked if they are the Interactions API's."""
    request_body = body_of_message(request, "request")
    response_body = body_of_message(response, "response")
    exchange = Exchange(
        number,
        method_of(request),
        uri_of(request, "uri", "url"),
        headers_of(request, "request"),
        request_body or b"",
        status_of(response),
        headers_of(response, "response"),
        response_body or b"",
    )
    if request_body is None and exchange.method == "POST" and exchange.operation == "create":
        raise OddEntry("request has no `body`, so what was asked is not known")
    if response_body is None:
        raise OddEntry("response has no `body`, so what was answered is not known")
    return unpack_exchange(exchange)
