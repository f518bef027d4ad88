"""Faults of streams: cut, reordered, with events nobody knows, without an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..protocol import events
from ..wire.http import Beat, Cut, Fault, Wait
from ..wire.sse import encode_frame
from .compose import both, number_beats, on_stream


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


def cut_mid_frame(event: int) -> Fault:
    """Drop the connection in the middle of that event of a stream, counted from 0."""
    return _cut_inside(event, lambda frame: len(frame) // 2)


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
    """Beat and byte behind the first byte of the first wide character, or inside the last delta."""
    last_delta = (0, 0)
    for index, beat in enumerate(beats):
        if isinstance(beat, bytes):
            offset = next((place for place, byte in enumerate(beat) if byte >= 0xC0), None)
            if offset is not None:
                return index, offset + 1
            if beat.startswith(b"event: step.delta"):
                last_delta = (index, len(beat) // 2)
    return last_delta


def drop(event_type: str) -> Fault:
    """Leave out every event of that type."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for beat in frames:
            if not (isinstance(beat, bytes) and beat.startswith(f"event: {event_type}\n".encode())):
                yield beat

    return on_stream(spoil)


def drop_terminal() -> Fault:
    """End a stream after its last step, without `interaction.completed` and `[DONE]`."""
    return both(drop("done"), drop("interaction.completed"))


def repeat(event: int) -> Fault:
    """Send that event of a stream twice, counted from 0."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for number, beat in number_beats(frames):
            yield beat
            if number == event:
                yield beat

    return on_stream(spoil)


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


def insert(frame: bytes, *, before: int) -> Fault:
    """Put these bytes before that event of a stream, counted from 0."""

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for number, beat in number_beats(frames):
            if number == before:
                yield frame
            yield beat

    return on_stream(spoil)


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
        for number, beat in number_beats(frames):
            if number == after:
                break
            yield beat
        yield line

    return on_stream(spoil)


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


def cut_at(seconds: float = 600.0) -> Fault:
    """Drop a stream once it has taken that long: long runs were cut after ten minutes."""

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
        yield Cut()

    return on_stream(spoil)


def _cut_inside(event: int, offset_in: Callable[[bytes], int]) -> Fault:
    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for number, beat in number_beats(frames):
            if number == event and isinstance(beat, bytes):
                yield beat[: offset_in(beat)]
                break
            yield beat
        yield Cut()

    return on_stream(spoil)
