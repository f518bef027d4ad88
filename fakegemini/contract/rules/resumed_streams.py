"""What holds between a stream and the one that resumes it: the same events go on behind the last.

Nobody has recorded a resumed stream (2026-11), so that a difference is drift.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...protocol.events import TERMINAL
from ...recordings.exchange import Exchange
from ...wire.http import Json
from ...wire.json_paths import find_differences, join_path
from ...wire.json_text import parse_json
from ...wording import brief_json
from ..findings import Kind, Problem
from .registry import API_DOCS, add_rule, problem

_LAST_EVENT = "last_event_id"

add_rule(
    "resumed-events",
    "a resumed stream goes on behind the event that the request names, as the stream before it did",
    kind=Kind.DRIFT,
    bears_on="resumed streams",
    evidence=(API_DOCS,),
    example='response.events[0].delta.text: "At"; expected "At noon.", as in the stream before',
)


class StreamsBefore:
    """Remembers the streams of a recording whose events have ids, by their interaction."""

    def __init__(self) -> None:
        self._events: dict[str, list[Json]] = {}

    def remember(self, identifier: str, exchange: Exchange) -> None:
        """Add a stream that was not resumed."""
        if _LAST_EVENT not in exchange.query and b'"event_id"' in exchange.response_body:
            self._events.setdefault(identifier, _events_of(exchange))

    def check(self, exchange: Exchange) -> Iterator[Problem]:
        """Find where a resumed stream leaves the one that it resumes.

        Paths begin below `response`.
        """
        last_id = exchange.query.get(_LAST_EVENT)
        events = self._events.get(exchange.interaction_id)
        if not last_id or not events:
            return
        places = [at for at, event in enumerate(events) if event.get("event_id") == last_id]
        if not places:
            observed = f"{_LAST_EVENT}={last_id}"
            yield problem("resumed-events", "events", observed, "the id of an event before it")
            return
        expected_events = events[places[0] + 1 :]
        for number, event in enumerate(_events_of(exchange)):
            place = f"events[{number}]"
            if number >= len(expected_events):
                # A stream that broke off does not say what came behind its last event.
                if events[-1].get("event_type") == TERMINAL:
                    observed, expected = brief_json(event.get("event_type")), "the end, as before"
                    yield problem("resumed-events", place, observed, expected)
                return
            difference = next(find_differences(expected_events[number], event), None)
            if difference:
                path, before, after = difference
                expected = f"{_spell(before)}, as in the stream before"
                yield problem("resumed-events", join_path(place, path), _spell(after), expected)
                return


def _spell(value: object) -> str:
    return brief_json(value) if isinstance(value, str | int | float | dict | list) else "nothing"


def _events_of(exchange: Exchange) -> list[Json]:
    events = []
    for frame in exchange.frames[0]:
        try:
            event = None if frame.is_done else parse_json(frame.data)
        except ValueError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events
