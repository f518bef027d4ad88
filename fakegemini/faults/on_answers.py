"""Faults of whole answers: refused, late, never, broken, compressed, in odd pieces."""

from __future__ import annotations

import gzip as gz
from collections.abc import Iterator
from dataclasses import replace

from ..errors import BadBody, BadScript
from ..protocol import events
from ..protocol.refusals.live_words import ENTITY_NOT_FOUND, INVALID_ARGUMENT
from ..protocol.refusals.refusal import Refusal
from ..wire.http import RETRIED, Beat, Cut, Fault, Json, Reply, Request, Wait
from ..wire.replies import ERROR_JSON, json_reply, stream_reply
from ..wire.sse import DONE_FRAME, encode_frame
from .compose import headers_with, on_reply, replace_answer

ERRORS: dict[int, tuple[str, str]] = {
    400: ("invalid_request", INVALID_ARGUMENT),
    401: ("authentication", "The API key is not valid."),
    403: (
        "permission_denied",
        "There was a problem processing your request. You will not be charged.",
    ),
    404: ("not_found", ENTITY_NOT_FOUND),
    408: ("request_timeout", "The request timed out."),
    409: ("aborted", "The operation was aborted."),
    429: ("too_many_requests", "Rate limit exceeded."),
    500: ("api_error", "There was a problem processing your request. You will not be charged."),
    501: ("unimplemented", "The operation is not implemented."),
    503: ("service_unavailable", "The service is currently unavailable."),
    504: ("gateway_timeout", "Deadline expired before operation could complete."),
}
"""Code and message by status. Recorded or measured: 400, 403, 404, 500 (its text), 504 (its text).
No body of a 429, 500 or 503 of this API was ever captured; the rest is unverified."""


def refuse(
    status: int,
    code: str = "",
    message: str = "",
    *,
    retry_after: float | str | None = None,
    retry_after_ms: float | None = None,
) -> Fault:
    """Answer with this error instead; nothing is stored, nothing scripted is played.

    Without `code` and `message` they are those of the status. A status that SDKs retry carries
    `retry-after-ms: 1`, unless one of the two headers is told: a default client then loses
    milliseconds and not seven seconds. Raises `BadScript` for a status that is no error.
    """
    if not 400 <= status <= 599:
        raise BadScript(f"refuse() takes an error status from 400 to 599, not {status!r}")
    defaults = ERRORS.get(status, ("api_error", "Something went wrong."))
    refusal = Refusal(status, code or defaults[0], message or defaults[1], "X")
    headers: list[tuple[str, str]] = []
    if retry_after is not None:
        headers.append(("retry-after", str(retry_after)))
    if retry_after_ms is None and retry_after is None and status in RETRIED:
        retry_after_ms = 1
    if retry_after_ms is not None:
        headers.append(("retry-after-ms", f"{retry_after_ms:g}"))

    def answer_with_refusal(request: Request) -> Reply:
        if _wants_stream(request):
            reply = stream_reply((encode_frame(events.error(refusal.body())),), status)
        else:
            reply = json_reply(refusal.body(), status, ERROR_JSON)
        return replace(reply, headers=(*reply.headers, *headers))

    return lambda handler: answer_with_refusal


def _wants_stream(request: Request) -> bool:
    """Recorded: a refusal of a streamed request is framed as an event (400 and 429)."""
    if request.method == "GET":
        return (request.param("stream") or "").lower() == "true"
    try:
        body = request.json()
    except BadBody:
        return False
    return isinstance(body, dict) and body.get("stream") is True


def refuse_as_gateway(status: int, message: str, name: str, **details: Json | str) -> Fault:
    """Answer as the gateway does that stands before the service, where it refuses a key.

    `name` is google.rpc's of the status, `details` one detail. Measured: google.rpc's object in an
    array, never framed (2026-09-29).
    """
    error: Json = {"code": status, "message": message, "status": name}
    if details:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **details}]
    return lambda handler: lambda request: json_reply([{"error": error}], status, ERROR_JSON)


def time_out(seconds: float = 60.0) -> Fault:
    """Say nothing for so many real seconds, then drop the connection: the client must give up."""
    return replace_answer((Wait(seconds, real=True), Cut()))


def reset() -> Fault:
    """Drop the connection before a byte of the answer."""
    return replace_answer((Cut(reset=True),))


def wrong_content_type(content_type: str = "text/html") -> Fault:
    """Answer as usual under another content type."""

    def spoil(reply: Reply) -> Reply:
        return replace(reply, headers=headers_with(reply, "content-type", content_type))

    return on_reply(spoil)


def malformed() -> Fault:
    """Break the JSON: a body loses its last character, a stream's deltas theirs."""

    def spoil(reply: Reply) -> Reply:
        if isinstance(reply.beats, tuple):
            body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
            return replace(reply, beats=(body[:-1],))
        return replace(reply, beats=_break_deltas(iter(reply.beats)))

    return on_reply(spoil)


def _break_deltas(frames: Iterator[Beat]) -> Iterator[Beat]:
    for beat in frames:
        if isinstance(beat, bytes) and beat.startswith(b"event: step.delta\n"):
            yield beat.rstrip(b"\n")[:-1] + b"\n\n"
        else:
            yield beat


def gzip() -> Fault:
    """Compress the answer, as the live server does when it is asked to."""

    def spoil(reply: Reply) -> Reply:
        body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        headers = headers_with(reply, "content-encoding", "gzip")
        return replace(reply, headers=headers, beats=(gz.compress(body, mtime=0),))

    return on_reply(spoil)


def chunks(size: int) -> Fault:
    """Send the bytes in pieces of that size, wherever they fall."""
    if size < 1:
        raise BadScript(f"chunks() takes a size of at least 1 byte, not {size!r}")

    def spoil(reply: Reply) -> Reply:
        return replace(reply, beats=_rechunk(iter(reply.beats), size))

    return on_reply(spoil)


def _rechunk(frames: Iterator[Beat], size: int) -> Iterator[Beat]:
    buffer = b""
    for beat in frames:
        if isinstance(beat, bytes):
            buffer += beat
            while len(buffer) >= size:
                yield buffer[:size]
                buffer = buffer[size:]
            continue
        if buffer:
            yield buffer
            buffer = b""
        yield beat
    if buffer:
        yield buffer


def slow(seconds: float) -> Fault:
    """Pause for so many real seconds before every event, or before a whole answer."""
    return on_reply(lambda reply: replace(reply, beats=_slow_down(iter(reply.beats), seconds)))


def _slow_down(frames: Iterator[Beat], seconds: float) -> Iterator[Beat]:
    for beat in frames:
        if isinstance(beat, bytes) and beat != DONE_FRAME:
            yield Wait(seconds, real=True)
        yield beat
