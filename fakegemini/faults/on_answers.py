"""Spoil answers: in odd pieces, slow, compressed, broken, never, or refused.

A fault is a function with its row above it; where several of one layer meet, the first of this
file is the outermost (see `registry.Layer`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..errors import BadBody, BadScript
from ..protocol.refusals.live_words import ENTITY_NOT_FOUND, INVALID_ARGUMENT
from ..protocol.refusals.refusal import Refusal
from ..protocol.refusals.refuse import error_reply
from ..wire.compression import GzipPacker, pack_body
from ..wire.http import RETRIED, Beat, Cut, Fault, Json, Reply, Request, Wait, is_true
from ..wire.replies import ERROR_JSON, json_reply
from ..wire.sse import DONE_FRAME
from .arguments import HEADER_TEXT, SECONDS, SHORT_PAUSE, TRUE, Choices, Integers, true_or
from .compose import headers_with, is_stream, on_reply, replace_answer
from .registry import Layer, fault_maker

__all__ = [
    "ERRORS",
    "chunks",
    "gzip",
    "malformed",
    "refuse",
    "reset",
    "slow",
    "time_out",
    "wrong_content_type",
]

PROBLEM = "There was a problem processing your request. You will not be charged."
"""The text of a 403 and of a 500, recorded or measured; it does not say what is wrong."""

ERRORS: dict[int, tuple[str, str]] = {
    400: ("invalid_request", INVALID_ARGUMENT),
    401: ("authentication", "The API key is not valid."),
    403: ("permission_denied", PROBLEM),
    404: ("not_found", ENTITY_NOT_FOUND),
    408: ("request_timeout", "The request timed out."),
    409: ("aborted", "The operation was aborted."),
    429: ("too_many_requests", "Rate limit exceeded."),
    500: ("api_error", PROBLEM),
    501: ("unimplemented", "The operation is not implemented."),
    503: ("service_unavailable", "The service is currently unavailable."),
    504: ("gateway_timeout", "Deadline expired before operation could complete."),
}
"""Code and message by status.

Recorded or measured are those of 400, 403 and 404, and the texts of 500 and 504. No body of a 429,
500 or 503 of this API was ever captured, and nobody has observed the others.
"""


@fault_maker("chunks", {"type": "integer", "minimum": 1}, Layer.PACKING, {"size": Integers(1, 20)})
def chunks(size: int) -> Fault:
    """Send the bytes in pieces of that size, wherever they fall.

    Raises `BadScript` for a size below 1.
    """
    if size < 1:
        raise BadScript(f"chunks() takes a size of at least 1 byte, not {size!r}")

    def spoil(reply: Reply) -> Reply:
        return replace(reply, beats=_rechunk(iter(reply.beats), size))

    return on_reply(spoil)


def _rechunk(frames: Iterator[Beat], size: int) -> Iterator[Beat]:
    """Cut the bytes anew into pieces of `size`; a pause or a cut ends a piece early."""
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


@fault_maker("slow", SECONDS, Layer.PACKING, {"seconds": Choices((SHORT_PAUSE / 20,))})
def slow(seconds: float) -> Fault:
    """Pause for so many real seconds before every event, or before a whole answer."""
    return on_reply(lambda reply: replace(reply, beats=_slow_down(iter(reply.beats), seconds)))


def _slow_down(frames: Iterator[Beat], seconds: float) -> Iterator[Beat]:
    for beat in frames:
        if isinstance(beat, bytes) and beat != DONE_FRAME:
            yield Wait(seconds, real=True)
        yield beat


@fault_maker("gzip", TRUE, Layer.PACKING)
def gzip() -> Fault:
    """Compress the answer, as the live server does when it is asked to."""

    def spoil(reply: Reply) -> Reply:
        headers = headers_with(reply, "content-encoding", "gzip")
        if isinstance(reply.beats, tuple):
            body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
            others = tuple(beat for beat in reply.beats if not isinstance(beat, bytes))
            return replace(reply, headers=headers, beats=(pack_body(body), *others))
        return replace(reply, headers=headers, beats=_pack_beats(iter(reply.beats)))

    return on_reply(spoil)


def _pack_beats(frames: Iterator[Beat]) -> Iterator[Beat]:
    """Pack event by event; what waits or cuts between them stays where it is."""
    packer = GzipPacker()
    for beat in frames:
        yield packer.pack(beat) if isinstance(beat, bytes) else beat
        if isinstance(beat, Cut):
            return
    yield packer.finish()


@fault_maker("wrong_content_type", true_or(HEADER_TEXT), Layer.PACKING)
def wrong_content_type(content_type: str = "text/html") -> Fault:
    """Answer as usual under another content type."""

    def spoil(reply: Reply) -> Reply:
        return replace(reply, headers=headers_with(reply, "content-type", content_type))

    return on_reply(spoil)


@fault_maker("malformed", TRUE, Layer.EVENTS)
def malformed() -> Fault:
    """Break the JSON: a body loses its last character, a stream's deltas theirs."""

    def spoil(reply: Reply) -> Reply:
        if is_stream(reply):
            return replace(reply, beats=_break_events(iter(reply.beats)))
        beats = list(reply.beats)
        for position in reversed(range(len(beats))):
            beat = beats[position]
            if isinstance(beat, bytes) and beat.strip():
                beats[position] = beat.rstrip()[:-1]
                break
        return replace(reply, beats=tuple(beats) if isinstance(reply.beats, tuple) else beats)

    return on_reply(spoil)


def _break_events(frames: Iterator[Beat]) -> Iterator[Beat]:
    """Take the closing brace from the JSON of each delta, and of an error."""
    for beat in frames:
        if isinstance(beat, bytes) and beat.startswith(_BROKEN_EVENTS):
            yield beat.rstrip(b"\n")[:-1] + b"\n\n"
        else:
            yield beat


_BROKEN_EVENTS = (b"event: step.delta\n", b"event: error\n")


@fault_maker("reset", TRUE, Layer.INSTEAD)
def reset() -> Fault:
    """Drop the connection before a byte of the answer."""
    return replace_answer((Cut(reset=True),))


@fault_maker("time_out", true_or(SECONDS), Layer.INSTEAD, {"seconds": Choices((SHORT_PAUSE,))})
def time_out(seconds: float = 60.0) -> Fault:
    """Say nothing for so many real seconds, then drop the connection: the client must give up."""
    return replace_answer((Wait(seconds, real=True), Cut()))


@fault_maker(
    "status",
    {"type": "integer", "minimum": 400, "maximum": 599},
    Layer.INSTEAD,
    {"status": Choices((*ERRORS,))},
    companions={
        "code": {"type": "string"},
        "message": {"type": "string"},
        "retry_after": {**HEADER_TEXT, **SECONDS, "type": ["number", "string"]},
        "retry_after_ms": SECONDS,
        "body": {"type": "string"},
        "content_type": HEADER_TEXT,
    },
)
def refuse(
    status: int,
    code: str = "",
    message: str = "",
    *,
    retry_after: float | str | None = None,
    retry_after_ms: float | None = None,
    body: str | bytes | None = None,
    content_type: str = "text/html; charset=UTF-8",
) -> Fault:
    """Answer with this error instead; nothing is stored, nothing scripted is played.

    Without `code` and `message` they are those of `ERRORS`. A `body` is sent as it is instead, of
    that `content_type`. A status that SDKs retry carries
    `retry-after-ms: 1`, unless one of the two headers is given: a default client then loses
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
        if body is not None:
            content = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
            reply = Reply(status, (("content-type", content_type),), (content,))
        else:
            reply = error_reply(refusal, stream=_wants_stream(request))
        return replace(reply, headers=(*reply.headers, *headers))

    return lambda handler: answer_with_refusal


def _wants_stream(request: Request) -> bool:
    """Return whether the client asked for a stream."""
    if request.method == "GET":
        return is_true(request.param("stream"))
    try:
        body = request.json()
    except BadBody:
        return False
    return isinstance(body, dict) and body.get("stream") is True


def refuse_as_gateway(status: int, message: str, name: str, **details: Json | str) -> Fault:
    """Answer as the gateway before the service does, where it refuses a key.

    `name` is the status in google.rpc, `details` are the members of one detail. The gateway was
    measured (2026-09-29) to send google.rpc's object in an array, never framed as an event.
    """
    error: Json = {"code": status, "message": message, "status": name}
    if details:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **details}]
    return lambda handler: lambda request: json_reply([{"error": error}], status, ERROR_JSON)
