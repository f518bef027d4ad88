"""Read what stands around the body of a recorded message: method, address, headers, status.

Each reader raises `OddEntry` for a value that no server and no client could have sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ..errors import OddEntry
from ..wire.http import Json

_TOKEN = re.compile(r":?[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\r\n\0]")
_LINE_ENDS = re.compile(r"[\r\n]+[ \t]*")


def object_in(entry: Any, name: str) -> Json:
    """Return a member that is an object."""
    if not isinstance(entry, dict):
        raise OddEntry("it is no object")
    value = entry.get(name)
    if not isinstance(value, dict):
        raise OddEntry(f"{name} is missing" if name not in entry else f"{name} is no object")
    return value


def method_of(request: Json) -> str:
    """Return the method in capitals; Ruby writes it in small letters."""
    method = request.get("method")
    if method in ("POST", "GET", "DELETE"):
        return str(method)
    if not isinstance(method, str) or not _TOKEN.fullmatch(method.lstrip(":")):
        raise OddEntry(f"request.method is {method!r}, no method of HTTP")
    return method.lstrip(":").upper()


def uri_of(request: Json, *names: str) -> str:
    """Return the address, from the first of these members that the request has."""
    uri = request.get(names[0])
    if type(uri) is str and _is_address(uri):
        return uri
    name = next((name for name in names if name in request), names[0])
    uri = request.get(name)
    if not isinstance(uri, str) or not uri.strip():
        raise OddEntry(f"request.{name} is {uri!r}, no address")
    try:
        urlsplit(uri)
    except ValueError as error:
        raise OddEntry(f"request.{name} is {uri!r}, no address: {error}") from None
    return uri


@lru_cache(1024)
def _is_address(uri: str) -> bool:
    """Tell whether a text is an address; most of a cassette are one and the same."""
    try:
        urlsplit(uri)
    except ValueError:
        return False
    return bool(uri.strip())


def status_of(response: Json) -> int:
    """Return the status: `status` as a number, a text or an object, or a member beside it.

    `status_code` is of vcrpy 4 with httpx, `code` of go-vcr.
    """
    status = response.get("status")
    place = "response.status"
    if isinstance(status, dict):
        status, place = status.get("code"), "response.status.code"
    for name in ("status_code", "code"):
        if name in response:
            status, place = response[name], f"response.{name}"
    return as_status(status, place)


def as_status(value: Any, place: str) -> int:
    """Read a status such as 200, "200" or "200 OK"; raises `OddEntry`."""
    if type(value) is int and 200 <= value <= 999:
        return value
    text = str(value).partition(" ")[0] if isinstance(value, str | int | float) else ""
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    if isinstance(value, bool) or not re.fullmatch(r"[2-9][0-9]{2}", text):
        raise OddEntry(f"{place} is {value!r}, no status of an answer")
    return int(text)


def check_path(path: Any, place: str) -> str:
    """Return a path as the recorder wrote it; raises `OddEntry` for what is no text."""
    if not isinstance(path, str):
        raise OddEntry(f"{place} is {path!r}, no path")
    return path


def spell_uri(
    scheme: str,
    headers: Sequence[tuple[str, str]],
    path: str,
    query: Sequence[tuple[str, str]],
    *,
    unnamed_host: str,
) -> str:
    """Put an address together whose recorder wrote its parts; the host is that of the headers."""
    host = next((value for name, value in headers if name.lower() == "host"), unnamed_host)
    address = f"{scheme}://{host}{quote(path, safe='/:%@')}"
    return f"{address}?{urlencode(query)}" if query else address


def headers_of(message: Json, place: str) -> dict[str, str]:
    """Return the first value of each header by its name in lower case.

    Headers are an object of texts or lists, a list of names and values, or none.
    """
    headers = message.get("headers")
    if headers is None:
        return {}
    first_values: dict[str, str] = {}
    pairs = headers.items() if type(headers) is dict else _header_pairs(headers, f"{place}.headers")
    for name, value in pairs:
        first = value[0] if type(value) is list and value else value
        if type(name) is str and type(first) is str and len(first) <= _MOST_REMEMBERED:
            lower_name, text = _plain_header(name, first)
            if lower_name:
                first_values[lower_name] = text
                continue
        header_place = f"{place}.headers[{name!r}]"
        if not isinstance(name, str | int) or not _TOKEN.fullmatch(str(name)):
            raise OddEntry(f"{header_place} is no name of a header")
        first = value[0] if isinstance(value, list) and value else value
        if first is None or isinstance(first, list):
            first = ""
        if isinstance(first, bytes):
            first = first.decode("latin-1")
        if isinstance(first, dict):
            raise OddEntry(f"{header_place} is an object, no value of a header")
        text = _LINE_ENDS.sub(" ", str(first)).strip()
        if _CONTROL.search(text):
            raise OddEntry(f"{header_place} has a character that no header has")
        first_values[str(name).lower()] = text
    return first_values


_MOST_REMEMBERED = 300
"""The most characters of a header that is remembered: most headers of a cassette are the same."""


@lru_cache(4096)
def _plain_header(name: str, value: str) -> tuple[str, str]:
    """Return a header as HTTP has it, its name in lower case; an empty name for one that is odd."""
    text = _LINE_ENDS.sub(" ", value).strip()
    if not _TOKEN.fullmatch(name) or _CONTROL.search(text):
        return "", ""
    return name.lower(), text


def _header_pairs(headers: Any, place: str) -> Iterator[tuple[Any, Any]]:
    """Yield names and values from each form of a list of headers."""
    if isinstance(headers, dict):
        yield from headers.items()
        return
    if not isinstance(headers, list):
        raise OddEntry(f"{place} is {type(headers).__name__}, no list of headers")
    if headers and len(headers) % 2 == 0 and all(isinstance(part, str) for part in headers):
        yield from zip(headers[::2], headers[1::2], strict=True)
        return
    for header in headers:
        if isinstance(header, dict) and "name" in header:
            yield header["name"], header.get("value")
        elif isinstance(header, list) and len(header) == 2:
            yield header[0], header[1]
        else:
            raise OddEntry(f"{place} has {header!r}, no name and value")
