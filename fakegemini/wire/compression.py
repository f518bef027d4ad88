"""Pack answers as gzip, and unpack the gzip and deflate bodies of clients, servers and recordings.

The live server packs for whoever takes it, streams as well, event by event (recorded).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeAlias

from .http import Reply, Request

GZIP_HEADER = ("content-encoding", "gzip")
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_FASTEST = 1
_IDENTITY = ("", "identity")


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
    if reply.plain or not _accepts_gzip(request):
        return None
    if any(name.lower() == GZIP_HEADER[0] for name, _ in reply.headers):
        return None
    return GzipPacker()


def _accepts_gzip(request: Request) -> bool:
    """Tell whether the client takes gzip (RFC 9110, 12.5.3: any letter case, `*` is the rest)."""
    return _names_gzip(request.header("accept-encoding") or "")


@lru_cache(maxsize=64)
def _names_gzip(codings: str) -> bool:
    weights = dict(map(_coding_and_weight, codings.lower().split(",")))
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

MOST_UNPACKED_TOGETHER = 2 * MOST_UNPACKED
"""How many bytes the packed bodies of one file may have when they are unpacked."""


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
    for name in reversed([name.strip() for name in coding.lower().split(",")] or [""]):
        unpacked = _unpack_coding(body, name)
        if unpacked is not body:
            _count_as_unpacked(len(unpacked))
        body = unpacked
    return body


_unpacked_total: ContextVar[list[int] | None] = ContextVar("unpacked_total", default=None)


@contextmanager
def unpacking_together() -> Iterator[None]:
    """Hold what is unpacked while the block runs, such as all of one file, to one limit.

    Beyond `MOST_UNPACKED_TOGETHER` bytes `unpack_body` raises `ValueError`.
    """
    token = _unpacked_total.set([0])
    try:
        yield
    finally:
        _unpacked_total.reset(token)


def _count_as_unpacked(size: int) -> None:
    total = _unpacked_total.get()
    if total is None:
        return
    total[0] += size
    if total[0] > MOST_UNPACKED_TOGETHER:
        raise ValueError(
            f"with the packed bodies before it, it is more than {MOST_UNPACKED_TOGETHER} bytes"
        )


def _unpack_coding(body: bytes, coding: str) -> bytes:
    """Undo one coding of a body."""
    try:
        if is_gzip(body):
            return _unpack_bounded(body, _GZIP_WINDOW)
        if coding in _IDENTITY or not body or _is_text(body):
            return body
        if coding == "deflate":
            return _unpack_deflate(body)
        unpacker = make_unpacker(coding)
        if unpacker is None:
            raise ValueError(f"it is packed as {coding}, which is not read{_package_hint(coding)}")
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"it is packed and cannot be unpacked: {error}") from None
    unpacked = bytearray()
    for start in range(0, len(body), _PIECE_BYTES):
        piece = unpacker(body[start : start + _PIECE_BYTES])
        if piece is None:
            raise ValueError(f"it is packed as {coding} and cannot be unpacked")
        unpacked += piece
        _check_unpacked(len(unpacked))
    return bytes(unpacked)


_PIECE_BYTES = 256
"""How much of a body is unpacked at once where the package sets no limit to what comes of it."""


def _check_unpacked(size: int) -> None:
    """Raise `ValueError` for a bomb."""
    if size > MOST_UNPACKED:
        raise ValueError(f"a packed body of more than {MOST_UNPACKED} bytes, which nothing sends")


def _unpack_deflate(body: bytes) -> bytes:
    """Unpack a body in zlib's format, or raw as some servers send it."""
    try:
        return _unpack_bounded(body, zlib.MAX_WBITS)
    except zlib.error:
        return _unpack_bounded(body, -zlib.MAX_WBITS)


def _unpack_bounded(body: bytes, window: int) -> bytes:
    """Unpack a body, of one part behind the other; raises `ValueError` for a bomb."""
    unpacked = b""
    while body.strip(b"\0"):  # gzip may be padded
        unpacker = zlib.decompressobj(window)
        unpacked += unpacker.decompress(body, MOST_UNPACKED + 1 - len(unpacked))
        _check_unpacked(len(unpacked))
        if not unpacker.eof:
            raise EOFError("it ends too early")
        body = unpacker.unused_data
    return unpacked


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _package_hint(coding: str) -> str:
    """Name the package with which a coding is read, where there is one."""
    packages = {"br": "brotli", "zstd": "zstandard"}
    return f" without the package {packages[coding]}" if coding in packages else ""


Unpacker: TypeAlias = Callable[[bytes], bytes | None]
"""Unpacks a body chunk by chunk; returns None for a chunk that it cannot unpack."""


def make_unpacker(coding: str) -> Unpacker | None:
    """Make the unpacker of a coding, or of a list of them; None for one that we do not read.

    `br` and `zstd` are read where the packages are installed with which clients read them.
    """
    names = [name.strip() for name in coding.lower().split(",")]
    if len(names) > 1:
        return _chain([make_unpacker(name) for name in reversed(names)])
    coding = names[0]
    if coding in _IDENTITY:
        return lambda raw: raw
    if coding in ("gzip", "x-gzip"):
        return _gzip_unpacker()
    if coding == "deflate":
        return _deflate_unpacker()
    if coding == "br":
        return _optional_unpacker("brotli", "Decompressor", "process")
    if coding == "zstd":
        return _optional_unpacker("zstandard", "ZstdDecompressor", "decompress")
    return None


def _chain(unpackers: list[Unpacker | None]) -> Unpacker | None:
    """Make one unpacker of several, each of which unpacks what the one before gives."""
    known = [unpacker for unpacker in unpackers if unpacker]
    if len(known) < len(unpackers):
        return None

    def unpack_chunk(raw: bytes) -> bytes | None:
        unpacked: bytes | None = raw
        for unpack in known:
            unpacked = unpack(unpacked) if unpacked else unpacked
        return unpacked

    return unpack_chunk


def _gzip_unpacker() -> Unpacker:
    """Make the unpacker of gzip, which may come in several members (RFC 1952, 2.2)."""
    decompressor = zlib.decompressobj(_GZIP_WINDOW)

    def unpack_chunk(raw: bytes) -> bytes | None:
        nonlocal decompressor
        unpacked = b""
        try:
            while raw:
                if decompressor.eof:
                    if not raw.strip(b"\0"):
                        break  # padding behind the last member
                    decompressor = zlib.decompressobj(_GZIP_WINDOW)
                unpacked += decompressor.decompress(raw)
                raw = decompressor.unused_data
        except zlib.error:
            return None
        return unpacked

    return unpack_chunk


def _deflate_unpacker() -> Unpacker:
    """Make the unpacker of deflate: of zlib's format, or raw as some servers send it."""
    decompressor: zlib._Decompress | None = None

    def unpack_chunk(raw: bytes) -> bytes | None:
        nonlocal decompressor
        try:
            if decompressor is None:
                decompressor = zlib.decompressobj(zlib.MAX_WBITS)
                try:
                    return decompressor.decompress(raw)
                except zlib.error:
                    decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
            return decompressor.decompress(raw)
        except zlib.error:
            return None

    return unpack_chunk


def _optional_unpacker(module_name: str, maker: str, method: str) -> Unpacker | None:
    """Make an unpacker with a package that may be missing; then None."""
    try:
        module: Any = import_module(module_name)
    except ImportError:
        return None
    decompressor = getattr(module, maker)()
    if hasattr(decompressor, "decompressobj"):
        decompressor = decompressor.decompressobj()

    def unpack_chunk(raw: bytes) -> bytes | None:
        try:
            unpacked: bytes = getattr(decompressor, method)(raw)
        except Exception:  # each package has an error of its own
            return None
        return unpacked

    return unpack_chunk
