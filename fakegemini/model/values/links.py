"""The addresses in a text."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_LINK = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_AFTER = ".,;:!?)]}…»”"


def links(text: str) -> list[str]:
    """The web addresses, each once, without the punctuation of the sentence around them."""
    found = (hit[0].rstrip(_AFTER) for hit in _LINK.finditer(text))
    return list(dict.fromkeys(link for link in found if _readable(link)))


def _readable(link: str) -> bool:
    try:
        return bool(urlsplit(link).hostname)
    except ValueError:
        return False
