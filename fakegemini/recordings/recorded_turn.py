"""TODO-DOC."""

from __future__ import annotations

from collections.abc import Iterable

from ..protocol.events import to_steps
from ..protocol.status import Status, is_running
from ..protocol.turn import Turn
from ..wire.http import Json
from .exchange import Exchange


def recorded_turn(exchange: Exchange, later_exchanges: Iterable[Exchange] = ()) -> Turn:
    """What the model made of a recorded create, as a script of its steps, status and usage.

    A run that was still going is told from the last of its polls in `later`.
    """
    if exchange.is_stream:
        events = [frame.json() for frame in exchange.frames[0] if not frame.is_done]
        steps = to_steps(events)
        interactions = [event["interaction"] for event in events if "interaction" in event]
        body: Json = interactions[-1] if interactions else {}
    else:
        body = exchange.response_json
        if body.get("status") == Status.IN_PROGRESS:
            body = _last_poll(body.get("id", ""), later_exchanges) or body
        steps = [step for step in body.get("steps", []) if step.get("type") != "user_input"]
    status = Status(body.get("status", Status.COMPLETED))
    return Turn(
        tuple(steps),
        status=None if is_running(status) else status,
        usage=body.get("usage"),
        is_verbatim=True,
    )


def _last_poll(identifier: str, exchanges: Iterable[Exchange]) -> Json | None:
    polls = [
        exchange.response_json
        for exchange in exchanges
        if exchange.operation == "get"
        and exchange.interaction_id == identifier
        and exchange.status == 200
        if not exchange.is_stream
    ]
    return polls[-1] if polls else None
