"""Read the turn of an exchange whose shape is known to be sound, and so without a second look.

What the shape tells is not asked again: that the events are in order, the steps whole, their
members of the right types. What it leaves open and what does not fit makes the reading None.
"""

from __future__ import annotations

import json

from ...protocol.steps import fold
from ...recordings.exchange import Exchange
from ...wire.http import Json
from .registry import TurnView
from .step_places import StepPlace

_PLAIN_MEMBERS = frozenset(
    ("event_type", "index", "step", "delta", "interaction", "interaction_id", "status")
)
_NOWHERE = "events"
_STEP = StepPlace("body.steps")
"""Stand for places, which only findings name."""


def read_sound_turn(exchange: Exchange) -> TurnView | None:
    """Return the turn of a granted create or get of a sound shape; None where it cannot be read."""
    try:
        if exchange.is_stream:
            return _read_stream(exchange)
        request, body = _request_of(exchange), exchange.response_json
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None
    if not isinstance(body, dict) or "error" in body:
        return None
    steps = body.get("steps") or []
    places = [_STEP] * len(steps)
    return TurnView(exchange, request, body, "body", (("body", body),), steps, places)


def _request_of(exchange: Exchange) -> Json:
    """Return the body of a create, an empty object for a get."""
    request: Json = exchange.request_json if exchange.operation == "create" else {}
    return request


def _read_stream(exchange: Exchange) -> TurnView | None:
    """Return the turn of the stream of a create; None where ids differ or events are odd."""
    frames, remaining = exchange.frames
    if exchange.operation != "create" or "last_event_id" in exchange.query or remaining:
        return None
    request = _request_of(exchange)
    events = json.loads(f"[{','.join([frame.data for frame in frames[:-1]])}]")
    first, last = events[0]["interaction"], events[-1]["interaction"]
    identifier = first.get("id")
    steps: list[Json] = []
    places: list[StepPlace] = []
    deltas: list[Json] = []
    for event in events:
        if not _PLAIN_MEMBERS.issuperset(event):
            return None
        match event["event_type"]:
            case "step.delta":
                deltas.append(event["delta"])
            case "step.start":
                start: Json = event["step"]
                deltas = []
            case "step.stop":
                steps.append(fold(start, deltas))
                if not isinstance(steps[-1].get("arguments", {}), dict):
                    return None
                places.append(StepPlace(_NOWHERE, tuple((_NOWHERE, delta) for delta in deltas)))
            case "interaction.status_update":
                if event.get("interaction_id") != identifier:
                    return None
    if last.get("id") != identifier:
        return None
    last_path = f"events[{len(events) - 1}].interaction"
    heads = (("events[0].interaction", first), (last_path, last))
    return TurnView(exchange, request, last, last_path, heads, steps, places)
