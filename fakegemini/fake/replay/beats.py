"""A recorded answer as beats, with other names in it, in any chunks and at any pace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

from ...errors import BadScript
from ...recordings.exchange import Recorded
from ...wire.http import RETRIED, Beat, Cut, Pairs, Reply, Wait
from ...wire.json_text import dumps
from ...wire.replies import ERROR_JSON, EVENT_STREAM, JSON

Change: TypeAlias = Callable[[Any], Any]
"""Takes a JSON body or event, gives it with other names."""

_OWN = frozenset(
    {"connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding"}
)
"""The headers of the recorded connection; a replay has a connection of its own."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How streams are played.

    `chunks` is "recorded" (the boundaries of the recording, where it has any, else one event a
    chunk), "events", or a number of bytes. With `real` the recorded pauses are waited for, and a
    recorded `retry-after` is handed on; without, nothing waits. Raises `BadScript`.
    """

    chunks: str | int = "recorded"
    real: bool = False

    def __post_init__(self) -> None:
        if self.chunks in ("recorded", "events"):
            return
        if not isinstance(self.chunks, int) or isinstance(self.chunks, bool) or self.chunks < 1:
            raise BadScript(
                f'chunks is "recorded", "events" or a number of bytes from 1, not {self.chunks!r}'
            )


def replayed(recorded: Recorded, change: Change, pace: Pace, after: str | None = None) -> Reply:
    """The recorded answer with its names changed; of a stream only what follows event `after`."""
    exchange = recorded.exchange
    status = exchange.status or 200
    headers = _headers(recorded, status, pace)
    if not exchange.streamed:
        return Reply(status, headers, (_body(exchange.response_body, change),))
    body = whole_end(exchange.response_body)
    lines = frames_of(body)
    skip = 0
    if after is not None:
        skip = 1 + next(n for n, frame in enumerate(lines) if event_id(frame) == after)
    made = [_changed(frame, change) for frame in lines[skip:]]
    chunks = () if skip else recorded.chunks
    cut = recorded.ended == "cut" or not body.endswith(b"\n\n")
    return Reply(status, headers, _beats(lines[skip:], made, chunks, cut, pace), plain=True)


def event_id(frame: bytes) -> str | None:
    """The id of the event in a frame, None where it has none."""
    for line in frame.split(b"\n"):
        event = _json(line.removeprefix(b"data:")) if line.startswith(b"data:") else None
        if isinstance(event, dict) and isinstance(event.get("event_id"), str):
            name: str = event["event_id"]
            return name
    return None


def _headers(recorded: Recorded, status: int, pace: Pace) -> Pairs:
    exchange = recorded.exchange
    kept = {k: v for k, v in exchange.response_headers.items() if k not in _OWN}
    if "content-type" not in kept:
        plain = JSON if status < 400 else ERROR_JSON
        kept["content-type"] = EVENT_STREAM if exchange.streamed else plain
    if status in RETRIED and not pace.real:
        kept.pop("retry-after", None)
        kept["retry-after-ms"] = "1"  # the retry is part of the recording, its pause need not be
    return tuple(kept.items())


def _body(body: bytes, change: Change) -> bytes:
    value = _json(body)
    return dumps(change(value)).encode() if isinstance(value, dict | list) else body


def whole_end(body: bytes) -> bytes:
    """A stream whose last blank line an editor took away, with it; else the stream as it is."""
    plain = body.replace(b"\r\n", b"\n")
    last = plain.rstrip(b"\n").rpartition(b"\n")[2]
    data = last.removeprefix(b"data:").strip()
    if plain.endswith(b"\n\n") or not (data == b"[DONE]" or isinstance(_json(data), dict)):
        return plain
    return plain.rstrip(b"\n") + b"\n\n"


def frames_of(body: bytes) -> list[bytes]:
    """A stream in pieces that end with a blank line each; the last one may be unfinished."""
    ends = body.replace(b"\r\n", b"\n")
    pieces = [piece + b"\n\n" for piece in ends.split(b"\n\n")]
    pieces[-1] = pieces[-1][:-2]
    return [piece for piece in pieces if piece]


def _changed(frame: bytes, change: Change) -> bytes:
    lines = frame.split(b"\n")
    for number, line in enumerate(lines):
        head, colon, data = line.partition(b":")
        value = _json(data if head == b"data" and colon else line)
        if isinstance(value, dict):
            text = dumps(change(value)).encode()
            lines[number] = b"data: " + text if head == b"data" else text
    return b"\n".join(lines)


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _beats(
    old: list[bytes],
    new: list[bytes],
    chunks: tuple[tuple[float, int], ...],
    cut: bool,
    pace: Pace,
) -> Iterator[Beat]:
    whole = b"".join(new)
    if isinstance(pace.chunks, int):
        ends = [*range(pace.chunks, len(whole), pace.chunks), len(whole)]
    elif pace.chunks == "recorded" and chunks:
        moved = _moved(old, new)
        ends = [moved(end) for end in accumulate(size for _, size in chunks)]
    else:
        ends = list(accumulate(len(frame) for frame in new))
    pauses = _pauses(chunks, len(ends)) if pace.real else [0.0] * len(ends)
    for (start, end), pause in zip(pairwise([0, *ends]), pauses, strict=True):
        if pause > 0:
            yield Wait(pause, real=True)
        if end > start:
            yield whole[start:end]
    if cut:
        yield Cut()


def _moved(old: list[bytes], new: list[bytes]) -> Callable[[int], int]:
    """Where a boundary of the recorded bytes falls in the new ones, whose frames differ in length.

    A boundary at the end of a frame stays there; one inside a frame stays as far inside.
    """
    before = [0, *accumulate(len(frame) for frame in old)]
    after = [0, *accumulate(len(frame) for frame in new)]

    def moved(end: int) -> int:
        for number, stop in enumerate(before[1:]):
            if end == stop:
                return after[number + 1]
            if end < stop:
                return min(after[number] + end - before[number], after[number + 1])
        return after[-1]

    return moved


def _pauses(chunks: tuple[tuple[float, int], ...], count: int) -> list[float]:
    """The pause before each of `count` chunks; other chunks than recorded share the time evenly."""
    times = [0.0, *(at for at, _ in chunks)]
    if len(chunks) == count:
        return [later - earlier for earlier, later in pairwise(times)]
    return [times[-1] / count] * count if count else []
