"""Move addresses from one server to another: what a reply says about where to go next."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

LIVE_ORIGIN = r"https?://(?:[\w-]+\.)*googleapis\.com(?::\d+)?"
"""A regular expression for the beginning of an address of a live server."""


class OriginMover:
    """Moves the addresses of a recorded server, and of any live one, to another server.

    Only what is an address as a whole is moved, not what stands in a sentence. A path stays.

    recorded_uri: any address of the recorded server
    base: the address of the other, such as `http://127.0.0.1:8080`
    moved: takes each address that was moved, and what it was before
    """

    def __init__(
        self, recorded_uri: str, base: str, *, moved: dict[str, str] | None = None
    ) -> None:
        address = urlsplit(recorded_uri)
        origins = [re.escape(f"{address.scheme}://{address.netloc}")] if address.netloc else []
        origins.append(LIVE_ORIGIN)
        self._base = base
        self._moved = {} if moved is None else moved
        self._pattern = re.compile(rf"(?:{'|'.join(origins)})(?=[/?#]\S*\Z|\Z)", re.IGNORECASE)

    def move_text(self, text: str) -> str:
        """Return an address on the other server, and any other text as it is."""
        match = self._pattern.match(text) if text[:4].lower() == "http" else None
        if match is None:
            return text
        new_text = f"{self._base}{text[match.end() :]}"
        self._moved[new_text] = text
        return new_text

    def move_all(self, value: Any) -> Any:
        """Return a JSON value with the addresses in it moved; the same object without any."""
        return map_texts(value, self.move_text)


_IN_BRACKETS = re.compile(r"<([^<>\s]+)>")


def map_header(value: str, change: Callable[[str], str]) -> str:
    """Return the value of a header with the addresses in it changed.

    One that is alone, or without its scheme (`//host/path`), or those in the brackets of `Link`.
    """
    if value.startswith("//"):
        address = f"https:{value}"
        return value if change(address) == address else change(address)
    if "<" in value:
        return _IN_BRACKETS.sub(lambda match: f"<{change(match[1])}>", value)
    return change(value)


def map_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with each text in it changed; the same object where none changes."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        members = {key: map_texts(member, change) for key, member in value.items()}
        is_same = all(members[key] is value[key] for key in value)
        return value if is_same else members
    if isinstance(value, list):
        elements = [map_texts(element, change) for element in value]
        is_same = all(new is old for new, old in zip(elements, value, strict=True))
        return value if is_same else elements
    return value
