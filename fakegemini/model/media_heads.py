"""Read the head of an inline medium: the pixels of a picture, the seconds of a sound."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator

from ..wire.http import Json
from .quoting import replace_surrogates

_HEAD_LENGTH = 256 * 1024  # characters of base64: headers come early
_DEFAULT_RATE = 24_000  # samples a second of an l16 block that does not say its own


def describe_block(block: Json) -> str:
    """Return a media block in a few words: its type, and how large it is or where it lies."""
    kind = replace_surrogates(str(block.get("mime_type") or block.get("type")))
    data = block.get("data")
    if isinstance(data, str):
        size, length = read_pixel_size(block), read_seconds(block)
        pixel_note = f", {size[0]}x{size[1]} pixels" if size else ""
        length_note = f", {length:.1f} seconds" if length else ""
        return f"{kind}{pixel_note}{length_note}, {len(data) * 3 // 4 - data[-2:].count('=')} bytes"
    return f"{kind} at {replace_surrogates(str(block['uri']))}" if block.get("uri") else kind


def read_pixel_size(block: Json) -> tuple[int, int] | None:
    """Return width and height of an inline PNG, GIF or JPEG; None for anything else."""
    head = _decode_head(block)
    if head[:8] == b"\x89PNG\r\n\x1a\n" and len(head) >= 24:
        return struct.unpack(">II", head[16:24])
    if head[:4] == b"GIF8" and len(head) >= 10:
        return struct.unpack("<HH", head[6:10])
    return next(_jpeg_sizes(head), None) if head[:2] == b"\xff\xd8" else None


def read_seconds(block: Json) -> float | None:
    """Return how long an inline WAV or l16 block sounds; None where only a decoder could tell."""
    head, byte_count = _decode_head(block), len(str(block.get("data", ""))) * 3 // 4
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE" and len(head) >= 32:
        bytes_a_second = int.from_bytes(head[28:32], "little")
        return (byte_count - 44) / bytes_a_second if bytes_a_second else None
    if str(block.get("mime_type", "")).lower().startswith("audio/l16") and byte_count:
        rate = block.get("sample_rate")
        return byte_count / 2 / (rate if isinstance(rate, int) and rate > 0 else _DEFAULT_RATE)
    return None


def _decode_head(block: Json) -> bytes:
    """Return the first bytes of a block's data; none where it is not inline, or not base64."""
    data = block.get("data")
    if not isinstance(data, str):
        return b""
    head = data[:_HEAD_LENGTH]
    try:
        return base64.b64decode(head + "=" * (-len(head) % 4))
    except ValueError:
        return b""


def _jpeg_sizes(head: bytes) -> Iterator[tuple[int, int]]:
    """Yield the width and height that each frame header of a JPEG names."""
    position = 2
    while position + 9 <= len(head) and head[position] == 0xFF:
        if 0xC0 <= head[position + 1] <= 0xCF and head[position + 1] not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[position + 5 : position + 9])
            yield width, height
        position += 2 + int.from_bytes(head[position + 2 : position + 4])
