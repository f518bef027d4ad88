"""A refusal as a reply."""

from __future__ import annotations

from ..core import events
from ..core.http import Reply
from ..core.refusals import Refusal
from ..core.sse import encode
from ..core.wire import ERROR_JSON, json_reply, stream_reply


def refused(refusal: Refusal, *, stream: bool = False) -> Reply:
    """The error body; for a request that wanted a stream, as one SSE frame without `[DONE]`.

    Recorded: HTTP 400 with an SSE-framed body on `stream: true` (2026-08-21), plain JSON
    otherwise.
    """
    if stream:
        return stream_reply((encode(events.error(refusal.body())),), refusal.status)
    return json_reply(refusal.body(), refusal.status, ERROR_JSON)
