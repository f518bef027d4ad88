"""Chance that repeats itself: the same text always draws the same bytes."""

from __future__ import annotations

import hashlib


def draw_bytes(seed: str, count: int) -> bytes:
    """Return `count` bytes (at most 32) that look random and depend on the seed's text alone.

    A seed may hold lone surrogates: a client can send them as JSON escapes.
    """
    return hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()[:count]
