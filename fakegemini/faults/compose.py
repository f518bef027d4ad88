"""Build faults: each turns one handler into a worse one, and several make one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..wire.http import Beat, Fault, Handler, Json, Reply
from ..wire.replies import EVENT_STREAM, JSON
from ..wire.sse import Decoder


def both(*faults: Fault) -> Fault:
    """Make one fault of all of these, the first of them the outermost."""

    def fault(handler: Handler) -> Handler:
        for part in reversed(faults):
            handler = part(handler)
        return handler

    return fault


def replace_answer(beats: tuple[Beat, ...]) -> Fault:
    """Make a fault that performs these beats and never calls the handler."""
    return lambda handler: lambda request: Reply(200, (), iter(beats))


def on_reply(spoil: Callable[[Reply], Reply]) -> Fault:
    """Make a fault that changes every reply; its bytes are then never compressed."""
    return lambda handler: lambda request: replace(spoil(handler(request)), plain=True)


def on_stream(spoil: Callable[[Iterator[Beat]], Iterator[Beat]]) -> Fault:
    """Make a fault that changes the beats of streams; an answer in one piece passes as it is."""

    def spoil_if_stream(reply: Reply) -> Reply:
        if not is_stream(reply):
            return reply
        return replace(reply, beats=spoil(iter(reply.beats)))

    return on_reply(spoil_if_stream)


def is_stream(reply: Reply) -> bool:
    """Tell whether a reply is a stream; a refusal that is framed as an event is one, too.

    Another fault may have changed its content type, or cut a whole answer in pieces.
    """
    content_type = next(
        (value for name, value in reply.headers if name.lower() == "content-type"), ""
    )
    if content_type.startswith(EVENT_STREAM):
        return True
    return not isinstance(reply.beats, tuple) and not content_type.startswith(JSON)


def number_beats(beats: Iterator[Beat]) -> Iterator[tuple[int, Beat]]:
    """Give each beat with the number of the event that it is or precedes, counted from 0."""
    number = 0
    for beat in beats:
        yield number, beat
        number += isinstance(beat, bytes)


def headers_with(reply: Reply, name: str, value: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a reply with this one in place of its own of that name."""
    return (*(pair for pair in reply.headers if pair[0] != name), (name, value))


def parse_step_event(beat: Beat) -> Json:
    """Parse the frame of an event whose name begins with `step.`; empty for any other beat.

    Empty as well for a frame that another fault has broken.
    """
    if not isinstance(beat, bytes) or not beat.startswith(b"event: step."):
        return {}
    try:
        event = Decoder().feed(beat)[0].json()
    except (IndexError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}
