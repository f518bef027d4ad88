"""Pack answers as gzip, and unpack the gzip and deflate bodies of clients, servers and recordings.

The live server packs for whoever takes it, streams as well, event by event (recorded).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

from .http import Reply, Request

GZIP_HEADER = ("content-encoding", "gzip")
_GZIP_MAGIC = b"\x1f\x8b"
_ZLIB_MAGIC = b"\x78"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_FASTEST = 1
_IDENTITY = ("", "identity")
_WINDOWS = {"gzip": _GZIP_WINDOW, "x-gzip": _GZIP_WINDOW, "deflate": zlib.MAX_WBITS}
"""The window with which zlib unpacks each coding of `content-encoding` that we read."""


class GzipPacker:
    """Packs the bytes of one answer as gzip; the same bytes are always packed the same way."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_FASTEST, zlib.DEFLATED, _GZIP_WINDOW)

    def pack(self, data: bytes) -> bytes:
        """Pack some bytes so that a reader can unpack them before the next ones come."""
        return self._compressor.compress(data) + self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def finish(self, data: bytes = b"") -> bytes:
        """Pack the last bytes, and write the end of the gzip file."""
        return self._compressor.compress(data) + self._compressor.flush()


def packer_for(request: Request, reply: Reply) -> GzipPacker | None:
    """Choose the packer of a reply; None if the client takes no gzip or the reply stays plain."""
    already_packed = any(name.lower() == GZIP_HEADER[0] for name, _ in reply.headers)
    if reply.plain or already_packed or not _accepts_gzip(request):
        return None
    return GzipPacker()


def _accepts_gzip(request: Request) -> bool:
    """Tell whether the client takes gzip (RFC 9110, 12.5.3: any letter case, `*` is the rest)."""
    weights = dict(
        map(_coding_and_weight, (request.header("accept-encoding") or "").lower().split(","))
    )
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _coding_and_weight(coding: str) -> tuple[str, float]:
    """Split one entry of `accept-encoding` into its name and its weight, 1 if it has none."""
    name, _, parameters = coding.partition(";")
    key, _, weight = parameters.partition("=")
    if key.strip() != "q":
        return name.strip(), 1.0
    try:
        return name.strip(), float(weight)
    except ValueError:
        return name.strip(), 0.0  # a weight that is none: plain bytes are safe with every client


MOST_UNPACKED = 256 * 1024 * 1024
"""The largest body in bytes that is unpacked."""


def is_gzip(body: bytes) -> bool:
    """Tell whether a body begins as gzip does."""
    return body.startswith(_GZIP_MAGIC)


def pack_body(body: bytes) -> bytes:
    """Pack a whole body as gzip; the same body is always packed the same way."""
    return gzip.compress(body, mtime=0)


def unpack_body(body: bytes, coding: str = "") -> bytes:
    """Unpack a whole body; what its first bytes say counts more than its `content-encoding`.

    Some recorders unpack a body and keep the header, so a text comes back as it is. Raises
    `ValueError` for a packed body that is broken, and for a coding that we do not read.
    """
    coding = coding.strip().lower()
    try:
        if is_gzip(body):
            return _unpack_bounded(body, _GZIP_WINDOW)
        if coding == "deflate" and body.startswith(_ZLIB_MAGIC):
            return _unpack_bounded(body, zlib.MAX_WBITS)
        if coding not in _IDENTITY:
            body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"its body is packed as {coding}, which is not read") from None
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"a packed body that cannot be unpacked: {error}") from None
    return body


def _unpack_bounded(body: bytes, window: int) -> bytes:
    """Unpack a body, of one part behind the other; raises `ValueError` for a bomb."""
    unpacked = b""
    while body.strip(b"\0"):  # gzip may be padded
        unpacker = zlib.decompressobj(window)
        unpacked += unpacker.decompress(body, MOST_UNPACKED + 1 - len(unpacked))
        if len(unpacked) > MOST_UNPACKED:
            raise ValueError(
                f"a packed body of more than {MOST_UNPACKED} bytes, which nothing sends"
            )
        if not unpacker.eof:
            raise EOFError("it ends too early")
        body = unpacker.unused_data
    return unpacked


def make_unpacker(coding: str) -> Callable[[bytes], bytes | None] | None:
    """Make the function that unpacks a body chunk by chunk; None for a coding that we do not read.

    The function returns None for a chunk that it cannot unpack.
    """
    coding = coding.strip().lower()
    if coding in _IDENTITY:
        return lambda raw: raw
    if coding not in _WINDOWS:
        return None
    decompressor = zlib.decompressobj(_WINDOWS[coding])

    def unpack_chunk(raw: bytes) -> bytes | None:
        try:
            return decompressor.decompress(raw)
        except zlib.error:
            return None

    return unpack_chunk
