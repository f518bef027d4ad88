"""Write an MP4 of JPEG pictures, without a video library. Source: ISO/IEC 14496-12 and -14."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_TICKS_PER_SECOND = 1000  # of the file's clock
_JPEG_OBJECT_TYPE = 0x6C  # what MPEG-4 calls a track of JPEG pictures
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def encode_mp4(pictures: Sequence[bytes], width: int, height: int, seconds: float) -> bytes:
    """Return a file that shows the JPEG pictures one after the other, each equally long."""
    frame_ticks = round(seconds * _TICKS_PER_SECOND / len(pictures))
    type_box = _make_box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2mp41")
    data_box = _make_box(b"mdat", b"".join(pictures))
    data_start = len(type_box) + 8
    table = _make_sample_table(pictures, width, height, frame_ticks, data_start)
    return type_box + data_box + _make_movie_box(table, width, height, frame_ticks * len(pictures))


def _make_box(name: bytes, *parts: bytes) -> bytes:
    """Return a box: its size, its name, and its content."""
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def _make_full_box(name: bytes, *parts: bytes, flags: int = 0) -> bytes:
    """Return a box whose content begins with a version and flags."""
    return _make_box(name, struct.pack(">I", flags), *parts)


def _make_movie_box(table: bytes, width: int, height: int, ticks: int) -> bytes:
    header = struct.pack(">IIIIIH10x", 0, 0, _TICKS_PER_SECOND, ticks, 0x10000, 0x100)
    track = struct.pack(">IIIII8xHHHxx", 0, 0, 1, 0, ticks, 0, 0, 0)
    size = struct.pack(">II", width << 16, height << 16)
    media = struct.pack(">IIIIHxx", 0, 0, _TICKS_PER_SECOND, ticks, 0x55C4)
    handler = struct.pack(">I4s12x", 0, b"vide") + b"fakegemini\0"
    data_information = _make_box(
        b"dinf", _make_full_box(b"dref", struct.pack(">I", 1), _make_full_box(b"url ", flags=1))
    )
    return _make_box(
        b"moov",
        _make_full_box(b"mvhd", header, _MATRIX, bytes(24), struct.pack(">I", 2)),
        _make_box(
            b"trak",
            _make_full_box(b"tkhd", track, _MATRIX, size, flags=3),
            _make_box(
                b"mdia",
                _make_full_box(b"mdhd", media),
                _make_full_box(b"hdlr", handler),
                _make_box(
                    b"minf", _make_full_box(b"vmhd", bytes(8), flags=1), data_information, table
                ),
            ),
        ),
    )


def _make_sample_table(
    pictures: Sequence[bytes], width: int, height: int, frame_ticks: int, data_start: int
) -> bytes:
    count = len(pictures)
    entry = struct.pack(
        ">6xH16xHHIIIH32sHh", 1, width, height, 72 << 16, 72 << 16, 0, 1, b"", 24, -1
    )
    return _make_box(
        b"stbl",
        _make_full_box(
            b"stsd",
            struct.pack(">I", 1),
            _make_box(b"mp4v", entry, _make_full_box(b"esds", _make_decoder_descriptor())),
        ),
        _make_full_box(b"stts", struct.pack(">III", 1, count, frame_ticks)),
        _make_full_box(b"stsc", struct.pack(">IIII", 1, 1, count, 1)),
        _make_full_box(b"stsz", struct.pack(f">II{count}I", 0, count, *map(len, pictures))),
        _make_full_box(b"stco", struct.pack(">II", 1, data_start)),
    )


def _make_decoder_descriptor() -> bytes:
    config = _make_descriptor(4, struct.pack(">BB3xII", _JPEG_OBJECT_TYPE, 4 << 2 | 1, 0, 0))
    return _make_descriptor(3, struct.pack(">HB", 1, 0) + config + _make_descriptor(6, b"\2"))


def _make_descriptor(tag: int, body: bytes) -> bytes:
    return bytes((tag, len(body))) + body
