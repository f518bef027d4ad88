"""Samples as the bytes of a telephone line. Source: ITU-T G.711."""

from __future__ import annotations

from collections.abc import Iterable

_BIAS = 132
_MOST = 32635


def mulaw(samples: Iterable[int]) -> bytes:
    """The American and Japanese law."""
    return bytes(_mu(sample) for sample in samples)


def alaw(samples: Iterable[int]) -> bytes:
    """The law of the rest of the world."""
    return bytes(_a(sample) for sample in samples)


def _mu(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    size = min(abs(sample), _MOST) + _BIAS
    exponent = size.bit_length() - 8
    return ~(sign | exponent << 4 | size >> exponent + 3 & 0x0F) & 0xFF


def _a(sample: int) -> int:
    sign = 0x80 if sample >= 0 else 0
    size = (sample if sample >= 0 else ~sample) >> 4
    exponent = max(0, size.bit_length() - 4)
    mantissa = size >> max(0, exponent - 1) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55
