"""Say of what shape an exchange is: all that the rules see of it but ids, times, prose and counts.

A recording holds many exchanges of few shapes. What looks at the shape alone is judged once for
each (`known_shapes.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from ...recordings.exchange import Exchange
from ...wire.json_shape import Shape, ShapeReader, mark_texts

OPEN_MEMBERS = (
    *("id", "call_id", "interaction_id", "previous_interaction_id", "created", "updated"),
    *("signature", "text", "input", "system_instruction"),
)
"""The members whose texts a shape leaves open: their schemas say that they are texts, no more."""

OPEN_OBJECTS = ("arguments",)
"""The members of answers whose inside a shape leaves open: what a function is called with."""

_DELTA = b"event: step.delta\n"
_DELTA_TEXT = b'"text":"'
_OK = 200


class ExchangeShape(NamedTuple):
    """What exchanges of one shape have in common.

    place: the address without the id of an interaction, and without the query
    label: the content type as it was sent, None without one, False where no headers were kept
    answer: of a stream the shapes of its events and of the counts at its end
    """

    operation: str
    place: str
    query: str
    label: str | bool | None
    request: Shape
    answer: Shape | tuple[Shape, Shape]


class ExchangeShapes:
    """Reads the shapes of exchanges."""

    def __init__(self) -> None:
        self._requests = ShapeReader(OPEN_MEMBERS)
        self._answers = ShapeReader((*OPEN_MEMBERS, *OPEN_OBJECTS), OPEN_OBJECTS)

    def read(self, exchange: Exchange) -> ExchangeShape | None:
        """Return the shape of a granted create or get; None for others, and where there is none."""
        operation = exchange.operation
        if exchange.status != _OK or operation not in ("create", "get"):
            return None
        asked = self._requests.read(exchange.request_body)
        answered = self._read_answer(exchange)
        if asked is None or answered is None:
            return None
        place, _, query = exchange.uri.partition("?")
        if operation == "get":
            place = place.rpartition("/interactions")[0] or place
        headers = exchange.response_headers
        label = headers.get("content-type") if headers else False
        return ExchangeShape(operation, place, query, label, asked, answered)

    def _read_answer(self, exchange: Exchange) -> Shape | tuple[Shape, Shape] | None:
        body = exchange.response_body
        if not exchange.is_stream:
            return self._answers.read(body, open_numbers=True)
        marked = mark_texts(body)
        return None if marked is None else self._read_stream(marked)

    def _read_stream(self, body: bytes) -> tuple[Shape, Shape] | None:
        """Return the shape of a marked stream; the numbers of the counts at its end are open.

        Of deltas that differ in their text alone the first counts.
        """
        events, member, counts = body.rpartition(b'"usage"')
        if not member or b'"index"' in counts:
            return None
        kept = []
        start = end = b""
        for frame in events.split(b"\n\n"):
            if frame.startswith(_DELTA):
                before, _, after = frame.partition(_DELTA_TEXT)
                text, _, after = after.partition(b'"')
                if text and before == start and after == end:
                    continue
                start, end = before, after
            else:
                start = end = b""
            kept.append(frame)
        return (
            self._answers.read_marked(b"\n\n".join(kept) + member),
            self._answers.read_marked(counts, open_numbers=True),
        )
