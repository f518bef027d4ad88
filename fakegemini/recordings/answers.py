"""One recorded answer as what it says: status, steps, usage, errors, and how it came."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..protocol.builders import say
from ..protocol.events import TERMINAL, step_stop, to_steps
from ..wire.http import Json
from .conversations import response_values
from .exchange import RecordedExchange

_DURATION = re.compile(r"\bdur=(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class RecordedAnswer:
    """What an answer says, whether it was a body or a stream.

    `http` is None where nobody recorded a response. `status` is the interaction's. `steps` are
    whole, those of a stream folded. `rest` is the resource without steps and usage, `text` a body
    that is no JSON object. `events` is None for a body; `seconds` is None where nobody measured.
    `cut`: the stream has no end.
    """

    http: int | None
    status: str = ""
    steps: tuple[Json, ...] = ()
    usage: Json | None = None
    errors: tuple[str, ...] = ()
    rest: Json = field(default_factory=dict)
    text: str = ""
    events: int | None = None
    chunks: int = 0
    seconds: float | None = None
    cut: bool = False

    @property
    def output_steps(self) -> tuple[Json, ...]:
        """The steps without those that only repeat what the user said."""
        return tuple(step for step in self.steps if step.get("type") != "user_input")


def read_answer(recorded: RecordedExchange) -> RecordedAnswer:
    """What a recorded answer says; never raises, what cannot be read is left out."""
    exchange = recorded.exchange
    values = [body for body in response_values(exchange) if isinstance(body, dict)]
    streamed = exchange.is_stream
    body = _interaction_of_stream(values) if streamed else (values[0] if values else {})
    steps = _steps_of_stream(values) if streamed else _steps_of_body(body)
    has_end = not streamed or any(_ends_stream(event) for event in values)
    usage = body.get("usage")
    return RecordedAnswer(
        exchange.status,
        str(body.get("status") or ""),
        tuple(step for step in steps if isinstance(step, dict)),
        usage if isinstance(usage, dict) else None,
        tuple(_error_texts(values, body if streamed else {})),
        {key: value for key, value in body.items() if key not in ("steps", "outputs", "usage")},
        "" if streamed or values else exchange.response_body.decode("utf-8", "replace").strip(),
        len(exchange.frames[0]) if streamed else None,
        len(recorded.chunks),
        _measured_seconds(recorded),
        recorded.ending == "cut" or not has_end,
    )


def _ends_stream(event: Json) -> bool:
    event_type = event.get("event_type")
    return event_type in (TERMINAL, "error", "interaction.complete")


def _interaction_of_stream(events: list[Json]) -> Json:
    """The interaction of a stream: the last that an event carries, with the newest status."""
    body: Json = {}
    for event in events:
        if isinstance(event.get("interaction"), dict):
            body = {**body, **event["interaction"]}
        elif isinstance(event.get("status"), str):
            body = {**body, "status": event["status"]}
    return body


def _steps_of_stream(events: list[Json]) -> list[Json]:
    """The steps of a stream, the last one as far as it came."""
    if any(str(event.get("event_type")).startswith("content.") for event in events):
        return _steps_of_legacy_stream(events)
    started_indexes = [e.get("index") for e in events if e.get("event_type") == "step.start"]
    stopped_indexes = [e.get("index") for e in events if e.get("event_type") == "step.stop"]
    stops = [
        step_stop(index)
        for index in started_indexes
        if isinstance(index, int) and index not in stopped_indexes
    ]
    for closing_events in (stops, []):
        try:
            return to_steps([*events, *closing_events])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return []


def _steps_of_legacy_stream(events: list[Json]) -> list[Json]:
    """The outputs of a stream of the schema before 2026-05-20, as steps."""
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
    steps = body.get("steps")
    if isinstance(steps, list):
        return steps
    outputs = body.get("outputs")
    return _steps_of_outputs(outputs) if isinstance(outputs, list) else []


def _steps_of_outputs(blocks: Iterable[Any]) -> list[Json]:
    return [
        say(block) if block.get("type") == "text" else block
        for block in blocks
        if isinstance(block, dict)
    ]


def _error_texts(values: list[Json], interaction: Json) -> Iterable[str]:
    for value in (*values, interaction):
        errors = value.get("errors")
        for error in (value.get("error"), *(errors if isinstance(errors, list) else ())):
            if isinstance(error, dict):
                code, message = error.get("code"), error.get("message")
                yield ": ".join(str(part) for part in (code, message) if part is not None)


def _measured_seconds(recorded: RecordedExchange) -> float | None:
    if recorded.chunks:
        return recorded.chunks[-1][0]
    if recorded.exchange.is_stream:
        return None  # the header came before the events did
    timing = _DURATION.search(recorded.exchange.response_headers.get("server-timing", ""))
    return float(timing[1]) / 1000 if timing else None
