"""Build replies with the head that the live server was recorded to send."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from .http import Pairs, Reply
from .json_text import dump_json

JSON = "application/json"
ERROR_JSON = "application/json; charset=UTF-8"
EVENT_STREAM = "text/event-stream"

LIVE_HEADERS = (
    ("vary", "Origin"),
    ("vary", "X-Origin"),
    ("vary", "Referer"),
    ("server", "scaffolding on HTTPServer2"),
    ("x-xss-protection", "0"),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-content-type-options", "nosniff"),
    ("server-timing", "gfet4t7; dur=1"),
)
"""The headers of every recorded answer. The duration is made up; `alt-svc` is not here, because
it sends clients to another port."""


def add_live_headers(reply: Reply) -> Reply:
    """Add the headers of every recorded answer, except those that the reply has already."""
    try:
        headers = _add_once(reply.headers)
    except TypeError:  # somebody's own handler has lists for pairs
        headers = _add_missing(reply.headers)
    return Reply(reply.status, headers, reply.beats, reply.plain, reply.slow, reply.summary)


def _add_missing(headers: Pairs) -> Pairs:
    own_names = {name.lower() for name, _ in headers}
    return (*headers, *(pair for pair in LIVE_HEADERS if pair[0] not in own_names))


_add_once = lru_cache(maxsize=64)(_add_missing)  # nearly all answers have the same


def json_reply(payload: Any, status: int = 200, content_type: str = JSON) -> Reply:
    """Build a JSON answer in one beat."""
    if isinstance(payload, list):  # each by itself, so that nobody waits until all are written
        body = b"[%b]" % b",".join([dump_json(element).encode() for element in payload])
    else:
        body = dump_json(payload).encode()
    return Reply(status, (("content-type", content_type),), (body,))


def stream_reply(frames: Iterable[Any], status: int = 200) -> Reply:
    """Build an answer whose beats are SSE frames; its content type has no charset (recorded)."""
    return Reply(status, (("content-type", EVENT_STREAM),), frames)
