"""Pass one answer on to a client, with the addresses in it leading through the recorder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..doors.asgi import Message
from ..wire.compression import GzipPacker, make_unpacker, unpack_body
from .capture import HOP_HEADERS
from .onward import AddressTeller

TellAll = Callable[[bytes], bytes]
"""Returns JSON with the addresses in it as they are told to the client."""

_CODING, _LENGTH = b"content-encoding", b"content-length"
_TOLD_TYPES = (b"json", b"event-stream")
"""What the names of the media types have in common in which there may be addresses."""


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


def make_passage(status: int, raw_headers: Headers, tell_all: TellAll, *, is_head: bool) -> Passage:
    """Choose how an answer goes on; its headers are without those of the connection.

    JSON of a known length is short, and its length may change: it is collected. What comes piece
    by piece goes on so. Any other body is as it is.
    """
    headers = [(name.lower(), value) for name, value in raw_headers]
    # Our own server adds its `date`.
    kept = [pair for pair in headers if pair[0].decode("latin-1") not in (*HOP_HEADERS, "date")]
    values = dict(kept)
    media_type = values.get(b"content-type", b"").partition(b";")[0].lower()
    if is_head or not any(part in media_type for part in _TOLD_TYPES):
        return _AsItIs(status, kept)
    if _LENGTH in values:
        return _Collected(status, kept, tell_all)
    return _PieceByPiece(status, kept, tell_all)


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
    """An answer in which addresses are told as it comes; one packed as gzip is packed anew."""

    def __init__(self, status: int, headers: Headers, tell_all: TellAll) -> None:
        coding = dict(headers).get(_CODING, b"").decode("latin-1")
        self._unpack = make_unpacker(coding)
        self._packer = GzipPacker() if coding == "gzip" else None
        if self._unpack and not self._packer:
            headers = [pair for pair in headers if pair[0] != _CODING]
        super().__init__(status, headers)
        self._teller = AddressTeller(tell_all)

    def feed(self, chunk: bytes) -> list[Message]:
        if self._unpack is None:
            return _pieces(chunk)  # it is packed so that nobody here can look into it
        unpacked = self._unpack(chunk)
        return self._packed(self._teller.feed(unpacked or b""))

    def break_off(self) -> list[Message]:
        return self._packed(self._teller.finish())

    def finish(self) -> list[Message]:
        end = self._packer.finish() if self._packer else b""
        return [*self.break_off(), *_pieces(end), *super().finish()]

    def _packed(self, told: bytes) -> list[Message]:
        return _pieces(self._packer.pack(told) if self._packer and told else told)


class _Collected(_AsItIs):
    """An answer that goes on when it is complete: as it came, or with addresses told in it."""

    def __init__(self, status: int, headers: Headers, tell_all: TellAll) -> None:
        super().__init__(status, headers)
        self._tell_all = tell_all
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
        told = self._tell(body)
        if told != body:
            kept = [pair for pair in self._headers if pair[0] not in (_CODING, _LENGTH)]
            self._headers = [*kept, (_LENGTH, str(len(told)).encode())]
        return [*super().start(), *_pieces(told), *super().finish()]

    def _tell(self, body: bytes) -> bytes:
        """Return a body with addresses told, or as it is where it has none or is not readable."""
        try:
            plain = unpack_body(body, dict(self._headers).get(_CODING, b"").decode("latin-1"))
        except ValueError:
            return body
        told = self._tell_all(plain)
        return body if told == plain else told


def _pieces(body: bytes) -> list[Message]:
    return [{"type": "http.response.body", "body": body, "more_body": True}] if body else []
