"""Read of an exchange what its support is counted by: what was asked, answered, and made.

Wrong shapes are passed over, not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...protocol.ask import without_nulls
from ...protocol.steps import fold
from ...recordings.exchange import Exchange
from ...wire.http import Json
from ...wire.json_text import parse_json


@dataclass(slots=True)
class AnswerParts:
    """What one exchange says.

    request: the body of a create, empty for anything else
    body: the interaction, of a stream that of its last event; empty where there is none
    steps: what the answer holds of steps, of a stream as its deltas make them
    """

    exchange: Exchange
    request: Json = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    steps: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)

    @property
    def blocks(self) -> Iterator[Json]:
        """Return the content of the model's outputs."""
        for step in self.steps:
            content = step.get("content")
            for block in content if isinstance(content, list) else ():
                if isinstance(block, dict) and step.get("type") != "user_input":
                    yield block

    @property
    def config(self) -> Json:
        """Return `generation_config` of the request, or an empty object."""
        return _as_object(self.request.get("generation_config"))

    @property
    def tools(self) -> list[Json]:
        """Return the tools that the request declares."""
        return _objects_in(self.request.get("tools"))


def read_parts(exchange: Exchange) -> AnswerParts:
    """Read the parts of an exchange; what cannot be read is left out."""
    parts = AnswerParts(exchange)
    if exchange.operation == "create":
        parts.request = _as_object(without_nulls(_read(exchange, "request_json")))
    if exchange.is_stream:
        parts.events = list(_events_of(exchange))
        for event in parts.events:
            parts.body = _as_object(event.get("interaction")) or parts.body
        parts.steps = list(_folded_steps(parts.events))
    else:
        parts.body = _as_object(_read(exchange, "response_json"))
        parts.steps = _objects_in(parts.body.get("steps"))
    return parts


def _read(exchange: Exchange, attribute: str) -> Any:
    try:
        return getattr(exchange, attribute)
    except ValueError:
        return None


def _as_object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _objects_in(value: Any) -> list[Json]:
    elements = value if isinstance(value, list) else []
    return [element for element in elements if isinstance(element, dict)]


def _events_of(exchange: Exchange) -> Iterator[Json]:
    for frame in exchange.frames[0]:
        try:
            event = {} if frame.is_done else parse_json(frame.data)
        except ValueError:
            continue
        if isinstance(event, dict) and event:
            yield event


def _folded_steps(events: list[Json]) -> Iterator[Json]:
    start: Json | None = None
    deltas: list[Json] = []
    for event in events:
        match event.get("event_type"):
            case "step.start":
                start, deltas = _as_object(event.get("step")), []
            case "step.delta":
                deltas.append(_as_object(event.get("delta")))
            case "step.stop" if start is not None:
                try:
                    yield fold(start, deltas)
                except (ValueError, TypeError, KeyError, AttributeError):
                    yield start
                start = None
    if start is not None:
        yield start
