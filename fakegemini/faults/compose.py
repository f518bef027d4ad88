"""What faults are made of: each turns one handler into a worse one, and they compose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..wire.http import Beat, Fault, Handler, Reply


def both(*faults: Fault) -> Fault:
    """All of these, the first the outermost."""

    def fault(handler: Handler) -> Handler:
        for part in reversed(faults):
            handler = part(handler)
        return handler

    return fault


def replace_answer(beats: tuple[Beat, ...]) -> Fault:
    """A fault that performs these beats and never asks for the answer."""
    return lambda handler: lambda request: Reply(200, (), iter(beats))


def on_reply(spoil: Callable[[Reply], Reply]) -> Fault:
    """A fault of every answer."""
    return lambda handler: lambda request: replace(spoil(handler(request)), plain=True)


def on_stream(spoil: Callable[[Iterator[Beat]], Iterator[Beat]]) -> Fault:
    """A fault of streams; an answer that is whole passes as it is."""

    def spoil_if_stream(reply: Reply) -> Reply:
        if isinstance(reply.beats, tuple):
            return reply
        return replace(reply, beats=spoil(iter(reply.beats)))

    return on_reply(spoil_if_stream)


def number_beats(beats: Iterator[Beat]) -> Iterator[tuple[int, Beat]]:
    """The beats with the number of the event that each is or precedes."""
    number = 0
    for beat in beats:
        yield number, beat
        number += isinstance(beat, bytes)


def headers_with(reply: Reply, name: str, value: str) -> tuple[tuple[str, str], ...]:
    """The headers of a reply with this one instead of its own of that name."""
    return (*(pair for pair in reply.headers if pair[0] != name), (name, value))
