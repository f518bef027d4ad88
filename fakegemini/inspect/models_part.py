"""Take from a recorded turn what is the model's, and leave what follows from the protocol.

The fake gets texts, arguments, results of tools, summaries, and how long a run took. It has to know
by itself the status, ids, signatures, the thought before an answer, counts, and everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..protocol.background import Course, RunStage
from ..protocol.status import Status
from ..protocol.turn import Turn
from ..recordings.answers import response_objects
from ..recordings.exchange import Exchange
from ..recordings.recorded_turn import recorded_turn
from ..wire.http import Json

_OF_THE_PROTOCOL = frozenset({Status.COMPLETED, Status.REQUIRES_ACTION, Status.CANCELLED})
"""The statuses that the fake has to know by itself."""

_BEFORE = frozenset({"function_call", "model_output", "code_execution_call"})
"""The steps before which a model thinks."""

_LONG_RUN = 1e9
"""Seconds after which a run would end by itself: its polls end it before."""


def models_part(exchange: Exchange, exchanges: Iterable[Exchange]) -> Turn:
    """Return what the model made of a recorded create, as a script.

    Raises `NoInteraction` for an answer from which no interaction can be read.
    """
    exchanges = [*exchanges]
    turn = recorded_turn(exchange, exchanges)
    usage = turn.usage or {}
    is_of_model = turn.status is not None and turn.status not in _OF_THE_PROTOCOL
    return Turn(
        tuple(_strip_steps(turn.steps)),
        status=turn.status if is_of_model else None,
        thought_tokens=_count(usage, "total_thought_tokens"),
        tool_use_tokens=_count(usage, "total_tool_use_tokens"),
        grounding=tuple(_rows(usage.get("grounding_tool_count"))),
        errors=tuple(_rows(turn.errors)),
        course=_course(exchange, exchanges),
    )


def _strip_steps(steps: tuple[Json, ...]) -> Iterable[Json]:
    """Yield the steps without what the server adds, and without thoughts that it has to add."""
    for number, step in enumerate(steps):
        following = steps[number + 1].get("type") if number + 1 < len(steps) else None
        is_bare = step.get("type") == "thought" and step.get("signature") and "summary" not in step
        if is_bare and following in _BEFORE and _is_first(steps, number + 1):
            continue
        yield _strip_step(step)


def _is_first(steps: tuple[Json, ...], position: int) -> bool:
    """Tell whether a step is the first call or output of its turn, or its first call of code."""
    kind = steps[position].get("type")
    others = (
        {"code_execution_call"}
        if kind == "code_execution_call"
        else _BEFORE - {"code_execution_call"}
    )
    return all(step.get("type") not in others for step in steps[:position])


def _strip_step(step: Json) -> Json:
    kind = str(step.get("type"))
    names: set[str] = set()
    if kind == "thought" and step.get("signature"):
        names = {"signature"}
    elif kind in ("function_call", "code_execution_call"):
        names = {"id", "signature"}
    elif kind.endswith("_call"):
        names = {"id"}
    elif kind.endswith("_result"):
        names = {"call_id"}
    return {key: value for key, value in step.items() if key not in names}


def _course(exchange: Exchange, exchanges: list[Exchange]) -> Course | None:
    """Return the stages of a background run: as many polls as found it running."""
    identifiers = {body.get("id") for body in response_objects(exchange)}
    stages: dict[Status, int] = {}
    for later in exchanges:
        if later.operation != "get" or later.interaction_id not in identifiers or later.is_stream:
            continue
        for body in response_objects(later):
            if body.get("status") in (Status.QUEUED, Status.IN_PROGRESS):
                stages[Status(body["status"])] = stages.get(Status(body["status"]), 0) + 1
    first = next((body.get("status") for body in response_objects(exchange)), None)
    order = (Status.QUEUED, Status.IN_PROGRESS) if first == Status.QUEUED else (Status.IN_PROGRESS,)
    return tuple(RunStage(status, stages.get(status, 0), _LONG_RUN) for status in order)


def _count(usage: Json, name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def _rows(value: Any) -> Iterable[Json]:
    return (
        (row for row in value if isinstance(row, dict)) if isinstance(value, list | tuple) else ()
    )
