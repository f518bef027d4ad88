"""Opus in Ogg without an encoder: packets of silence. Source: RFC 3533, RFC 6716, RFC 7845."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SILENCE = b"\xf8\xff\xfe"  # 20 ms of one channel, full band, with nothing in it
_TICKS = 960  # a packet, at the 48 000 a second in which Ogg counts
_SERIAL = 1
_FIRST, _LAST = 2, 4
_A_PAGE = 50  # packets


def silence(seconds: float) -> bytes:
    """A whole file of at least that length."""
    packets = max(1, -(-round(seconds * 48_000) // _TICKS))
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    maker = b"fakegemini"
    tags = b"OpusTags" + struct.pack("<I", len(maker)) + maker + struct.pack("<I", 0)
    pages = [_page(0, 0, _FIRST, [head]), _page(1, 0, 0, [tags]), *_sound(packets)]
    return b"".join(pages)


def _sound(packets: int) -> Iterator[bytes]:
    for number, done in enumerate(range(0, packets, _A_PAGE), 2):
        here = min(_A_PAGE, packets - done)
        last = _LAST if done + here == packets else 0
        yield _page(number, (done + here) * _TICKS, last, [_SILENCE] * here)


def _page(number: int, position: int, flags: int, packets: list[bytes]) -> bytes:
    sizes = bytes(map(len, packets))  # none of ours is as long as 255 bytes
    before = b"OggS" + struct.pack("<BBqII", 0, flags, position, _SERIAL, number)
    after = bytes((len(sizes),)) + sizes + b"".join(packets)
    check = struct.pack("<I", _crc(before + bytes(4) + after))
    return before + check + after


def _crc(raw: bytes) -> int:
    value = 0
    for byte in raw:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
    return value
