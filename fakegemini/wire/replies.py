"""Build replies with the head that the live server was recorded to send."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .http import Reply
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

_LIVE_NAMES = frozenset(name for name, _ in LIVE_HEADERS)


def add_live_headers(reply: Reply) -> Reply:
    """Add the headers of every recorded answer, except those that the reply has already."""
    own_names = {name.lower() for name, _ in reply.headers}
    missing_headers = (
        LIVE_HEADERS
        if _LIVE_NAMES.isdisjoint(own_names)
        else tuple(pair for pair in LIVE_HEADERS if pair[0] not in own_names)
    )
    return Reply(
        reply.status, (*reply.headers, *missing_headers), reply.beats, reply.plain, reply.slow
    )


def json_reply(payload: Any, status: int = 200, content_type: str = JSON) -> Reply:
    """Build a JSON answer in one beat."""
    return Reply(status, (("content-type", content_type),), (dump_json(payload).encode(),))


def stream_reply(frames: Iterable[Any], status: int = 200) -> Reply:
    """Build an answer whose beats are SSE frames; its content type has no charset (recorded)."""
    return Reply(status, (("content-type", EVENT_STREAM),), frames)
