"""Write MP3 without an encoder: frames of silence. Source: ISO/IEC 11172-3, layer III."""

from __future__ import annotations

_HEADER = bytes((0xFF, 0xFB, 0x54, 0xC4))  # MPEG-1 layer III, 64 kbit/s, 48 kHz, one channel
_FRAME_SIZE = 144 * 64_000 // 48_000  # bytes
_FRAME_SAMPLES = 1152  # of 48 000 a second


def encode_silence(seconds: float) -> bytes:
    """Return frames for at least that long; behind its header a silent frame is all zeros."""
    frame = _HEADER.ljust(_FRAME_SIZE, b"\0")
    return frame * max(1, -(-round(seconds * 48_000) // _FRAME_SAMPLES))
