"""TODO-DOC."""

from __future__ import annotations

from collections.abc import Iterable

from ..protocol.events import to_steps
from ..protocol.status import Status, running
from ..protocol.turn import Turn
from ..wire.http import Json
from .exchange import Exchange


def recorded_turn(exchange: Exchange, later: Iterable[Exchange] = ()) -> Turn:
    """What the model made of a recorded create, as a script of its steps, status and usage.

    A run that was still going is told from the last of its polls in `later`.
    """
    if exchange.streamed:
        events = [frame.json() for frame in exchange.frames[0] if not frame.done]
        steps = to_steps(events)
        ends = [event["interaction"] for event in events if "interaction" in event]
        body: Json = ends[-1] if ends else {}
    else:
        body = exchange.answered
        if body.get("status") == Status.IN_PROGRESS:
            body = _last_poll(body.get("id", ""), later) or body
        steps = [step for step in body.get("steps", []) if step.get("type") != "user_input"]
    status = Status(body.get("status", Status.COMPLETED))
    return Turn(
        tuple(steps),
        status=None if running(status) else status,
        usage=body.get("usage"),
        whole=True,
    )


def _last_poll(identifier: str, exchanges: Iterable[Exchange]) -> Json | None:
    polls = [
        each.answered
        for each in exchanges
        if each.operation == "get" and each.identifier == identifier and each.status == 200
        if not each.streamed
    ]
    return polls[-1] if polls else None
