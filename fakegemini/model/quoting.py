"""Quote what a client sent: whole characters that can be sent as UTF-8."""

from __future__ import annotations

import unicodedata

from ..wording import cut_pieces

_ZERO_WIDTH_JOINER = "\u200d"
_GLUE = f"{_ZERO_WIDTH_JOINER}\ufe0f"  # the joiner, and the selector of coloured emoji


def replace_surrogates(text: str) -> str:
    """Return `text` with a question mark for each lone surrogate, which UTF-8 cannot hold."""
    if text.isascii():
        return text
    try:
        for piece in cut_pieces(text):
            piece.encode()
    except UnicodeEncodeError:
        return "".join(piece.encode("utf-8", "replace").decode() for piece in cut_pieces(text))
    return text


def shorten_quote(text: str, limit: int) -> str:
    """Return at most `limit` characters, with an ellipsis where something is missing.

    Unlike `wording.shorten` it never cuts between a letter and its accent or inside an emoji,
    and leaves no space before the ellipsis: what it cuts is any language that a client sends.
    """
    if len(text) <= limit:
        return text
    cut = limit - 1
    while cut > 0 and joins_characters(text[cut - 1], text[cut]):
        cut -= 1
    return text[:cut].rstrip() + "…"


def joins_characters(first: str, second: str) -> bool:
    """Return whether a cut between the two would tear what a reader sees as one character."""
    return bool(unicodedata.combining(second)) or second in _GLUE or first == _ZERO_WIDTH_JOINER
