"""Make a reply of a refusal."""

from __future__ import annotations

from dataclasses import replace

from ...wire.http import Reply
from ...wire.replies import ERROR_JSON, json_reply, stream_reply
from ...wire.sse import encode_frame
from .. import events
from .refusal import Refusal

UNVERIFIED_HEADER = ("x-fakegemini-evidence", "X")
"""The header of a refusal that nobody has observed; `fakegemini serve --explain` lists them."""


def error_reply(error: Refusal, *, stream: bool = False) -> Reply:
    """Return the error body; for a request that wants a stream, as one SSE frame without `[DONE]`.

    Recorded: HTTP 400 with an SSE-framed body on `stream: true` (2026-08-21), plain JSON
    otherwise.
    """
    if stream:
        return stream_reply((encode_frame(events.error(error.body())),), error.status)
    return json_reply(error.body(), error.status, ERROR_JSON)


def refusal_reply(refusal: Refusal, *, stream: bool = False) -> Reply:
    """Return the error, marked by `UNVERIFIED_HEADER` where nobody has observed that refusal."""
    reply = error_reply(refusal, stream=stream)
    if refusal.evidence == "X":
        return replace(reply, headers=(*reply.headers, UNVERIFIED_HEADER))
    return reply
