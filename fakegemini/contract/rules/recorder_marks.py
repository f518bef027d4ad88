"""What recorders do to traffic before they save it, so that no rule blames the server for it.

Seen in recordings of other projects (2026-05 to 2026-10): times set to a fixed day beside real
ids, ids replaced by a placeholder, the members of bodies sorted, and the last blank line of a
stream stripped, as editors do. Rules ask `is_redacted` and `is_blanked_time`; a report names each
mark once, by `find_marks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ...recordings.exchange import Exchange
from ...recordings.server_names import REDACTED
from ...wire.sse import Decoder, Frame

_PLACEHOLDER = re.compile(r"(?:v1_)?X{3,}|\[[^\[\]]+\]|interaction[-_]\d+", re.IGNORECASE)
_BLANKED_TIME = re.compile(r"(?:1970|2000)-01-01(?:T00:00:00(?:\.0+)?Z?)?")
_BLANKED_MEMBER = re.compile(
    rb'"(?:created|updated)"\s*:\s*"((?:1970|2000)-01-01(?:T00:00:00(?:\.0+)?Z?)?)"'
)
_ID_MEMBER = re.compile(rb'"(?:interaction_)?id"\s*:\s*"([^"]*)"')
_FEWEST_SORTED = 5
"""So many members in alphabetical order are no accident: the server writes `id, status, usage`."""


def is_redacted(text: str) -> bool:
    """Say whether a recorder put this where an id or a signature stood."""
    return bool(REDACTED.search(text) or _PLACEHOLDER.fullmatch(text))


def is_blanked_time(value: Any) -> bool:
    """Say whether a recorder put this where a time stood: the first second of 1970 or 2000."""
    return isinstance(value, str) and bool(_BLANKED_TIME.fullmatch(value))


def final_frame(remaining: bytes) -> Frame | None:
    """Return the `[DONE]` frame whose blank line was stripped; None if the bytes are not that."""
    frames = Decoder().feed(remaining.rstrip(b"\r\n") + b"\n\n") if b"[DONE]" in remaining else []
    return frames[0] if len(frames) == 1 and frames[0].is_done else None


@dataclass(frozen=True, slots=True)
class RecorderMark:
    """One thing that recorders do. `find` gives what shows it in an exchange, empty if nothing."""

    name: str
    sentence: str
    find: Callable[[Exchange], str]


def find_marks(exchange: Exchange) -> Iterator[tuple[RecorderMark, str]]:
    """Find what a recorder did to an exchange, each mark with what shows it."""
    for mark in MARKS:
        sign = mark.find(exchange)
        if sign:
            yield mark, sign


def _find_blanked_times(exchange: Exchange) -> str:
    match = _BLANKED_MEMBER.search(exchange.response_body)
    return match[1].decode() if match else ""


def _find_redacted_ids(exchange: Exchange) -> str:
    ids = (match.decode("utf-8", "replace") for match in _ID_MEMBER.findall(exchange.response_body))
    return next((text for text in ids if is_redacted(text)), "")


def _find_sorted_members(exchange: Exchange) -> str:
    if exchange.is_stream or exchange.response_body[:1] != b"{":
        return ""
    try:
        body = exchange.response_json
    except ValueError:
        return ""
    if not isinstance(body, dict) or len(body) < _FEWEST_SORTED:
        return ""
    names = list(body)
    return f"{names[0]}, {names[1]}, …" if names == sorted(names) else ""


def _find_stripped_end(exchange: Exchange) -> str:
    if not exchange.is_stream or exchange.response_body[-2:] == b"\n\n":
        return ""
    return "[DONE]" if final_frame(exchange.frames[1]) else ""


MARKS: tuple[RecorderMark, ...] = (
    RecorderMark("blanked times", "`created` and `updated` are set to a day", _find_blanked_times),
    RecorderMark("redacted ids", "ids are replaced by placeholders", _find_redacted_ids),
    RecorderMark("sorted members", "the members of bodies are sorted", _find_sorted_members),
    RecorderMark("stripped end", "streams lack their last blank line", _find_stripped_end),
)
"""What recorders do, a row each."""
