"""Compress answers with gzip where the client takes it, streams event by event (recorded)."""

from __future__ import annotations

import zlib

from .http import Reply, Request

GZIP_HEADER = ("content-encoding", "gzip")
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_FASTEST = 1


class GzipPacker:
    """Compresses the bytes of one answer; the same bytes in the same parts give the same result."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_FASTEST, zlib.DEFLATED, _GZIP_WINDOW)

    def pack(self, data: bytes) -> bytes:
        """Compress some bytes so that a client can unpack them without those that follow."""
        return self._compressor.compress(data) + self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def finish(self, data: bytes = b"") -> bytes:
        """Compress the last bytes and end the gzip stream."""
        return self._compressor.compress(data) + self._compressor.flush()


def packer_for(request: Request, reply: Reply) -> GzipPacker | None:
    """Return a packer for this reply; None where the client takes no gzip or bytes must stay."""
    already_packed = any(name.lower() == GZIP_HEADER[0] for name, _ in reply.headers)
    if reply.plain or already_packed or not _accepts_gzip(request):
        return None
    return GzipPacker()


def _accepts_gzip(request: Request) -> bool:
    """Tell whether the client takes gzip: in any case, `*` for the rest (RFC 9110, 12.5.3)."""
    weights = dict(
        map(_coding_and_weight, (request.header("accept-encoding") or "").lower().split(","))
    )
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _coding_and_weight(coding: str) -> tuple[str, float]:
    name, _, parameters = coding.partition(";")
    key, _, weight = parameters.partition("=")
    if key.strip() != "q":
        return name.strip(), 1.0
    try:
        return name.strip(), float(weight)
    except ValueError:
        return name.strip(), 0.0  # no number: plain bytes are safe with every client
