"""An MP4 of JPEG pictures, written without a video library. Source: ISO/IEC 14496-12 and -14."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_SECOND = 1000  # ticks of the file's clock
_JPEG = 0x6C  # the object type of JPEG in MPEG-4
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def mp4(pictures: Sequence[bytes], width: int, height: int, seconds: float) -> bytes:
    """A file that shows the JPEG pictures one after the other, each equally long."""
    each = round(seconds * _SECOND / len(pictures))
    kind = box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2mp41")
    data = box(b"mdat", b"".join(pictures))
    begins = len(kind) + 8
    table = _samples(pictures, width, height, each, begins)
    return kind + data + _movie(table, width, height, each * len(pictures))


def box(name: bytes, *parts: bytes) -> bytes:
    """A box: its size, its name, what is in it."""
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def full(name: bytes, *parts: bytes, flags: int = 0) -> bytes:
    """A box with a version and flags."""
    return box(name, struct.pack(">I", flags), *parts)


def _movie(table: bytes, width: int, height: int, ticks: int) -> bytes:
    header = struct.pack(">IIIIIH10x", 0, 0, _SECOND, ticks, 0x10000, 0x100)
    track = struct.pack(">IIIII8xHHHxx", 0, 0, 1, 0, ticks, 0, 0, 0)
    size = struct.pack(">II", width << 16, height << 16)
    media = struct.pack(">IIIIHxx", 0, 0, _SECOND, ticks, 0x55C4)
    handler = struct.pack(">I4s12x", 0, b"vide") + b"fakegemini\0"
    here = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1)))
    return box(
        b"moov",
        full(b"mvhd", header, _MATRIX, bytes(24), struct.pack(">I", 2)),
        box(
            b"trak",
            full(b"tkhd", track, _MATRIX, size, flags=3),
            box(
                b"mdia",
                full(b"mdhd", media),
                full(b"hdlr", handler),
                box(b"minf", full(b"vmhd", bytes(8), flags=1), here, table),
            ),
        ),
    )


def _samples(pictures: Sequence[bytes], width: int, height: int, each: int, begins: int) -> bytes:
    many = len(pictures)
    entry = struct.pack(
        ">6xH16xHHIIIH32sHh", 1, width, height, 72 << 16, 72 << 16, 0, 1, b"", 24, -1
    )
    return box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), box(b"mp4v", entry, full(b"esds", _decoder()))),
        full(b"stts", struct.pack(">III", 1, many, each)),
        full(b"stsc", struct.pack(">IIII", 1, 1, many, 1)),
        full(b"stsz", struct.pack(f">II{many}I", 0, many, *map(len, pictures))),
        full(b"stco", struct.pack(">II", 1, begins)),
    )


def _decoder() -> bytes:
    config = _descriptor(4, struct.pack(">BB3xII", _JPEG, 4 << 2 | 1, 0, 0))
    return _descriptor(3, struct.pack(">HB", 1, 0) + config + _descriptor(6, b"\2"))


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes((tag, len(body))) + body
