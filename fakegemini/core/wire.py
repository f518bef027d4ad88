"""How the live server spells JSON: compact, UTF-8, and `<`, `>`, `&` as `\\u003c` and so on.

Recorded for `>` (a 400 of 2026-10-08); the other two follow from the same serialiser.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .http import Reply

JSON = "application/json"
ERROR_JSON = "application/json; charset=UTF-8"
EVENT_STREAM = "text/event-stream"

_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&"}


def dumps(payload: Any) -> str:
    """`payload` as the live server would write it. The three escapes only occur inside strings."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate that the client sent as an escape
        text = json.dumps(payload, separators=(",", ":"))
    return text.translate(_ESCAPES)


def json_reply(payload: Any, status: int = 200, content_type: str = JSON) -> Reply:
    """A whole JSON answer in one beat."""
    return Reply(status, (("content-type", content_type),), (dumps(payload).encode(),))


def stream_reply(frames: Iterable[Any], status: int = 200) -> Reply:
    """An answer whose beats are SSE frames; its content type has no charset (recorded)."""
    return Reply(status, (("content-type", EVENT_STREAM),), frames)
