"""Spell base64 in one way, so that its bytes count: media, and addresses that hold their data."""

from __future__ import annotations

import re
from typing import Any

from ..protocol.step_reading import CONTENT_TYPES
from .scrub.spellings import SCRUBBED_VALUE

_ONE_ALPHABET = str.maketrans("-_", "+/", "= \t\r\n")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_IDLE_BITS = {2: 4, 3: 2}
"""How many bits of the last letter say nothing, by the letters behind the last group of four."""

_MEDIA = CONTENT_TYPES - {"text"}
_DATA_ADDRESS = re.compile(r"(?i)data:[^,]*;base64,")


def spell_data(value: Any) -> Any:
    """Spell the base64 of media in one alphabet, without padding, line breaks and idle bits.

    A medium is a content block that is no text; what a function was called with is nobody's medium.
    """
    if isinstance(value, dict):
        is_block = is_medium(value)
        return {
            key: _spell_member(key, member) if is_block and isinstance(member, str)
            else member if key == "arguments"
            else spell_data(member)
            for key, member in value.items()
        }  # fmt: skip
    return [spell_data(element) for element in value] if isinstance(value, list) else value


def is_medium(value: Any) -> bool:
    """Tell whether a value is a content block that is no text."""
    kind = value.get("type") if isinstance(value, dict) else None
    return isinstance(kind, str) and kind in _MEDIA


def data_head(address: str) -> str:
    """Return what stands before the base64 of an address with data; empty for any other."""
    match = _DATA_ADDRESS.match(address)
    return match[0] if match else ""


def _spell_member(key: str, text: str) -> str:
    if key == "data":
        return spell_base64(text)
    head = data_head(text) if key == "uri" else ""
    return f"{head.lower()}{spell_base64(text[len(head) :])}" if head else text


def spell_base64(text: str) -> str:
    """Return base64 as any other spelling of its bytes is returned, too; no placeholder changes."""
    if SCRUBBED_VALUE.search(text):
        return text
    plain = text.translate(_ONE_ALPHABET)
    idle = _IDLE_BITS.get(len(plain) % 4)
    last = _ALPHABET.find(plain[-1]) if idle else -1
    if idle is None or last < 0:
        return plain
    return f"{plain[:-1]}{_ALPHABET[last >> idle << idle]}"
