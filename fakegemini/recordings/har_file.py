"""Read HAR files, which browsers and proxies write: HTTP Archive 1.2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import OddEntry, Unreadable
from ..wire.http import Json
from .contents import HAR, Contents
from .entry_body import decode_base64, decode_hex, encode_text, texts_of_chunks, unpack_exchange
from .entry_fields import as_status, headers_of, method_of, uri_of
from .exchange import Exchange
from .foreign_exchange import read_entry

_MARK_BYTES = 3
"""The length of a byte order mark, which may count and not be kept."""


def contents_from_har(log: Json, path: Path) -> Contents:
    """Read the member `log` of a HAR; raises `Unreadable` for what is no entry."""
    entries = log["entries"]
    return Contents(list(_exchanges_of(entries, path)), _head_of(entries), tool=HAR)


def _exchanges_of(entries: Any, path: Path) -> Iterator[Exchange]:
    """Read the entries one by one; what a browser asks before it asks (OPTIONS) is left out."""
    if not isinstance(entries, list):
        raise Unreadable(f"{path}: no HAR: its `entries` are no list")
    for number, entry in enumerate(entries, start=1):
        try:
            exchange = read_entry(number, entry, _whole_exchange)
            if exchange.method != "OPTIONS":
                yield exchange
        except OddEntry as error:
            raise Unreadable(f"{path}: entry {number}: {error}") from None


def _whole_exchange(number: int, request: Json, response: Json) -> Exchange:
    """Read an entry; raises `OddEntry`, for a body of the Interactions API that was not kept too.

    A HAR writes status 0 where no answer came, and Firefox none.
    """
    is_answered = response.get("status") not in (0, None, "")
    asked, answered = _request_body(request), _response_body(response) if is_answered else b""
    exchange = Exchange(
        number,
        method_of(request),
        uri_of(request, "url"),
        headers_of(request, "request"),
        asked or b"",
        as_status(response["status"], "response.status") if is_answered else None,
        headers_of(response, "response"),
        answered or b"",
    )
    if not exchange.targets_interactions:
        return exchange
    if not asked and exchange.operation == "create" and exchange.method == "POST":
        raise OddEntry(_why_not_kept(request.get("postData"), "request.postData", asked))
    content = response.get("content") or {}
    if answered is None or (not answered and is_answered and _size_of(content) > 0):
        raise OddEntry(_why_not_kept(content, "response.content", answered))
    _check_whole(exchange, response)
    return unpack_exchange(exchange)


def _why_not_kept(holder: Any, place: str, body: bytes | None) -> str:
    """Say why there is no body: it is in another file, empty, or not there."""
    held: Json = holder if isinstance(holder, dict) else {}
    if "_file" in held:
        return (
            f"{place} has its body in another file, {held['_file']!r}, which is not read: record "
            "it into the HAR itself (Playwright: `content: 'embed'`)"
        )
    size = _size_of(held)
    despite_size = f", though its size is {size}" if size > 0 else ""
    member = "an empty `text`" if body is not None else "no `text`"
    return f"{place} has {member}{despite_size}: the body was not kept"


def _size_of(content: Json) -> int:
    size = content.get("size")
    return size if isinstance(size, int) else 0


def _request_body(request: Json) -> bytes | None:
    """Return the body of a request, None where none was kept."""
    post_data = request.get("postData")
    if post_data is None:
        return None
    if not isinstance(post_data, dict):
        raise OddEntry("request.postData is no object")
    return _text_bytes(post_data, "request.postData")


def _response_body(response: Json) -> bytes | None:
    """Return the body of an answer, None where none was kept; one of size 0 is empty.

    mitmproxy writes `text: null` and the size 0 for a stream that it passed on without keeping it.
    """
    content = response.get("content")
    if content is None:
        return None
    if not isinstance(content, dict):
        raise OddEntry("response.content is no object")
    body = _text_bytes(content, "response.content")
    is_empty = content.get("size") == 0 and "event-stream" not in str(content.get("mimeType"))
    return b"" if body is None and is_empty else body


def _check_whole(exchange: Exchange, response: Json) -> None:
    """Raise `OddEntry` for JSON that breaks off where the entry says that more had come.

    Firefox keeps the beginning of a large body.
    """
    content = response.get("content") or {}
    size, body = content.get("size"), exchange.response_body
    if not isinstance(size, int) or size <= len(body) + _MARK_BYTES or exchange.is_stream:
        return
    if body[:1] not in (b"{", b"["):
        return
    try:
        json.loads(body)
    except ValueError:
        raise OddEntry(
            f"response.content.text has {len(body)} of {size} bytes: the body was cut when it was "
            "kept"
        ) from None


def _text_bytes(holder: Json, place: str) -> bytes | None:
    """Return the bytes of `text`, which may be base64, None without one."""
    text = holder.get("text")
    if text is None:
        return None
    if not isinstance(text, str):
        raise OddEntry(f"{place}.text is no text")
    encoding = "hex" if holder.get("_isBinary") is True else holder.get("encoding")
    if encoding in _PLAIN_ENCODINGS:
        return encode_text(text)
    decode = _DECODERS.get(encoding) if isinstance(encoding, str) else None
    if decode is None:
        raise OddEntry(f"{place}.encoding is {encoding!r}, no way of writing bytes that we know")
    return b"".join(decode(chunk, f"{place}.text") for chunk in texts_of_chunks(text))


_PLAIN_ENCODINGS = (None, "", "utf8", "utf-8", "UTF-8")
_DECODERS = {"base64": decode_base64, "hex": decode_hex}
"""How bytes are written in a text; `hex` is of Polly.JS before 6, which said `_isBinary`."""


def _head_of(entries: list[Json]) -> Json:
    """Build the head from the day, in UTC, of the first entry; empty where that has no time."""
    try:
        start = datetime.fromisoformat(entries[0]["startedDateTime"])
        return {"recorded": start.astimezone(UTC).date().isoformat()}
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):  # no time of this form
        return {}
