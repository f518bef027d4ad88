"""Capture one exchange while it happens: its chunks with their times, its body unpacked."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..recordings.exchange import Exchange, RecordedExchange
from ..wire.compression import make_unpacker
from ..wire.http import Request

HOP_HEADERS = frozenset(
    "connection keep-alive proxy-connection te trailer transfer-encoding upgrade".split()
)
"""Headers about one connection, which a proxy does not pass on (RFC 9110, 7.6.1)."""

_ABOUT_PACKING = frozenset({"content-encoding", "http2-settings", "upgrade"})
"""Headers of a request about how it came, which its recorded body does not have any more."""


@dataclass
class Capture:
    """One exchange while it happens: times are seconds of the monotonic clock."""

    number: int
    request: Request
    uri: str
    started_at: float = field(default_factory=time.monotonic)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    raw: bytearray = field(default_factory=bytearray)
    chunks: list[tuple[float, int]] = field(default_factory=list)

    def start_response(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Take the status and the headers of the answer; header names are in lower case."""
        self.status = status
        for name, value in headers:
            if name not in HOP_HEADERS:
                earlier = self.headers.get(name)
                self.headers[name] = f"{earlier}, {value}" if earlier else value
        self._unpack = make_unpacker(self.headers.get("content-encoding", ""))

    def add_chunk(self, raw: bytes) -> None:
        """Take a piece of the body as it came, and note the seconds since the request."""
        self.raw += raw
        unpacked = self._unpack(raw) if self._unpack else raw
        if unpacked is None:
            self._unpack = None
        elif unpacked:
            self.body += unpacked
            self.chunks.append((round(time.monotonic() - self.started_at, 6), len(unpacked)))

    def to_recorded_exchange(self, ending: str) -> RecordedExchange:
        """Return the finished exchange; `ending` is `ENDING_WHOLE` or `ENDING_CUT`.

        Its body is unpacked where the coding is one of ours, and its headers agree with that.
        """
        headers = dict(self.headers)
        body = bytes(self.body)
        if headers.get("content-encoding"):
            if self._unpack is None:
                body = bytes(self.raw)
            else:
                del headers["content-encoding"]
                if "content-length" in headers:
                    headers["content-length"] = str(len(body))
        exchange = Exchange(
            self.number,
            self.request.method,
            self.uri,
            {
                name.lower(): value
                for name, value in self.request.headers
                if name.lower() not in _ABOUT_PACKING
            },
            self.request.body,
            self.status,
            headers,
            body,
        )
        return RecordedExchange(exchange, tuple(self.chunks) if exchange.is_stream else (), ending)
