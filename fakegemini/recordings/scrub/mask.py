"""Mask the secrets of texts that are printed, such as the lines of a log."""

from __future__ import annotations

import re
from functools import lru_cache

from .spellings import SCRUBBED_VALUE

MASK = "***"
_FEWEST = 16
_LONG_WORD = re.compile(r"[^\s]{8}")
_WORD = r"[^\W\d_]{1,15}+(?:['’][^\W\d_]{1,3}+)?"
_PLAIN_TEXT = re.compile(rf"(?:\s*+(?:{_WORD}|\d{{1,6}}+)[.,;?!]{{0,3}}+(?=\s|$))*+\s*+")
_PLAIN_PATH = re.compile(r"(?:/(?:[a-z]{1,15}|v\d(?:alpha|beta)?\d?)(?![^/]))++")
_ANNOUNCEMENTS = (
    *("bearer", "basic", "token", "key", "digest", "negotiate", "pass", "secret", "pwd", "login"),
    *("credential", "auth"),
)
"""What may stand before a secret that is itself a short word."""

_ANNOUNCES_SECRET = re.compile("|".join(_ANNOUNCEMENTS), re.IGNORECASE)


def mask_secrets(text: str) -> str:
    """Return a text with a mask for each secret in it; where one stays, the mask alone.

    The rules are loaded with the first text that could hold one: not for words and small numbers.
    """
    if len(text) < _FEWEST or not _LONG_WORD.search(text) or _is_plain(text):
        return text
    return _mask_short(text) if len(text) <= 500 else _mask(text)


def _is_plain(text: str) -> bool:
    """Tell whether a text is nothing but short words and numbers, which no rule takes for secret.

    Looking for secrets takes longer than answering a create does.
    """
    looks_plain = _PLAIN_PATH.fullmatch(text) or _PLAIN_TEXT.fullmatch(text)
    return looks_plain is not None and not _announces_secret(text)


def _announces_secret(text: str) -> bool:
    """Tell whether a word is in a text, in any case, behind which a secret may be a short word."""
    if not text.isascii():
        return _ANNOUNCES_SECRET.search(text) is not None
    lower_text = text.lower()  # ten times as fast, and no letter of ASCII has a third form
    return any([word in lower_text for word in _ANNOUNCEMENTS])


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
