"""Turn a recorded create into a script: what the model made of it, to be made again."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import NoInteraction
from ..protocol.status import Status, is_running
from ..protocol.turn import Turn
from ..wire.http import Json
from ..wording import brief_json
from .answers import fold_interaction, fold_steps, response_objects
from .exchange import Exchange


def recorded_turn(exchange: Exchange, later_exchanges: Iterable[Exchange] = ()) -> Turn:
    """Build the turn of a recorded create from its answer: steps, status and usage.

    later_exchanges: those that follow in the recording; where the answer says that the run still
        goes on, the last poll of the interaction among them counts instead

    Raises `NoInteraction` for an answer from which no interaction can be read, with the path of
    what is odd.
    """
    if exchange.is_stream:
        events = response_objects(exchange)
        body, steps = fold_interaction(events), fold_steps(events) or []
        if not body:
            raise NoInteraction("response: no event of the stream has an interaction or a status")
    else:
        body = _answered_object(exchange)
        if body.get("status") == Status.IN_PROGRESS:
            body = _last_poll(body.get("id", ""), later_exchanges) or body
        steps = [step for step in _steps_of(body) if step.get("type") != "user_input"]
    status, usage = body.get("status", Status.COMPLETED), body.get("usage")
    if not isinstance(status, str) or not status:
        raise NoInteraction(f"response.body.status is {brief_json(status)}, not a text")
    if usage is not None and not isinstance(usage, dict):
        raise NoInteraction(f"response.body.usage is {brief_json(usage)}, not an object")
    return Turn(
        tuple(steps),
        status=None if is_running(status) else status,
        usage=usage,
        is_verbatim=True,
    )


def _answered_object(exchange: Exchange) -> Json:
    """Return the object in the body of an answer."""
    try:
        body = exchange.response_json
    except ValueError as error:
        raise NoInteraction(f"response.body is no JSON: {error}") from None
    if not isinstance(body, dict):
        empty = not exchange.response_body.strip()
        content = "empty" if empty else f"{brief_json(body)}, not an object"
        raise NoInteraction(f"response.body is {content}")
    return body


def _steps_of(body: Json) -> list[Json]:
    """Return the steps of an interaction, none where it has no such member."""
    steps = body.get("steps", [])
    if not isinstance(steps, list):
        raise NoInteraction(f"response.body.steps is {brief_json(steps)}, not an array")
    for number, step in enumerate(steps):
        if not isinstance(step, dict):
            raise NoInteraction(
                f"response.body.steps[{number}] is {brief_json(step)}, not an object"
            )
    return steps


def _last_poll(identifier: str, exchanges: Iterable[Exchange]) -> Json | None:
    """Return the body of the last get of an interaction that succeeded, None without one."""
    polls = [
        body
        for exchange in exchanges
        if exchange.operation == "get"
        and exchange.interaction_id == identifier
        and exchange.status == 200
        and not exchange.is_stream
        for body in response_objects(exchange)
    ]
    return polls[-1] if polls else None
