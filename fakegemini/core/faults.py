"""Bad days: each fault turns one handler into a worse one. Pure: they only rewrite answers.

Faults compose: `both(cut_after(3), slow(0.1))`. What the live service was seen to do has its name
in `PRESETS`.
"""

from __future__ import annotations

import difflib
import gzip as gz
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from ..errors import BadScript
from .http import Beat, Cut, Handler, Reply, Request, Wait
from .refusals import Refusal
from .sse import DONE
from .wire import ERROR_JSON, json_reply

Fault: TypeAlias = Callable[[Handler], Handler]
"""Takes the handler as it is and gives the one of the bad day."""

RETRIED = frozenset({408, 409, 429}) | frozenset(range(500, 600))
"""The statuses that both SDKs retry, four times."""


def both(*faults: Fault) -> Fault:
    """All of these, the first the outermost."""

    def fault(handler: Handler) -> Handler:
        for each in reversed(faults):
            handler = each(handler)
        return handler

    return fault


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
    known = ERRORS.get(status, ("api_error", "Something went wrong."))
    refusal = Refusal(status, code or known[0], message or known[1], "X")
    headers: list[tuple[str, str]] = []
    if retry_after is not None:
        headers.append(("retry-after", str(retry_after)))
    if retry_after_ms is None and retry_after is None and status in RETRIED:
        retry_after_ms = 1
    if retry_after_ms is not None:
        headers.append(("retry-after-ms", f"{retry_after_ms:g}"))

    def fault(handler: Handler) -> Handler:
        def refused(request: Request) -> Reply:
            reply = json_reply(refusal.body(), status, ERROR_JSON)
            return replace(reply, headers=(*reply.headers, *headers))

        return refused

    return fault


ERRORS: dict[int, tuple[str, str]] = {
    400: ("invalid_request", "Request contains an invalid argument."),
    401: ("authentication", "The API key is not valid."),
    403: (
        "permission_denied",
        "There was a problem processing your request. You will not be charged.",
    ),
    404: ("not_found", "Requested entity was not found."),
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


def time_out(seconds: float = 60.0) -> Fault:
    """Say nothing for so many real seconds, then drop the connection: the client must give up."""
    return _instead((Wait(seconds, real=True), Cut()))


def reset() -> Fault:
    """Drop the connection before a byte of the answer."""
    return _instead((Cut(reset=True),))


def cut_after(events: int) -> Fault:
    """Drop the connection after so many events of a stream, all of them delivered."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        seen = 0
        for beat in frames:
            if isinstance(beat, bytes):
                if seen == events:
                    break
                seen += 1
            yield beat
        yield Cut()

    return _stream(spoil)


def cut_mid_frame(event: int) -> Fault:
    """Drop the connection in the middle of that event of a stream, counted from 0."""
    return _cut_inside(event, lambda frame: len(frame) // 2)


def cut_mid_character() -> Fault:
    """Drop the connection inside the first character of a stream that takes several bytes.

    A stream without one is cut in the middle of its last delta.
    """

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        beats = list(frames)
        at, inside = _wide(beats)
        yield from beats[:at]
        beat = beats[at] if at < len(beats) else b""
        if isinstance(beat, bytes):
            yield beat[:inside]
        yield Cut()

    return _stream(spoil)


def _wide(beats: list[Beat]) -> tuple[int, int]:
    """Beat and byte behind the first byte of the first wide character, or inside the last delta."""
    last = (0, 0)
    for at, beat in enumerate(beats):
        if isinstance(beat, bytes):
            wide = next((place for place, byte in enumerate(beat) if byte >= 0xC0), None)
            if wide is not None:
                return at, wide + 1
            if beat.startswith(b"event: step.delta"):
                last = (at, len(beat) // 2)
    return last


def drop(event_type: str) -> Fault:
    """Leave out every event of that type."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for beat in frames:
            if not (isinstance(beat, bytes) and beat.startswith(f"event: {event_type}\n".encode())):
                yield beat

    return _stream(spoil)


def drop_terminal() -> Fault:
    """End a stream after its last step, without `interaction.completed` and `[DONE]`."""
    return both(drop("done"), drop("interaction.completed"))


def repeat(event: int) -> Fault:
    """Send that event of a stream twice, counted from 0."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for at, beat in _numbered(frames):
            yield beat
            if at == event:
                yield beat

    return _stream(spoil)


def swap(event: int) -> Fault:
    """Send that event of a stream after its successor, counted from 0."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        held: Beat | None = None
        for at, beat in _numbered(frames):
            if at == event:
                held = beat
                continue
            yield beat
            if held is not None and isinstance(beat, bytes):
                yield held
                held = None
        if held is not None:
            yield held

    return _stream(spoil)


def insert(frame: bytes, *, before: int) -> Fault:
    """Put these bytes before that event of a stream, counted from 0."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for at, beat in _numbered(frames):
            if at == before:
                yield frame
            yield beat

    return _stream(spoil)


def unknown_event(before: int = 2) -> Fault:
    """Send an event that nobody knows."""
    name = "interaction.teleported"
    return insert(f'event: {name}\ndata: {{"event_type":"{name}"}}\n\n'.encode(), before=before)


def bare_line(after: int = 2) -> Fault:
    """After so many events send a JSON line without `data:`, then end without a word.

    Reported for refused content (2026-09-22).
    """
    line = b'{"error":{"message":"Request blocked.","code":"prohibited_content"}}\n'

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for at, beat in _numbered(frames):
            if at == after:
                break
            yield beat
        yield line

    return _stream(spoil)


def error_event(code: str, message: str, *, after: int = 2) -> Fault:
    """After so many events send an `error` event and end without `[DONE]` (documented)."""
    from . import events
    from .sse import encode

    frame = encode(events.error({"error": {"message": message, "code": code}}))

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for at, beat in _numbered(frames):
            if at == after:
                break
            yield beat
        yield frame

    return _stream(spoil)


def wrong_content_type(content_type: str = "text/html") -> Fault:
    """Answer as usual under another content type."""

    def spoil(reply: Reply) -> Reply:
        return replace(reply, headers=_with(reply, "content-type", content_type))

    return _reply(spoil)


def malformed() -> Fault:
    """Break the JSON: a body loses its last character, a stream's deltas theirs."""

    def spoil(reply: Reply) -> Reply:
        if isinstance(reply.beats, tuple):
            whole = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
            return replace(reply, beats=(whole[:-1],))
        return replace(reply, beats=_break_deltas(iter(reply.beats)))

    return _reply(spoil)


def gzip() -> Fault:
    """Compress the answer, as the live server does when it is asked to."""

    def spoil(reply: Reply) -> Reply:
        whole = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        headers = _with(reply, "content-encoding", "gzip")
        return replace(reply, headers=headers, beats=(gz.compress(whole, mtime=0),))

    return _reply(spoil)


def chunks(size: int) -> Fault:
    """Send the bytes in pieces of that size, wherever they fall."""
    if size < 1:
        raise BadScript(f"chunks() takes a size of at least 1 byte, not {size!r}")

    def spoil(reply: Reply) -> Reply:
        return replace(reply, beats=_rechunked(iter(reply.beats), size))

    return _reply(spoil)


def slow(seconds: float) -> Fault:
    """Pause for so many real seconds before every event, or before a whole answer."""
    return _reply(lambda reply: replace(reply, beats=_slowed(iter(reply.beats), seconds)))


def stall(after: int = 1, seconds: float = 60.0) -> Fault:
    """After so many events say nothing for so many real seconds, then drop the connection."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for at, beat in _numbered(frames):
            if at == after:
                break
            yield beat
        yield Wait(seconds, real=True)
        yield Cut()

    return _stream(spoil)


def cut_at(seconds: float = 600.0) -> Fault:
    """Drop a stream once it has taken that long: long runs were cut after ten minutes."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        passed = 0.0
        for beat in frames:
            if isinstance(beat, Wait):
                if passed + beat.seconds >= seconds:
                    yield Wait(seconds - passed)
                    break
                passed += beat.seconds
            yield beat
        else:
            return
        yield Cut()

    return _stream(spoil)


def _instead(beats: tuple[Beat, ...]) -> Fault:
    return lambda handler: lambda request: Reply(200, (), iter(beats))


def _reply(spoil: Callable[[Reply], Reply]) -> Fault:
    return lambda handler: lambda request: spoil(handler(request))


def _stream(spoil: Callable[[Iterator[Beat]], Iterator[Beat]]) -> Fault:
    """A fault of streams; an answer that is whole passes as it is."""

    def spoiled(reply: Reply) -> Reply:
        if isinstance(reply.beats, tuple):
            return reply
        return replace(reply, beats=spoil(iter(reply.beats)))

    return _reply(spoiled)


def _cut_inside(event: int, place: Callable[[bytes], int]) -> Fault:
    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for at, beat in _numbered(frames):
            if at == event and isinstance(beat, bytes):
                yield beat[: place(beat)]
                break
            yield beat
        yield Cut()

    return _stream(spoil)


def _numbered(frames: Iterator[Beat]) -> Iterator[tuple[int, Beat]]:
    """The beats with the number of the event that each is or precedes."""
    number = 0
    for beat in frames:
        yield number, beat
        number += isinstance(beat, bytes)


def _break_deltas(frames: Iterator[Beat]) -> Iterator[Beat]:
    for beat in frames:
        if isinstance(beat, bytes) and beat.startswith(b"event: step.delta\n"):
            yield beat.rstrip(b"\n")[:-1] + b"\n\n"
        else:
            yield beat


def _rechunked(frames: Iterator[Beat], size: int) -> Iterator[Beat]:
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


def _slowed(frames: Iterator[Beat], seconds: float) -> Iterator[Beat]:
    for beat in frames:
        if isinstance(beat, bytes) and beat != DONE:
            yield Wait(seconds, real=True)
        yield beat


def _with(reply: Reply, name: str, value: str) -> tuple[tuple[str, str], ...]:
    return (*(pair for pair in reply.headers if pair[0] != name), (name, value))


PRESETS: dict[str, Fault] = {
    "poll_forbidden": refuse(403),
    "not_yet_visible": refuse(404),
    "cancel_not_found": refuse(404, "not_found", "Method not found."),
    "cancel_fails": refuse(500),
    "content_blocked": refuse(400, "prohibited_content", "Request blocked due to its content."),
    "blocked_stream": bare_line(),
    "rate_limited": refuse(
        429,
        "rate_limit_exceeded",
        "Rate limit exceeded for model gemini-3.1-pro (limit: 0 input tokens per minute on Free "
        "Tier). Please upgrade your tier at https://ai.dev/rate-limit.",
    ),
    "project_denied": refuse(403, message="Your project has been denied access."),
    "deadline": error_event("gateway_timeout", "Deadline expired before operation could complete."),
    "ten_minute_cut": cut_at(600.0),
}
"""What was observed, by name: measured or reported, see the reference of each in the README."""


def named(fault: Fault | str) -> Fault:
    """A fault, given itself or as a name of `PRESETS`; raises `BadScript` for an unknown name."""
    if not isinstance(fault, str):
        return fault
    if fault not in PRESETS:
        near = difflib.get_close_matches(fault, PRESETS, n=1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        raise BadScript(f"there is no fault {fault!r} (there are {', '.join(PRESETS)}){hint}")
    return PRESETS[fault]
