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
    """Whether the client takes gzip, as RFC 9110, 12.5.3 reads: in any case, `*` for the rest."""
    weights = dict(map(_weighed, (request.header("accept-encoding") or "").lower().split(",")))
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weighed(coding: str) -> tuple[str, float]:
    name, _, how = coding.partition(";")
    key, _, weight = how.partition("=")
    if key.strip() != "q":
        return name.strip(), 1.0
    try:
        return name.strip(), float(weight)
    except ValueError:
        return name.strip(), 0.0  # a weight that is none: plain bytes are safe with every client
