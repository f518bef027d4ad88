"""Turn a recorded answer into beats, with other names in it, in any chunks and at any pace."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

from ...errors import BadScript
from ...recordings.exchange import RecordedExchange
from ...wire.http import RETRIED, Beat, Cut, Pairs, Reply, Wait
from ...wire.json_text import dump_json
from ...wire.origins import OriginMover, map_header
from ...wire.replies import ERROR_JSON, EVENT_STREAM, JSON

Renamer: TypeAlias = Callable[[Any], Any]
"""Takes a JSON body or event and returns it with other names."""

_CONNECTION_HEADERS = frozenset(
    {"connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding"}
)
"""The headers of the recorded connection; a replay has a connection of its own."""


@dataclass(frozen=True, slots=True)
class ReplayPace:
    """How streams are replayed.

    `chunks` is "recorded" (the boundaries of the recording, where it has any, else one event a
    chunk), "events", or a number of bytes. With `real` the recorded pauses are waited for, so many
    times as fast where it is a number, and a recorded `retry-after` stays; without, nothing waits.
    Raises `BadScript` for other chunks, or for a pace that cannot be.
    """

    chunks: str | int = "recorded"
    real: bool | float = False

    def __post_init__(self) -> None:
        if not isinstance(self.real, int | float) or not 0 <= self.real < math.inf:
            raise BadScript(
                "real_pace is True, False, or how many times as fast as it was recorded, not "
                f"{self.real!r}"
            )
        if self.chunks in ("recorded", "events"):
            return
        if not isinstance(self.chunks, int) or isinstance(self.chunks, bool) or self.chunks < 1:
            raise BadScript(
                f'chunks is "recorded", "events" or a number of bytes from 1, not {self.chunks!r}'
            )


def replay_reply(
    recorded: RecordedExchange,
    rename_only: Renamer,
    pace: ReplayPace,
    last_event_id: str | None = None,
    *,
    base: str = "http://127.0.0.1",
    moved: dict[str, str] | None = None,
) -> Reply:
    """Return the recorded answer with other names; of a stream, what follows `last_event_id`.

    base: where the replay is reached, to which every address of the recorded server leads
    moved: takes each such address, and what was recorded in its place
    """
    exchange = recorded.exchange
    status = exchange.status or 200
    mover = OriginMover(exchange.uri, base, moved=moved)
    headers = tuple(
        (name, map_header(value, mover.move_text))
        for name, value in _headers(recorded, status, pace)
    )

    def rename(value: Any) -> Any:
        return mover.move_all(rename_only(value))

    if not exchange.is_stream:
        return Reply(status, headers, (_rename_body(exchange.response_body, rename),))
    body = restore_last_blank_line(exchange.response_body)
    frames = split_frames(body)
    skip = 0
    if last_event_id is not None:
        skip = 1 + next(n for n, frame in enumerate(frames) if event_id(frame) == last_event_id)
    renamed_frames = [_rename_frame(frame, rename) for frame in frames[skip:]]
    chunks = () if skip else recorded.chunks
    cut = recorded.ending == "cut" or not body.endswith(b"\n\n")
    return Reply(
        status, headers, _chunk_beats(frames[skip:], renamed_frames, chunks, cut, pace), plain=True
    )


def event_id(frame: bytes) -> str | None:
    """Return the id of the event in a frame; None where it has none."""
    for line in frame.split(b"\n"):
        event = _parse_json(line.removeprefix(b"data:")) if line.startswith(b"data:") else None
        if isinstance(event, dict) and isinstance(event.get("event_id"), str):
            name: str = event["event_id"]
            return name
    return None


def _headers(recorded: RecordedExchange, status: int, pace: ReplayPace) -> Pairs:
    exchange = recorded.exchange
    headers = {k: v for k, v in exchange.response_headers.items() if k not in _CONNECTION_HEADERS}
    if "content-type" not in headers:
        json_type = JSON if status < 400 else ERROR_JSON
        headers["content-type"] = EVENT_STREAM if exchange.is_stream else json_type
    if status in RETRIED and not pace.real:
        headers.pop("retry-after", None)
        headers["retry-after-ms"] = "1"  # the retry is part of the recording, its pause need not be
    return tuple(headers.items())


def _rename_body(body: bytes, rename: Renamer) -> bytes:
    value = _parse_json(body)
    if not isinstance(value, dict | list):
        return body
    renamed_value = rename(value)
    return body if renamed_value is value else dump_json(renamed_value).encode()


def restore_last_blank_line(body: bytes) -> bytes:
    """Return a stream with the last blank line that an editor may have taken away."""
    stream = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    last = stream.rstrip(b"\n").rpartition(b"\n")[2]
    data = last.removeprefix(b"data:").strip()
    if stream.endswith(b"\n\n") or not (data == b"[DONE]" or isinstance(_parse_json(data), dict)):
        return stream
    return stream.rstrip(b"\n") + b"\n\n"


def split_frames(body: bytes) -> list[bytes]:
    """Split a stream into pieces that end with a blank line each; the last may be unfinished."""
    ends = body.replace(b"\r\n", b"\n")
    pieces = [piece + b"\n\n" for piece in ends.split(b"\n\n")]
    pieces[-1] = pieces[-1][:-2]
    return [piece for piece in pieces if piece]


def _rename_frame(frame: bytes, rename: Renamer) -> bytes:
    lines = frame.split(b"\n")
    for number, line in enumerate(lines):
        head, colon, data = line.partition(b":")
        value = _parse_json(data if head == b"data" and colon else line)
        if isinstance(value, dict):
            text = dump_json(rename(value)).encode()
            lines[number] = b"data: " + text if head == b"data" else text
    return b"\n".join(lines)


def _parse_json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _chunk_beats(
    recorded_frames: list[bytes],
    new_frames: list[bytes],
    chunks: tuple[tuple[float, int], ...],
    cut: bool,
    pace: ReplayPace,
) -> Iterator[Beat]:
    body = b"".join(new_frames)
    if isinstance(pace.chunks, int):
        ends = [*range(pace.chunks, len(body), pace.chunks), len(body)]
    elif pace.chunks == "recorded" and chunks:
        move_boundary = _boundary_mover(recorded_frames, new_frames)
        ends = [move_boundary(end) for end in accumulate(size for _, size in chunks)]
    else:
        ends = list(accumulate(len(frame) for frame in new_frames))
    pauses = [pause / pace.real if pace.real else 0.0 for pause in _pauses(chunks, len(ends))]
    for (start, end), pause in zip(pairwise([0, *ends]), pauses, strict=True):
        if pause > 0:
            yield Wait(pause, real=True)
        if end > start:
            yield body[start:end]
    if cut:
        yield Cut()


def _boundary_mover(recorded_frames: list[bytes], new_frames: list[bytes]) -> Callable[[int], int]:
    """Return what moves a boundary of the recorded bytes into the new ones, of another length.

    A boundary at the end of a frame stays there; one inside a frame stays as far inside.
    """
    recorded_offsets = [0, *accumulate(len(frame) for frame in recorded_frames)]
    new_offsets = [0, *accumulate(len(frame) for frame in new_frames)]

    def move_boundary(end: int) -> int:
        for number, stop in enumerate(recorded_offsets[1:]):
            if end == stop:
                return new_offsets[number + 1]
            if end < stop:
                return min(
                    new_offsets[number] + end - recorded_offsets[number], new_offsets[number + 1]
                )
        return new_offsets[-1]

    return move_boundary


def _pauses(chunks: tuple[tuple[float, int], ...], count: int) -> list[float]:
    """Return the pause before each of `count` chunks, in seconds.

    Chunks that are not the recorded ones share the recorded time evenly.
    """
    times = [0.0, *(at for at, _ in chunks)]
    if len(chunks) == count:
        return [end - start for start, end in pairwise(times)]
    return [times[-1] / count] * count if count else []
