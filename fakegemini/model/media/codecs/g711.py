"""Encode samples as the bytes of a telephone line. Source: ITU-T G.711."""

from __future__ import annotations

from collections.abc import Iterable

_BIAS = 132
_MAX_AMPLITUDE = 32635


def encode_mulaw(samples: Iterable[int]) -> bytes:
    """Return a byte a sample, by the μ-law of America and Japan."""
    return bytes(_encode_mulaw_sample(sample) for sample in samples)


def encode_alaw(samples: Iterable[int]) -> bytes:
    """Return a byte a sample, by the A-law of the rest of the world."""
    return bytes(_encode_alaw_sample(sample) for sample in samples)


def _encode_mulaw_sample(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _MAX_AMPLITUDE) + _BIAS
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 0x0F) & 0xFF


def _encode_alaw_sample(sample: int) -> int:
    sign = 0x80 if sample >= 0 else 0
    magnitude = (sample if sample >= 0 else ~sample) >> 4
    exponent = max(0, magnitude.bit_length() - 4)
    mantissa = magnitude >> max(0, exponent - 1) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55
