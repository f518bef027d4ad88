"""Answers packed as gzip for whoever takes it, as recorded: streams as well, event by event."""

from __future__ import annotations

import zlib

from .http import Reply, Request

HEADER = ("content-encoding", "gzip")
_GZIP = 16 + zlib.MAX_WBITS
_FASTEST = 1


class Packer:
    """Packs the bytes of one answer. The same bytes are packed the same way."""

    def __init__(self) -> None:
        self._packed = zlib.compressobj(_FASTEST, zlib.DEFLATED, _GZIP)

    def part(self, data: bytes) -> bytes:
        """Some bytes, which can be unpacked without those that follow."""
        return self._packed.compress(data) + self._packed.flush(zlib.Z_SYNC_FLUSH)

    def rest(self, data: bytes = b"") -> bytes:
        """The last bytes, and the end."""
        return self._packed.compress(data) + self._packed.flush()


def packer(request: Request, reply: Reply) -> Packer | None:
    """What packs this reply; None where nobody asked, or its bytes are to stay as they are."""
    packed = any(name.lower() == HEADER[0] for name, _ in reply.headers)
    if reply.plain or packed or not _taken(request):
        return None
    return Packer()


def _taken(request: Request) -> bool:
    named = (one.partition(";") for one in (request.header("accept-encoding") or "").split(","))
    return any(name.strip() == "gzip" and how.strip() != "q=0" for name, _, how in named)
