"""Find the web addresses in a text."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_LINK = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_TRAILING_PUNCTUATION = ".,;:!?)]}…»”"


def find_links(text: str) -> list[str]:
    """Return the web addresses, each once, without the punctuation of the sentence around them."""
    addresses = (hit[0].rstrip(_TRAILING_PUNCTUATION) for hit in _LINK.finditer(text))
    return list(dict.fromkeys(link for link in addresses if _has_host(link)))


def _has_host(link: str) -> bool:
    try:
        return bool(urlsplit(link).hostname)
    except ValueError:
        return False
