"""Join what of an answer goes out at once: the whole of it, or the beats that are due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from ..wire.compression import GZIP_HEADER
from ..wire.due_frames import DueFrames
from ..wire.http import Beat, Pairs, Reply

RawHeaders = tuple[tuple[bytes, bytes], ...]

LENGTH = b"content-length"
LONG_BODY = 65_536
"""From how many bytes on others should not wait until a body is worked on."""

MOST_JOINED_BEATS, MOST_JOINED_BYTES = 64, 65_536
"""How many beats, and about how many bytes, go out in one write at most."""


class JoinedBody(NamedTuple):
    """The body of an answer that neither waits nor is cut; its head may say how long it is."""

    body: bytes
    says_length: bool


def join_beats(reply: Reply) -> JoinedBody | None:
    """Return the body of a reply that goes out at once; None where it waits, is cut, or is long."""
    beats = reply.beats
    if isinstance(beats, tuple):
        pieces = [beat for beat in beats if isinstance(beat, bytes)]
        return JoinedBody(b"".join(pieces), True) if len(pieces) == len(beats) else None
    if isinstance(beats, DueFrames) and _goes_in_one_write(beats, reply):
        return JoinedBody(beats.joined, False)
    return None


def _goes_in_one_write(frames: DueFrames, reply: Reply) -> bool:
    """Tell whether all frames would be joined, if they were taken one after the other."""
    is_small = len(frames.joined) < MOST_JOINED_BYTES and frames.frame_count < MOST_JOINED_BEATS
    return is_small and not (reply.plain or reply.slow)


def join_due(beats: Iterable[Beat], most_beats: int) -> Iterator[tuple[Beat, bool]]:
    """Join the bytes that are due now, up to `most_beats`, and tell which beat is the last.

    The last are always bytes, maybe none. What raises does so behind all that came before it.
    """
    due: list[bytes] = []
    size = 0
    try:
        for beat in beats:
            if isinstance(beat, bytes):
                due.append(beat)
                size += len(beat)
                if len(due) < most_beats and size < MOST_JOINED_BYTES:
                    continue
            if due:
                yield b"".join(due), False
                due, size = [], 0
            if not isinstance(beat, bytes):
                yield beat, False
    except Exception:
        if due:
            yield b"".join(due), False
        raise
    yield b"".join(due), True


def packing_headers() -> RawHeaders:
    """Return the headers that say how a body is packed."""
    return _PACKING


_PACKING: RawHeaders = (tuple([part.encode() for part in GZIP_HEADER]),)  # type: ignore[assignment]


def encode_headers(headers: Pairs) -> RawHeaders:
    """Return headers as ASGI has them."""
    try:
        return _encode_once(headers)
    except TypeError:  # somebody's own handler has lists for pairs
        return _encode(headers)


def _encode(headers: Pairs) -> RawHeaders:
    return tuple((key.encode("latin-1"), value.encode("latin-1")) for key, value in headers)


_encode_once = lru_cache(maxsize=64)(_encode)  # nearly all answers have the same
