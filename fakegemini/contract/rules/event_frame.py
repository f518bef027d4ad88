"""What holds of one frame of a stream by itself: it is JSON, an object, named as its event is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...errors import DuplicateKey
from ...wire.http import Json
from ...wire.json_paths import join_path
from ...wire.json_text import parse_json
from ...wire.sse import Frame
from ...wording import brief_json
from ..findings import Kind, Problem
from .registry import ANY_ANSWER, EXCHANGES, STREAMS, Evidence, add_rule, problem
from .schema_fit import find_event_problems

add_rule(
    "not-json",
    "a body or an event is JSON",
    bears_on="exchanges",
    scope=ANY_ANSWER,
    evidence=(EXCHANGES, STREAMS),
    example='response.body: "{"; expected JSON (Expecting property name enclosed in double '
    "quotes: line 1 column 2 (char 1))",
)
add_rule(
    "duplicate-key",
    "an object names each member once",
    bears_on="exchanges",
    scope=ANY_ANSWER,
    evidence=(EXCHANGES, STREAMS),
    example='response.body: "a twice"; expected each member once',
)
add_rule(
    "event-name",
    "the `event:` line is the `event_type`; the last is `done`",
    bears_on="streams",
    scope=ANY_ANSWER,
    evidence=(STREAMS,),
    example='response.events[4].event: "x"; expected "step.stop", the event_type',
)


class FrameReading(NamedTuple):
    """An event, or None where there is none; its breaches; whether its shape is right."""

    event: Json | None
    problems: tuple[Problem, ...]
    is_sound: bool


def read_event(frame: Frame, path: str) -> FrameReading:
    """Parse the event of a frame and hold it against the schema of its kind.

    `path` is the place of the frame, and of what is wrong with it.
    """
    try:
        event = parse_json(frame.data)
    except ValueError as error:
        return FrameReading(None, (unreadable_body(path, frame.data, error, STREAMS),), False)
    if not isinstance(event, dict):
        breach = problem("wrong-type", path, brief_json(event), "object", evidence=STREAMS)
        return FrameReading(None, (breach,), False)
    problems = find_event_problems(event)
    if not problems and frame.name == event.get("event_type"):
        return FrameReading(event, (), True)
    is_sound = all(each.kind is not Kind.VIOLATION for each in problems)
    located = (each.under(path) for each in problems)
    return FrameReading(event, (*located, *check_name(frame, event, path)), is_sound)


def check_name(frame: Frame, event: Json, path: str) -> Iterator[Problem]:
    """Hold the `event:` line of a frame against the type of its event."""
    event_type = event.get("event_type")
    if frame.name != event_type:
        expected = f"{brief_json(event_type)}, the event_type"
        yield problem("event-name", join_path(path, "event"), brief_json(frame.name), expected)


def unreadable_body(
    path: str, text: str, error: ValueError, evidence: Evidence = EXCHANGES
) -> Problem:
    """Make the finding of a text that is no JSON, or names a member twice; `error` says which."""
    if isinstance(error, DuplicateKey):
        observed = brief_json(f"{error} twice")
        return problem("duplicate-key", path, observed, "each member once", evidence=evidence)
    return problem("not-json", path, brief_json(text[:60]), f"JSON ({error})", evidence=evidence)
