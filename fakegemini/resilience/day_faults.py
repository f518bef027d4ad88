"""What the days do to streams, turns and requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from ..faults import Fault
from ..faults.compose import on_stream
from ..protocol import events
from ..protocol.ask import Ask, unanswered_calls
from ..protocol.background import Course
from ..protocol.builders import step
from ..protocol.turn import Turn
from ..wire.http import Beat, Handler, Json, Reply, Request
from ..wire.sse import encode_frame
from .day_server import DayServer

UNKNOWN_STATUS = "hibernating"
"""A status that nobody knows."""

UNKNOWN_STEP_TYPE = "crystal_ball"
"""A step type that nobody knows."""

ERROR_EVENT = encode_frame(
    events.error({"error": {"message": "Deadline expired.", "code": "gateway_timeout"}})
)
"""The event of a server that gives up in the middle of a stream."""


def break_stream(server: DayServer, *ending: Beat, half_event: bool = False) -> Fault:
    """Break off the first stream that has text, after the first piece of it, once.

    `ending` is what comes instead of the rest, after half of an event where `half_event` is set.
    """

    def spoil(beats: Iterator[Beat]) -> Iterator[Beat]:
        for beat in beats:
            yield beat
            text = "" if server.delivered_text else _text_of_beat(beat)
            if text:
                server.delivered_text = text
                next_frame = next((frame for frame in beats if isinstance(frame, bytes)), b"")
                yield from (next_frame[: len(next_frame) // 2],) if half_event else ()
                yield from ending
                return

    return on_stream(spoil)


def _text_of_beat(beat: Beat) -> str:
    if not isinstance(beat, bytes) or not beat.startswith(b"event: step.delta\n"):
        return ""
    delta = json.loads(beat.partition(b"data: ")[2]).get("delta", {})
    return str(delta.get("text", "")) if delta.get("type") == "text" else ""


def fault_by_number(faults: dict[int, Fault]) -> Fault:
    """Spoil the requests of these numbers, counted from 1."""
    number = 0

    def fault(handler: Handler) -> Handler:
        def answer_by_number(request: Request) -> Reply:
            nonlocal number
            number += 1
            return faults[number](handler)(request) if number in faults else handler(request)

        return answer_by_number

    return fault


def set_course(server: DayServer, course: Course) -> None:
    """Every background run takes this course."""
    server.change_turn = lambda ask, turn: replace(turn, course=course) if ask.background else turn


def double_call(ask: Ask, turn: Turn) -> Turn:
    """A turn that calls one function calls it twice."""
    calls = unanswered_calls(turn.steps)
    if len(calls) != 1 or turn.is_verbatim:
        return turn
    second_call = {key: value for key, value in calls[0].items() if key != "signature"}
    if "id" in second_call:  # the server mints one where there is none
        second_call["id"] = second_call["id"][:-1] + (
            "b" if second_call["id"].endswith("a") else "a"
        )
    return replace(turn, steps=(*turn.steps, second_call))


def add_unknown_step(ask: Ask, turn: Turn) -> Turn:
    """The turn with a step that nobody knows, before all others."""
    return (
        turn
        if turn.is_verbatim
        else replace(turn, steps=(step(UNKNOWN_STEP_TYPE, vision="fog"), *turn.steps))
    )


def set_unknown_status(ask: Ask, turn: Turn) -> Turn:
    """The turn with a status that nobody knows, unless it waits for a function."""
    return turn if unanswered_calls(turn.steps) else replace(turn, status=UNKNOWN_STATUS)


def split_in_two_hops(ask: Ask, turn: Turn) -> Turn:
    """The turn in two answers, where it can be divided."""
    return replace(turn, hops=2)


def drop_unknown_step(request: Request) -> Request:
    """The request without the step that nobody knows, which a client rightly sends back."""
    if UNKNOWN_STEP_TYPE.encode() not in request.body:
        return request
    body: Json = request.json()
    input_steps = body.get("input")
    if isinstance(input_steps, list):
        known_steps = [
            input_step
            for input_step in input_steps
            if not (isinstance(input_step, dict) and input_step.get("type") == UNKNOWN_STEP_TYPE)
        ]
        body["input"] = known_steps
    return replace(request, body=json.dumps(body).encode())
