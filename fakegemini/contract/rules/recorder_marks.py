"""What recorders do to traffic before they save it, so that no rule blames the server for it.

Seen in recordings of other projects (2026-05 to 2026-10): times set to a fixed day beside real
ids, ids replaced by a placeholder, the members of bodies sorted, and the last blank line of a
stream stripped, as editors do. Rules ask `is_redacted` and `is_blanked_time`; a report names each
mark once, by `find_marks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...recordings.exchange import Exchange
from ...recordings.server_names import holds_redaction
from ...wire.sse import Decoder, Frame

_PLACEHOLDER = re.compile(r"(?:v1_)?X{3,}|\[[^\[\]]+\]|interaction[-_]\d+", re.IGNORECASE)
_BLANKED_TIME = re.compile(r"(?:1970|20[01]\d|202[0-5])-01-01(?:T00:00:00(?:\.0+)?Z?)?")
_BLANKED_MEMBER = re.compile(
    rb'"(?:created|updated)"\s*:\s*"((?:1970|20[01]\d|202[0-5])-01-01(?:T00:00:00(?:\.0+)?Z?)?)"'
)
_LIVE_ID = re.compile(r"v1_[\w-]{40,}")
"""The form of an id of the server, which spares it the search for the words of recorders."""
_PARENT_MEMBER = re.compile(r'"previous_interaction_id"\s*:\s*"([^"]+)"')
_ID_MEMBER = re.compile(r'"id"\s*:\s*"([^"]*)"')
_FEWEST_SORTED = 5
"""So many members in alphabetical order are no accident: the server writes `id, status, usage`."""


def is_redacted(text: str) -> bool:
    """Say whether a recorder put this where an id or a signature stood."""
    return holds_redaction(text) or _PLACEHOLDER.fullmatch(text) is not None


def is_blanked_time(value: Any) -> bool:
    """Say whether a recorder put this where a time stood: a New Year before the API."""
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
    body = exchange.response_body
    match = _BLANKED_MEMBER.search(body) if b"-01-01" in body else None  # the short way first
    return match[1].decode() if match else ""


def _find_redacted_ids(exchange: Exchange) -> str:
    name = _id_of(exchange)
    if not isinstance(name, str) or _LIVE_ID.fullmatch(name):
        return ""
    return name if is_redacted(name) else ""


def _id_of(exchange: Exchange) -> Any:
    """Return the id that an answer names, of a stream that of its first event; None without."""
    if exchange.is_stream:
        frames = exchange.frames[0]
        match = _ID_MEMBER.search(frames[0].data) if frames else None
        return match[1] if match else None
    body = _body_of(exchange)
    return body.get("id") if body else None


def _find_sorted_members(exchange: Exchange) -> str:
    body = _body_of(exchange) or {}
    previous = ""
    for name in body:  # the server begins with `id, status, usage, created`: the fourth ends it
        if name < previous:
            return ""
        previous = name
    return f"{', '.join(list(body)[:2])}, …" if len(body) >= _FEWEST_SORTED else ""


def _body_of(exchange: Exchange) -> dict[str, Any] | None:
    """Return the JSON object that an answer is; None for a stream and for anything else."""
    if exchange.is_stream:
        return None
    try:
        body = exchange.response_json
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _find_stripped_end(exchange: Exchange) -> str:
    if exchange.response_body[-2:] == b"\n\n" or not exchange.is_stream:
        return ""
    return "[DONE]" if final_frame(exchange.frames[1]) else ""


def _find_printed_events(exchange: Exchange) -> str:
    is_printed = exchange.is_stream and b"\ndata: {\n" in exchange.response_body
    return "data: {" if is_printed else ""


def find_late_create(exchanges: Sequence[Exchange]) -> str:
    """Return the id of a create that stands behind a request about it; empty if none does."""
    mentioned: set[str] = set()
    created: set[str] = set()
    for exchange in exchanges:
        if exchange.operation == "create":
            identifier = exchange.created_id
            if (
                identifier in mentioned
                and identifier not in created
                and not is_redacted(identifier)
            ):
                return identifier
            created.add(identifier)
            mentioned.update(_parents_in(exchange))
        elif exchange.interaction_id:
            mentioned.add(exchange.interaction_id)
    return ""


def _parents_in(exchange: Exchange) -> Iterator[str]:
    body = exchange.request_body
    if b"previous_interaction_id" in body:
        match = _PARENT_MEMBER.search(body.decode("utf-8", "replace"))
        if match:
            yield match[1]


LATE_CREATE = RecorderMark(
    "late creates", "creates stand behind requests about what they made", lambda _: ""
)
"""Recorders save an exchange at its end: a stream stands behind the polls of what it made."""
MARKS: tuple[RecorderMark, ...] = (
    RecorderMark("blanked times", "`created` and `updated` are set to a day", _find_blanked_times),
    RecorderMark("redacted ids", "ids are replaced by placeholders", _find_redacted_ids),
    RecorderMark("sorted members", "the members of bodies are sorted", _find_sorted_members),
    RecorderMark("printed events", "events are printed over several lines", _find_printed_events),
    RecorderMark("stripped end", "streams lack their last blank line", _find_stripped_end),
)
"""What recorders do, a row each."""
