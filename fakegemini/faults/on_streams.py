"""Spoil streams: stalled, cut, without an end, with other events than the answer has.

A fault is a function with its row above it; where several of one layer meet, the first of this
file is the outermost (see `registry.Layer`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..protocol import events
from ..protocol.schemas import schema_names
from ..wire.http import Beat, Cut, Fault, Json, Wait
from ..wire.sse import Decoder, encode_frame
from .arguments import EVENT, POSITIONS, SECONDS, SHORT_PAUSE, TRUE, Choices, Numbers, true_or
from .compose import both, number_beats, on_stream
from .on_answers import ERRORS
from .registry import Layer, fault_maker

__all__ = [
    "bare_line",
    "cut_after",
    "cut_at",
    "cut_mid_character",
    "cut_mid_frame",
    "drop",
    "drop_terminal",
    "error_event",
    "insert",
    "no_usage",
    "repeat",
    "stall",
    "swap",
    "unknown_event",
]

_EVENT_FOLDER = "interactions/event/"


_CUT_FORM: Json = {
    "type": ["boolean", "number", "object"],
    "if": {"type": "boolean"},
    "then": TRUE,
    "else": {
        "minimum": 0,
        "properties": {"seconds": SECONDS, "last_line": {"type": "string"}},
    },
}


@fault_maker(
    "stall",
    true_or({"type": "object", "properties": {"after": EVENT, "seconds": SECONDS}}),
    Layer.TIME,
    {"after": POSITIONS, "seconds": Choices((SHORT_PAUSE,))},
)
def stall(after: int = 1, seconds: float = 60.0) -> Fault:
    """After so many events say nothing for so many real seconds, then drop the connection."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for number, beat in number_beats(frames):
            if number == after:
                break
            yield beat
        yield Wait(seconds, real=True)
        yield Cut()

    return on_stream(spoil)


@fault_maker("cut_at_seconds", _CUT_FORM, Layer.TIME, {"seconds": Numbers(0, 20)})
def cut_at(seconds: float = 600.0, *, last_line: str = "") -> Fault:
    """Drop a stream once it has taken that long: long runs were cut after ten minutes.

    `last_line` is a text that comes without `data:`, and then the stream just ends.
    """

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        elapsed = 0.0
        for beat in frames:
            if isinstance(beat, Wait):
                if elapsed + beat.seconds >= seconds:
                    yield Wait(seconds - elapsed)
                    break
                elapsed += beat.seconds
            yield beat
        else:
            return
        if last_line:
            yield f"{last_line}\n".encode("utf-8", "surrogatepass")
        else:
            yield Cut()

    return on_stream(spoil)


@fault_maker("cut_mid_character", TRUE, Layer.ENDING)
def cut_mid_character() -> Fault:
    """Drop the connection inside the first character of a stream that takes several bytes.

    A stream without one is cut in the middle of its last delta.
    """

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        beats = list(frames)
        index, offset = _find_wide_character(beats)
        yield from beats[:index]
        beat = beats[index] if index < len(beats) else b""
        if isinstance(beat, bytes):
            yield beat[:offset]
        yield Cut()

    return on_stream(spoil)


def _find_wide_character(beats: list[Beat]) -> tuple[int, int]:
    """Find where to cut: the number of a beat and how many of its bytes still come.

    That is behind the first byte of the first character that takes several, else in the middle of
    the last delta.
    """
    last_delta = (0, 0)
    for index, beat in enumerate(beats):
        if isinstance(beat, bytes):
            offset = next((place for place, byte in enumerate(beat) if byte >= 0xC0), None)
            if offset is not None:
                return index, offset + 1
            if beat.startswith(b"event: step.delta"):
                last_delta = (index, len(beat) // 2)
    return last_delta


@fault_maker("cut_mid_frame", EVENT, Layer.ENDING, {"event": POSITIONS})
def cut_mid_frame(event: int) -> Fault:
    """Drop the connection in the middle of that event of a stream, counted from 0."""
    return _cut_inside(event, lambda frame: len(frame) // 2)


def _cut_inside(event: int, offset_in: Callable[[bytes], int]) -> Fault:
    """Drop the connection inside that event, after as many of its bytes as `offset_in` says."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for number, beat in number_beats(frames):
            if number == event and isinstance(beat, bytes):
                yield beat[: offset_in(beat)]
                break
            yield beat
        yield Cut()

    return on_stream(spoil)


@fault_maker("cut_after_events", EVENT, Layer.ENDING, {"events": POSITIONS})
def cut_after(events: int) -> Fault:
    """Drop the connection after so many events of a stream, all of them delivered."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        event_count = 0
        for beat in frames:
            if isinstance(beat, bytes):
                if event_count == events:
                    break
                event_count += 1
            yield beat
        yield Cut()

    return on_stream(spoil)


@fault_maker(
    "error_event",
    {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "after": EVENT},
    },
    Layer.ENDING,
    {"code": Choices([code for code, _ in ERRORS.values()]), "message": Choices(("Oh.",))},
)
def error_event(code: str, message: str, *, after: int = 2) -> Fault:
    """After so many events send an `error` event and end without `[DONE]` (documented)."""

    frame = encode_frame(events.error({"error": {"message": message, "code": code}}))

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for number, beat in number_beats(frames):
            if number == after:
                break
            yield beat
        yield frame

    return on_stream(spoil)


@fault_maker("bare_line", true_or(EVENT), Layer.ENDING, {"after": POSITIONS})
def bare_line(after: int = 2) -> Fault:
    """After so many events send a JSON line without `data:`, then end without `[DONE]`.

    Reported for refused content (2026-09-22).
    """
    line = b'{"error":{"message":"Request blocked.","code":"prohibited_content"}}\n'

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for number, beat in number_beats(frames):
            if number == after:
                break
            yield beat
        yield line

    return on_stream(spoil)


@fault_maker("drop_terminal", TRUE, Layer.EVENTS)
def drop_terminal() -> Fault:
    """End a stream after its last step, without `interaction.completed` and `[DONE]`."""
    return both(drop("done"), drop("interaction.completed"))


@fault_maker("no_usage", TRUE, Layer.EVENTS)
def no_usage() -> Fault:
    """Leave `usage` out of `interaction.completed`, as the stream of an agent once did."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for beat in frames:
            yield _without_usage(beat) if isinstance(beat, bytes) else beat

    return on_stream(spoil)


def _without_usage(frame: bytes) -> bytes:
    if not frame.startswith(f"event: {events.TERMINAL}\n".encode()):
        return frame
    try:
        event = Decoder().feed(frame)[0].json()
        return encode_frame(
            {
                **event,
                "interaction": {k: v for k, v in event["interaction"].items() if k != "usage"},
            }
        )
    except (IndexError, KeyError, ValueError, AttributeError):
        return frame  # another fault has broken it


def _list_event_types() -> list[str]:
    """List the types of events that there is a schema for."""
    return [name.removeprefix(_EVENT_FOLDER) for name in schema_names(_EVENT_FOLDER)]


@fault_maker(
    "drop_event", {"type": "string"}, Layer.EVENTS, {"event_type": Choices(_list_event_types)}
)
def drop(event_type: str) -> Fault:
    """Leave out every event of that type."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for beat in frames:
            if not (isinstance(beat, bytes) and beat.startswith(f"event: {event_type}\n".encode())):
                yield beat

    return on_stream(spoil)


def _insert_text(text: str, before: int) -> Fault:
    """Insert a text, as JSON gives it, in place of bytes."""
    return insert(text.encode("utf-8", "surrogatepass"), before=before)


@fault_maker(
    "insert",
    {
        "type": "object",
        "required": ["text", "before"],
        "properties": {"text": {"type": "string"}, "before": EVENT},
    },
    Layer.EVENTS,
    {"frame": Choices((b": a comment\n\n",)), "before": POSITIONS},
    make_from_json=_insert_text,
)
def insert(frame: bytes, *, before: int) -> Fault:
    """Put these bytes before that event of a stream, counted from 0."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for number, beat in number_beats(frames):
            if number == before:
                yield frame
            yield beat

    return on_stream(spoil)


@fault_maker("unknown_event", true_or(EVENT), Layer.EVENTS, {"before": POSITIONS})
def unknown_event(before: int = 2) -> Fault:
    """Send an event of a type that no client knows."""
    name = "interaction.teleported"
    return insert(f'event: {name}\ndata: {{"event_type":"{name}"}}\n\n'.encode(), before=before)


@fault_maker("repeat_event", EVENT, Layer.EVENTS, {"event": POSITIONS})
def repeat(event: int) -> Fault:
    """Send that event of a stream twice, counted from 0."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for number, beat in number_beats(frames):
            yield beat
            if number == event:
                yield beat

    return on_stream(spoil)


@fault_maker("swap_event", EVENT, Layer.EVENTS, {"event": POSITIONS})
def swap(event: int) -> Fault:
    """Send that event of a stream after its successor, counted from 0."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        delayed_beat: Beat | None = None
        for number, beat in number_beats(frames):
            if number == event:
                delayed_beat = beat
                continue
            yield beat
            if delayed_beat is not None and isinstance(beat, bytes):
                yield delayed_beat
                delayed_beat = None
        if delayed_beat is not None:
            yield delayed_beat

    return on_stream(spoil)
