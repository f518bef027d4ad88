"""Turn a recorded create into a script: what the model made of it, to be made again."""

from __future__ import annotations

from collections.abc import Iterable

from ..protocol.status import Status, is_running
from ..protocol.turn import Turn
from ..wire.http import Json
from .answers import fold_interaction, fold_steps, response_objects
from .exchange import Exchange


def recorded_turn(exchange: Exchange, later_exchanges: Iterable[Exchange] = ()) -> Turn:
    """Build the turn of a recorded create from its answer: steps, status and usage.

    later_exchanges: those that follow in the recording; where the answer says that the run still
        goes on, the last poll of the interaction among them counts instead
    """
    if exchange.is_stream:
        events = response_objects(exchange)
        body, steps = fold_interaction(events), fold_steps(events) or []
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
    """Return the body of the last get of an interaction that succeeded, None without one."""
    polls = [
        exchange.response_json
        for exchange in exchanges
        if exchange.operation == "get"
        and exchange.interaction_id == identifier
        and exchange.status == 200
        and not exchange.is_stream
    ]
    return polls[-1] if polls else None
