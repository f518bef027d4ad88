"""Join the events of a stream that are pieces of one thing, so that two streams can be compared.

Into how many pieces a text or a medium is cut depends on the model's pace. Everything else comes
as often as it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..protocol.step_reading import CONTENT_TYPES
from ..recordings.answers import response_values
from ..recordings.exchange import Exchange
from ..wire.http import Json
from ..wire.sse import Frame


@dataclass(frozen=True, slots=True)
class EventRun:
    """Events of one name, one behind the other.

    name: the event's name, the index of its step and the type of what it brings
    kind: the same without the index
    event: the first of them, without what is cut in pieces; None for `[DONE]` and what is no JSON
    count: how many there are; 1 for pieces
    """

    name: str
    kind: str
    event: Json | None
    count: int


def join_events(frames: Iterable[Frame]) -> list[EventRun]:
    """Return the runs of a stream, in its order."""
    return [
        _make_run(list(group)) for _, group in groupby(frames, lambda frame: _names_of(frame)[0])
    ]


def objects_of(body: bytes) -> Iterator[Any]:
    """Yield the JSON values of a body, or of the events of a stream."""
    return response_values(Exchange(1, response_body=body))


def _make_run(frames: list[Frame]) -> EventRun:
    name, kind = _names_of(frames[0])
    event = event_in(frames[0])
    count = len(frames)
    delta = event.get("delta") if event else None
    if event and isinstance(delta, dict) and str(delta.get("type")) in CONTENT_TYPES:
        count = 1
        pieces = ("text", "data")
        pieceless = {key: "a piece" if key in pieces else delta[key] for key in delta}
        event = {**event, "delta": pieceless}
    return EventRun(name, kind, event, count)


def _names_of(frame: Frame) -> tuple[str, str]:
    """Return the name and the kind of an event."""
    if frame.is_done:
        return "done [DONE]", "done [DONE]"
    event = event_in(frame)
    if event is None:
        return f"{frame.name} no JSON object", f"{frame.name} no JSON object"
    parts = (event.get("delta"), event.get("step"))
    types = (part.get("type") for part in parts if isinstance(part, dict))
    kind = next((kind for kind in types if kind), "")
    index = event.get("index", "")
    return f"{frame.name} {index} {kind}".strip(), f"{frame.name} {kind}".strip()


def event_in(frame: Frame) -> Json | None:
    """Return the object in a frame, None for `[DONE]` and for data that is none."""
    try:
        event = None if frame.is_done else frame.json()
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
