"""Read recorded answers: the values in a body or a stream, and what they come to together.

A stream is folded into the interaction and the steps that it delivers, so that whoever reads a
recording need not know whether an answer was streamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..protocol.builders import say
from ..protocol.events import TERMINAL, step_stop, to_steps
from ..wire.http import Json
from .exchange import Exchange, RecordedExchange

_DURATION = re.compile(r"\bdur=(\d+(?:\.\d+)?)")
_ENDS_OF_STREAMS = frozenset({TERMINAL, "error", "interaction.complete"})
"""The event types after which a stream is complete; the last one is of the legacy schema."""


@dataclass(frozen=True)
class RecordedAnswer:
    """An answer in one form, whether it was a body or a stream.

    http: the HTTP status; None where no response was recorded
    status: the interaction's status, empty where the answer names none
    steps: the whole steps, those of a stream folded
    usage: the token counts, None without any
    errors: a text for each error, `code: message`
    members: the interaction's other members
    text: the body, where it is not a JSON object
    events: how many events the stream has, None for a body
    chunks: in how many chunks the body came, 0 where nobody noted it
    seconds: how long the answer took, None where nobody measured it
    cut: whether a stream ended before its last event
    """

    http: int | None
    status: str = ""
    steps: tuple[Json, ...] = ()
    usage: Json | None = None
    errors: tuple[str, ...] = ()
    members: Json = field(default_factory=dict)
    text: str = ""
    events: int | None = None
    chunks: int = 0
    seconds: float | None = None
    cut: bool = False

    @property
    def output_steps(self) -> tuple[Json, ...]:
        """Return the steps without those that only repeat what the user said."""
        return tuple(step for step in self.steps if step.get("type") != "user_input")


def response_values(exchange: Exchange) -> Iterator[Any]:
    """Yield the JSON values of a response: its body, or each event of its stream.

    What is not JSON is left out.
    """
    if not exchange.is_stream:
        try:
            yield exchange.response_json
        except ValueError:
            return
        return
    for frame in exchange.frames[0]:
        try:
            yield frame.json()
        except ValueError:
            continue


def response_objects(exchange: Exchange) -> list[Json]:
    """List those values of a response that are JSON objects."""
    return [value for value in response_values(exchange) if isinstance(value, dict)]


def interaction_in(value: Any) -> Json | None:
    """Return the interaction that an event carries, or else the body itself; None for neither."""
    interaction = value.get("interaction", value) if isinstance(value, dict) else None
    return interaction if isinstance(interaction, dict) else None


def fold_interaction(events: Iterable[Json]) -> Json:
    """Fold the events of a stream into one interaction, which has no steps.

    A member has the value of the last event that names it; the order of members is that of the
    last event that carries an interaction. Without such an event the interaction is empty, or has
    a status alone.
    """
    folded: Json = {}
    for event in events:
        interaction = event.get("interaction")
        if isinstance(interaction, dict):
            earlier = {key: value for key, value in folded.items() if key not in interaction}
            folded = {**interaction, **earlier}
        elif isinstance(event.get("status"), str):
            folded = {**folded, "status": event["status"]}
    return folded


def fold_steps(events: list[Json], *, include_open: bool = False) -> list[Json] | None:
    """Fold the events of a stream into whole steps; None where they do not fit together.

    include_open: also return steps that never stopped, as far as they came and can be read
    """
    missing_stops = _missing_stops(events) if include_open else []
    for stops in (missing_stops, []) if missing_stops else ([],):
        try:
            return to_steps([*events, *stops])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


def read_answer(recorded: RecordedExchange) -> RecordedAnswer:
    """Read a recorded answer; never raises, what cannot be read is left out."""
    exchange = recorded.exchange
    values = response_objects(exchange)
    is_stream = exchange.is_stream
    body = fold_interaction(values) if is_stream else (values[0] if values else {})
    steps = _steps_of_stream(values) if is_stream else _steps_of_body(body)
    has_end = not is_stream or any(
        str(event.get("event_type")) in _ENDS_OF_STREAMS for event in values
    )
    usage = body.get("usage")
    return RecordedAnswer(
        exchange.status,
        str(body.get("status") or ""),
        tuple(step for step in steps if isinstance(step, dict)),
        usage if isinstance(usage, dict) else None,
        tuple(_error_texts(values, body if is_stream else {})),
        {key: value for key, value in body.items() if key not in ("steps", "outputs", "usage")},
        "" if is_stream or values else exchange.response_body.decode("utf-8", "replace").strip(),
        len(exchange.frames[0]) if is_stream else None,
        len(recorded.chunks),
        _measured_seconds(recorded),
        recorded.ending == "cut" or not has_end,
    )


def _missing_stops(events: list[Json]) -> list[Json]:
    """Make the `step.stop` of each step that a stream began and never ended."""
    started, stopped = (
        [event.get("index") for event in events if event.get("event_type") == event_type]
        for event_type in ("step.start", "step.stop")
    )
    return [step_stop(i) for i in started if isinstance(i, int) and i not in stopped]


def _steps_of_stream(events: list[Json]) -> list[Json]:
    """Fold the steps of a stream of any schema; the last one as far as it came."""
    if any(str(event.get("event_type")).startswith("content.") for event in events):
        return _steps_of_legacy_stream(events)
    return fold_steps(events, include_open=True) or []


def _steps_of_legacy_stream(events: list[Json]) -> list[Json]:
    """Fold the outputs of a stream of the schema before 2026-05-20 into steps."""
    blocks: dict[Any, Json] = {}
    for event in events:
        part = event.get("content", event.get("delta"))
        if isinstance(part, dict):
            block = blocks.setdefault(event.get("index"), {})
            text = str(block.get("text", "")) + str(part.get("text", ""))
            block |= {key: value for key, value in part.items() if key not in ("type", "text")}
            block.setdefault("type", part.get("type"))
            block |= {"text": text} if text else {}
    return _steps_of_outputs(blocks.values())


def _steps_of_body(body: Json) -> list[Json]:
    """Return the steps of a body, or its outputs (the schema before 2026-05-20) as steps."""
    steps = body.get("steps")
    if isinstance(steps, list):
        return steps
    outputs = body.get("outputs")
    return _steps_of_outputs(outputs) if isinstance(outputs, list) else []


def _steps_of_outputs(blocks: Iterable[Any]) -> list[Json]:
    """Turn the output blocks of the schema before 2026-05-20 into steps."""
    return [
        say(block) if block.get("type") == "text" else block
        for block in blocks
        if isinstance(block, dict)
    ]


def _error_texts(values: list[Json], interaction: Json) -> Iterator[str]:
    """Spell the errors in the values of an answer and in its interaction, `code: message`."""
    for value in (*values, interaction):
        errors = value.get("errors")
        for error in (value.get("error"), *(errors if isinstance(errors, list) else ())):
            if isinstance(error, dict):
                code, message = error.get("code"), error.get("message")
                yield ": ".join(str(part) for part in (code, message) if part is not None)


def _measured_seconds(recorded: RecordedExchange) -> float | None:
    """Return when the last chunk came, else the time that the server says it took, or None."""
    if recorded.chunks:
        return recorded.chunks[-1][0]
    if recorded.exchange.is_stream:
        return None  # the header came before the events did
    timing = _DURATION.search(recorded.exchange.response_headers.get("server-timing", ""))
    return float(timing[1]) / 1000 if timing else None
