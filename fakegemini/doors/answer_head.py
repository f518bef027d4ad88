"""Write the head of an answer, whose headers are nearly always those of the answers before it.

uvicorn checks and joins each header of each answer. Here that is done once for each set of headers;
what is not plain is left to uvicorn.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Any

from ..wire.sendable import find_unsendable
from .joined_writes import LENGTH, RawHeaders

_FRAMING = frozenset((LENGTH, b"transfer-encoding", b"connection"))
"""The headers that say where an answer ends, which uvicorn has to know about."""

_WITHOUT_BODY = (204, 304)


def write_head(cycle: Any, message: Any) -> bool:
    """Write the head of an ASGI `http.response.start`; False where nothing was written.

    `cycle` is uvicorn's `RequestResponseCycle` of a request of HTTP/1.1.
    """
    status = message["status"]
    is_plain = (
        cycle.keep_alive
        and not cycle.response_started
        and not cycle.disconnected
        and not cycle.access_log
        and not cycle.flow.write_paused
        and cycle.chunked_encoding is None
        and cycle.scope["method"] != "HEAD"
    )
    if not is_plain:
        return False
    headers = tuple(message.get("headers", ()))
    length = headers[-1][1] if headers and headers[-1][0] == LENGTH else b""
    fixed_headers = headers[:-1] if length else headers
    head = spell_fixed_head(status, tuple(cycle.default_headers), fixed_headers)
    if head is None or (length and not length.isdigit()):
        return False
    framing = b"content-length: %b" % length if length else b"transfer-encoding: chunked"
    cycle.response_started, cycle.waiting_for_100_continue = True, False
    cycle.chunked_encoding = not length
    cycle.expected_content_length = int(length or 0)
    cycle.transport.write(b"%b%b\r\n\r\n" % (head, framing))
    return True


def spell_whole_answer(head: bytes, body: bytes, *, says_length: bool) -> bytes:
    """Return a whole answer whose head is spelt up to what says its length."""
    if says_length:
        return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return b"%btransfer-encoding: chunked\r\n\r\n%b0\r\n\r\n" % (head, chunk)


@lru_cache(maxsize=64)
def spell_fixed_head(status: int, default_headers: RawHeaders, headers: RawHeaders) -> bytes | None:
    """Return a head up to what says its length; None where uvicorn has to look at it.

    It is that of an answer that has a body, to a client whose connection goes on.
    """
    if status in _WITHOUT_BODY:
        return None
    pairs = default_headers + headers
    texts = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)
    if find_unsendable(status, texts) or any(name.lower() in _FRAMING for name, _ in pairs):
        return None
    try:
        phrase = HTTPStatus(status).phrase.encode()
    except ValueError:
        phrase = b""
    lines = [b"%b: %b\r\n" % (name.lower(), value) for name, value in pairs]
    return b"HTTP/1.1 %d %b\r\n" % (status, phrase) + b"".join(lines)
