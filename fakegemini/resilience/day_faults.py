"""What the days do to streams, turns and requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from ..faults import Fault
from ..faults.compose import on_stream
from ..protocol import events
from ..protocol.ask import Ask, unanswered
from ..protocol.background import Course
from ..protocol.builders import step
from ..protocol.turn import Turn
from ..wire.http import Beat, Handler, Json, Reply, Request
from ..wire.sse import encode
from .day_server import Stage

STATUS = "hibernating"
"""A status that nobody knows."""

STEP = "crystal_ball"
"""A step type that nobody knows."""

ERROR = encode(events.error({"error": {"message": "Deadline expired.", "code": "gateway_timeout"}}))
"""The event of a server that gives up in the middle of a stream."""


def broken_off(stage: Stage, *last: Beat, half: bool = False) -> Fault:
    """Break off the first stream that has text, after the first piece of it, once.

    `last` is what comes instead of the rest, after the `half` of an event where that is told.
    """

    def spoil(frames: Iterator[Beat]) -> Iterator[Beat]:
        for beat in frames:
            yield beat
            text = "" if stage.delivered else _text(beat)
            if text:
                stage.delivered = text
                following = next((one for one in frames if isinstance(one, bytes)), b"")
                yield from (following[: len(following) // 2],) if half else ()
                yield from last
                return

    return on_stream(spoil)


def _text(beat: Beat) -> str:
    if not isinstance(beat, bytes) or not beat.startswith(b"event: step.delta\n"):
        return ""
    delta = json.loads(beat.partition(b"data: ")[2]).get("delta", {})
    return str(delta.get("text", "")) if delta.get("type") == "text" else ""


def by_number(faults: dict[int, Fault]) -> Fault:
    """Spoil the requests of these numbers, counted from 1."""
    seen = 0

    def fault(handler: Handler) -> Handler:
        def answer(request: Request) -> Reply:
            nonlocal seen
            seen += 1
            return faults[seen](handler)(request) if seen in faults else handler(request)

        return answer

    return fault


def takes(stage: Stage, course: Course) -> None:
    """Every background run takes this course."""
    stage.retell = lambda ask, turn: replace(turn, course=course) if ask.background else turn


def asks_twice(ask: Ask, turn: Turn) -> Turn:
    """A turn that calls one function calls it twice."""
    calls = unanswered(turn.steps)
    if len(calls) != 1 or turn.whole:
        return turn
    again = {key: value for key, value in calls[0].items() if key != "signature"}
    if "id" in again:  # the server mints one where there is none
        again["id"] = again["id"][:-1] + ("b" if again["id"].endswith("a") else "a")
    return replace(turn, steps=(*turn.steps, again))


def with_unknown_step(ask: Ask, turn: Turn) -> Turn:
    """The turn with a step that nobody knows, before all others."""
    return turn if turn.whole else replace(turn, steps=(step(STEP, vision="fog"), *turn.steps))


def with_unknown_status(ask: Ask, turn: Turn) -> Turn:
    """The turn with a status that nobody knows, unless it waits for a function."""
    return turn if unanswered(turn.steps) else replace(turn, status=STATUS)


def in_two_hops(ask: Ask, turn: Turn) -> Turn:
    """The turn in two answers, where it can be divided."""
    return replace(turn, hops=2)


def without_unknown_step(request: Request) -> Request:
    """The request without the step that nobody knows, which a client rightly sends back."""
    if STEP.encode() not in request.body:
        return request
    body: Json = request.json()
    given = body.get("input")
    if isinstance(given, list):
        kept = [one for one in given if not (isinstance(one, dict) and one.get("type") == STEP)]
        body["input"] = kept
    return replace(request, body=json.dumps(body).encode())
