"""Mask the secrets of texts that are printed, such as the lines of a log."""

from __future__ import annotations

import re
from functools import lru_cache

from .spellings import SCRUBBED_VALUE

MASK = "***"
_FEWEST = 16
_LONG_WORD = re.compile(r"[^\s]{8}")


def mask_secrets(text: str) -> str:
    """Return a text with a mask for each secret in it; where one stays, the mask alone.

    The rules are loaded with the first text that could hold one.
    """
    if len(text) < _FEWEST or not _LONG_WORD.search(text):
        return text
    return _mask_short(text) if len(text) <= 500 else _mask(text)


@lru_cache(500)
def _mask_short(text: str) -> str:
    return _mask(text)


def _mask(text: str) -> str:
    from .remaining import find_secrets
    from .scrubber import Scrubber

    scrubber = Scrubber()
    scrubber.learn_body(text)
    clean = scrubber.scrub_body(text)
    if clean != text:
        clean = SCRUBBED_VALUE.sub(MASK, clean)
    return MASK if find_secrets(clean) else clean
