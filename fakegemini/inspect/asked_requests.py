"""Read requests that somebody asks about: a body, a request as JSON, or one as HTTP writes it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..errors import Unreadable
from ..recordings.json_file import unreadable_json
from ..recordings.plain_files import read_plain_file
from ..wire.http import Request
from ..wire.json_text import compact_json, parse_json
from ..wording import brief_json

STDIN = Path("-")
CREATE_PATH = "/v1beta/interactions"

_REQUEST_LINE = re.compile(r"([A-Z]+)[ \t]+(\S+)(?:[ \t]+HTTP/\d(?:\.\d)?)?[ \t]*\r?")
_ADDRESS_MEMBERS = ("path", "uri", "url")


def read_requests(path: Path) -> list[Request]:
    """Read the requests of a file, of the standard input for `-`; raises `Unreadable`.

    The body of a create, an object with `method` and `path`, a list of these, or a request line
    with headers and a body.
    """
    text = _read_text(path)
    if not text.strip():
        raise Unreadable(f"{path}: it is empty; it has to hold a request, or the body of a create")
    match = _REQUEST_LINE.match(text)
    if match and match.end() == len(text.partition("\n")[0]):
        return [_read_http(text, match)]
    try:
        value = parse_json(text)
    except ValueError as error:
        raise unreadable_json(error, path) from None
    if not isinstance(value, list):
        return [_read_value(value, str(path))]
    if not value:
        raise Unreadable(f"{path}: the list holds no request")
    return [_read_value(one, f"{path}: [{number}]") for number, one in enumerate(value)]


def _read_text(path: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if path == STDIN else read_plain_file(path)
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: byte {error.start} is no UTF-8") from None
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None


def _read_value(value: Any, place: str) -> Request:
    """Make a request of an object: one that says where it goes, or the body of a create."""
    if not isinstance(value, dict):
        raise Unreadable(
            f"{place}: a request is an object with method and path, or the body of a create, not "
            f"{brief_json(value)}"
        )
    if not any(name in value for name in ("method", *_ADDRESS_MEMBERS)):
        return _make_request("POST", CREATE_PATH, (), value)
    address = next((value[name] for name in _ADDRESS_MEMBERS if name in value), None)
    body = value.get("body")
    method = value.get("method", "GET" if body is None else "POST")
    if not isinstance(method, str) or not method:
        raise Unreadable(f"{place}: method is {brief_json(method)}, not a text")
    if not isinstance(address, str) or not address:
        raise Unreadable(f"{place}: path is {brief_json(address)}, not a text")
    pairs = _read_pairs(value.get("query"), f"{place}: query")
    headers = _read_pairs(value.get("headers"), f"{place}: headers")
    return _make_request(method.upper(), address, headers, body, pairs)


def _read_pairs(value: Any, place: str) -> tuple[tuple[str, str], ...]:
    """Read an object of texts, or of lists of texts, as pairs."""
    if value is None:
        return ()
    pairs = list(value.items()) if isinstance(value, dict) else value
    if not isinstance(pairs, list) or not all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs
    ):
        raise Unreadable(f"{place} is {brief_json(value)}, not an object of texts")
    return tuple(_spread(pairs))


def _spread(pairs: list[Any]) -> Iterator[tuple[str, str]]:
    for name, member in pairs:
        for one in member if isinstance(member, list) else [member]:
            yield str(name), one if isinstance(one, str) else compact_json(one)


def _read_http(text: str, line: re.Match[str]) -> Request:
    """Read a request as HTTP writes it: its line, headers, a blank line, the body."""
    head, _, body = text[line.end() :].replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    if head[:1] in ("{", "["):  # without headers the body comes at once
        head, body = "", f"{head}\n\n{body}".strip()
    headers = tuple(
        (name.strip(), value.strip())
        for name, _, value in (part.partition(":") for part in head.splitlines() if part.strip())
    )
    return _make_request(line[1], line[2], headers, body.strip() or None)


def _make_request(
    method: str,
    address: str,
    headers: tuple[tuple[str, str], ...],
    body: Any,
    query: tuple[tuple[str, str], ...] = (),
) -> Request:
    parts = urlsplit(address)
    path = f"/{parts.path.lstrip('/')}"
    pairs = (*parse_qsl(parts.query, keep_blank_values=True), *query)
    text = body if isinstance(body, str) else "" if body is None else compact_json(body)
    return Request(method, path, pairs, headers, text.encode())
