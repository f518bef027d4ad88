"""Capture one exchange while it happens: its chunks with their times, its body unpacked."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..doors.asgi import BODY_LIMIT
from ..doors.packed_bodies import unpack_request
from ..errors import PackedBody
from ..recordings.exchange import Exchange, RecordedExchange
from ..wire.compression import make_unpacker, unpack_body
from ..wire.http import Request

HOP_HEADERS = frozenset(
    "connection keep-alive proxy-connection te trailer transfer-encoding upgrade".split()
)
"""Headers about one connection, which a proxy does not pass on (RFC 9110, 7.6.1)."""

_ABOUT_OFFERS = frozenset({"http2-settings", "upgrade"})
_ABOUT_PACKING = _ABOUT_OFFERS | {"content-encoding"}
"""Headers of a request about how it came, which its recorded body does not have any more."""


_TAIL_BYTES = 65_536

_MOST_CHUNKS = 1_000_000


@dataclass
class Capture:
    """One exchange while it happens: times are seconds of the monotonic clock.

    uri: the address to write; `target` is its path and query, as the client sent them
    """

    number: int
    request: Request
    uri: str
    target: str
    started_at: float = field(default_factory=time.monotonic)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    raw: bytearray = field(default_factory=bytearray)
    chunks: list[tuple[float, int]] = field(default_factory=list)
    is_over: bool = False
    is_too_long: bool = False

    def start_response(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Take the status and the headers of the answer; header names are in lower case."""
        self.status = status
        for name, value in headers:
            if name not in HOP_HEADERS:
                earlier = self.headers.get(name)
                self.headers[name] = f"{earlier}, {value}" if earlier else value
        self._unpack = make_unpacker(self.headers.get("content-encoding", ""))

    def add_chunk(self, raw: bytes) -> None:
        """Take a piece of the body as it came, and note the seconds since the request.

        Of an answer that is too long to be recorded nothing is kept: it only goes on.
        """
        if self.is_too_long:
            return
        self.raw += raw
        unpacked = self._unpack(raw) if self._unpack else raw
        if unpacked is None:
            self._unpack = None
        elif unpacked:
            self.body += unpacked
            self.chunks.append((round(time.monotonic() - self.started_at, 6), len(unpacked)))
        if max(len(self.raw), len(self.body)) > BODY_LIMIT or len(self.chunks) > _MOST_CHUNKS:
            self.is_too_long = True
            self.raw, self.body, self.chunks = bytearray(), bytearray(), []

    def has_all(self) -> bool:
        """Tell whether the answer is over, or the last event has come: the rest costs nothing."""
        tail = bytes(self.body[-_TAIL_BYTES:])
        return self.is_over or b"[DONE]" in tail or b'"interaction.completed"' in tail

    def to_recorded_exchange(self, ending: str) -> RecordedExchange:
        """Return the finished exchange; `ending` is `ENDING_WHOLE` or `ENDING_CUT`.

        Its bodies are unpacked where the coding is one of ours, and its headers agree with that.
        """
        headers, body = dict(self.headers), bytes(self.body)
        coding = headers.pop("content-encoding", "")
        if coding and self._unpack is None:
            try:
                body = unpack_body(bytes(self.raw), coding)
            except ValueError:
                body, headers["content-encoding"] = bytes(self.raw), coding
        elif coding and "content-length" in headers:
            headers["content-length"] = str(len(body))
        about_packing = _ABOUT_PACKING
        try:
            request_body = unpack_request(self.request).body
        except PackedBody:
            request_body, about_packing = self.request.body, _ABOUT_OFFERS
        exchange = Exchange(
            self.number,
            self.request.method,
            self.uri,
            {
                name.lower(): value
                for name, value in self.request.headers
                if name.lower() not in about_packing
            },
            request_body,
            self.status,
            headers,
            body,
        )
        return RecordedExchange(exchange, tuple(self.chunks) if exchange.is_stream else (), ending)
