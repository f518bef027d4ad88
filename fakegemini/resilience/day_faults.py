"""Do to streams, turns and requests what makes a day bad."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..faults import Fault
from ..faults.compose import on_stream, parse_step_event
from ..protocol import events
from ..protocol.ask import Ask
from ..protocol.background import Course
from ..protocol.builders import step
from ..protocol.step_reading import unanswered_calls
from ..protocol.turn import Turn
from ..wire.http import Beat, Handler, Json, Reply, Request
from ..wire.sse import encode_frame
from ..wording import spell_json
from .day_server import DayServer

UNKNOWN_STATUS = "hibernating"
"""A status that no client knows."""

UNKNOWN_STEP_TYPE = "crystal_ball"
"""A step type that no client knows."""

ERROR_EVENT = encode_frame(
    events.error({"error": {"message": "Deadline expired.", "code": "gateway_timeout"}})
)
"""The event with which a server gives up in the middle of a stream."""


def break_stream(server: DayServer, *ending: Beat, half_event: bool = False) -> Fault:
    """Make a fault that breaks off the first stream with text, after the first piece of it.

    `ending` is what comes instead of the rest, after half of an event where `half_event` is set.
    The server remembers the text that was delivered.
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
    """Return the text of a text delta; empty for any other beat."""
    delta = parse_step_event(beat).get("delta", {})
    return str(delta.get("text", "")) if delta.get("type") == "text" else ""


def fault_by_number(faults: dict[int, Fault]) -> Fault:
    """Make a fault of several: each spoils the request of its number, counted from 1."""
    number = 0

    def fault(handler: Handler) -> Handler:
        def answer_by_number(request: Request) -> Reply:
            nonlocal number
            number += 1
            return faults[number](handler)(request) if number in faults else handler(request)

        return answer_by_number

    return fault


def set_course(server: DayServer, course: Course) -> None:
    """Let every background run take this course."""
    server.change_turn = lambda ask, turn: replace(turn, course=course) if ask.background else turn


def double_call(ask: Ask, turn: Turn) -> Turn:
    """Return a turn that calls one function so that it calls it twice."""
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
    """Return the turn with a step of an unknown type before all others."""
    return (
        turn
        if turn.is_verbatim
        else replace(turn, steps=(step(UNKNOWN_STEP_TYPE, vision="fog"), *turn.steps))
    )


def set_unknown_status(ask: Ask, turn: Turn) -> Turn:
    """Return the turn with an unknown status, unless it waits for the result of a function."""
    return turn if unanswered_calls(turn.steps) else replace(turn, status=UNKNOWN_STATUS)


def split_in_two_hops(ask: Ask, turn: Turn) -> Turn:
    """Return the turn so that it comes in two answers, where it can be divided."""
    return replace(turn, hops=2)


def drop_unknown_step(request: Request) -> Request:
    """Return the request without the step of an unknown type, which a client rightly sends back."""
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
    return replace(request, body=spell_json(body).encode())
