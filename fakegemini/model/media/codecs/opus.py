"""Write Opus in Ogg without an encoder: packets of silence.

Source: RFC 3533, RFC 6716, RFC 7845.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SILENCE = b"\xf8\xff\xfe"  # 20 ms of one channel, full band, with nothing in it
_PACKET_TICKS = 960  # of a packet, at the 48,000 a second in which Ogg counts
_SERIAL = 1
_FIRST_PAGE, _LAST_PAGE = 2, 4  # flags of a page
_PACKETS_PER_PAGE = 50


def encode_silence(seconds: float) -> bytes:
    """Return a whole file of at least that length."""
    packets = max(1, -(-round(seconds * 48_000) // _PACKET_TICKS))
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    vendor = b"fakegemini"
    tags = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)
    pages = [
        _make_page(0, 0, _FIRST_PAGE, [head]),
        _make_page(1, 0, 0, [tags]),
        *_sound_pages(packets),
    ]
    return b"".join(pages)


def _sound_pages(packets: int) -> Iterator[bytes]:
    for number, start in enumerate(range(0, packets, _PACKETS_PER_PAGE), 2):
        count = min(_PACKETS_PER_PAGE, packets - start)
        flags = _LAST_PAGE if start + count == packets else 0
        yield _make_page(number, (start + count) * _PACKET_TICKS, flags, [_SILENCE] * count)


def _make_page(number: int, position: int, flags: int, packets: list[bytes]) -> bytes:
    sizes = bytes(map(len, packets))  # none of ours is as long as 255 bytes
    header = b"OggS" + struct.pack("<BBqII", 0, flags, position, _SERIAL, number)
    content = bytes((len(sizes),)) + sizes + b"".join(packets)
    checksum = struct.pack("<I", _crc(header + bytes(4) + content))
    return header + checksum + content


def _crc(raw: bytes) -> int:
    """Return the checksum of a page, as RFC 3533 defines it: CRC-32 without reflection."""
    value = 0
    for byte in raw:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
    return value
