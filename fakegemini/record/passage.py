"""Pass one answer on to a client, with the addresses in it leading through the recorder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..doors.asgi import Message
from ..wire.compression import GzipPacker, make_unpacker, unpack_body
from .capture import HOP_HEADERS
from .rewritten_addresses import BodyRewriter

RewriteBody = Callable[[bytes], bytes]
"""Returns JSON with the addresses in it as the client is to see them."""

_CODING, _LENGTH = b"content-encoding", b"content-length"
_MOST_DIGITS = 9
"""Of the length of a body that is collected; a longer one goes on as it comes."""
_TYPES_WITH_ADDRESSES = (b"json", b"event-stream")
"""Parts of the names of the media types in which there may be addresses."""


class Passage(Protocol):
    """The messages of ASGI by which an answer goes on, as its body comes."""

    def start(self) -> list[Message]:
        """Return what can be sent before the body comes."""
        ...

    def feed(self, chunk: bytes) -> list[Message]:
        """Return what can be sent of a piece of the body."""
        ...

    def break_off(self) -> list[Message]:
        """Return what was held back, where the body ends too early."""
        ...

    def finish(self) -> list[Message]:
        """Return the end of the answer."""
        ...


Headers = list[tuple[bytes, bytes]]


def make_passage(
    status: int, raw_headers: Headers, rewrite_body: RewriteBody, *, is_head: bool
) -> Passage:
    """Choose how an answer goes on; its headers are without those of the connection.

    JSON of a known length is short, and its length may change: it is collected. What comes piece
    by piece goes on so. Any other body is as it is.
    """
    headers = [(name.lower(), value) for name, value in raw_headers]
    # Our own server adds its `date`.
    own_headers = [
        pair for pair in headers if pair[0].decode("latin-1") not in (*HOP_HEADERS, "date")
    ]
    values = dict(own_headers)
    media_type = values.get(b"content-type", b"").partition(b";")[0].lower()
    if is_head or not any(part in media_type for part in _TYPES_WITH_ADDRESSES):
        return _AsItIs(status, own_headers)
    if _LENGTH in values:
        if len(values[_LENGTH]) > _MOST_DIGITS:
            return _AsItIs(status, own_headers)
        return _Collected(status, own_headers, rewrite_body)
    return _PieceByPiece(status, own_headers, rewrite_body)


class _AsItIs:
    """An answer whose bytes go on as they come."""

    def __init__(self, status: int, headers: Headers) -> None:
        self._status = status
        self._headers = headers

    def start(self) -> list[Message]:
        return [{"type": "http.response.start", "status": self._status, "headers": self._headers}]

    def feed(self, chunk: bytes) -> list[Message]:
        return _pieces(chunk)

    def break_off(self) -> list[Message]:
        return []

    def finish(self) -> list[Message]:
        return [{"type": "http.response.body", "body": b""}]


class _PieceByPiece(_AsItIs):
    """An answer whose addresses are rewritten as it comes; one packed as gzip is packed anew."""

    def __init__(self, status: int, headers: Headers, rewrite_body: RewriteBody) -> None:
        coding = dict(headers).get(_CODING, b"").decode("latin-1")
        self._unpack = make_unpacker(coding)
        self._packer = GzipPacker() if coding == "gzip" else None
        if self._unpack and not self._packer:
            headers = [pair for pair in headers if pair[0] != _CODING]
        super().__init__(status, headers)
        self._rewriter = BodyRewriter(rewrite_body)

    def feed(self, chunk: bytes) -> list[Message]:
        if self._unpack is None:
            return _pieces(chunk)  # it is packed so that nobody here can look into it
        unpacked = self._unpack(chunk)
        return self._packed(self._rewriter.feed(unpacked or b""))

    def break_off(self) -> list[Message]:
        return self._packed(self._rewriter.finish())

    def finish(self) -> list[Message]:
        end = self._packer.finish() if self._packer else b""
        return [*self.break_off(), *_pieces(end), *super().finish()]

    def _packed(self, body: bytes) -> list[Message]:
        return _pieces(self._packer.pack(body) if self._packer and body else body)


class _Collected(_AsItIs):
    """An answer that goes on when it is complete: as it came, or with its addresses rewritten."""

    def __init__(self, status: int, headers: Headers, rewrite_body: RewriteBody) -> None:
        super().__init__(status, headers)
        self._rewrite_body = rewrite_body
        self._body = bytearray()

    def start(self) -> list[Message]:
        return []

    def feed(self, chunk: bytes) -> list[Message]:
        self._body += chunk
        return []

    def break_off(self) -> list[Message]:
        return [*super().start(), *_pieces(bytes(self._body))]

    def finish(self) -> list[Message]:
        body = bytes(self._body)
        new_body = self._rewrite(body)
        if new_body != body:
            others = [pair for pair in self._headers if pair[0] not in (_CODING, _LENGTH)]
            self._headers = [*others, (_LENGTH, str(len(new_body)).encode())]
        return [*super().start(), *_pieces(new_body), *super().finish()]

    def _rewrite(self, body: bytes) -> bytes:
        """Return a body with its addresses rewritten; as it is where it cannot be read."""
        try:
            plain = unpack_body(body, dict(self._headers).get(_CODING, b"").decode("latin-1"))
        except ValueError:
            return body
        rewritten = self._rewrite_body(plain)
        return body if rewritten == plain else rewritten


def _pieces(body: bytes) -> list[Message]:
    return [{"type": "http.response.body", "body": body, "more_body": True}] if body else []
