"""Compare a recorded answer with the fake's, in shape.

Compared are the HTTP status, the content type, members and their order, the sequence of events
with runs of deltas as one, tags, the status, how ids are built along a conversation, error code and
message. What a recorder changed is declared in `RECORDER_CHANGES`, once, for every recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, TypeGuard

from ..protocol.ids import InteractionId
from ..recordings.answers import response_values
from ..recordings.conversations import parent_id_of, request_content
from ..recordings.exchange import Exchange
from ..recordings.server_names import REDACTED
from ..wire.http import Reply
from ..wire.json_text import parse_json
from ..wire.sse import Decoder, Frame
from .compare import Comparison, has_sent_order, objects_in

RECORDER_CHANGES = (
    "sorted members: where every object of a recording is sorted, their order is not compared",
    "placeholders: ids and signatures that a recorder replaced have no structure to compare",
    "dropped headers: a recording without a content type has none to compare",
)
"""What recorders change, and what follows for the comparison."""


class AnswerComparison:
    """Compares the answers of one recording, and counts the points in `comparison`.

    fake_ids: the interaction ids of the fake by those of the recording; each answer adds its own
    """

    def __init__(
        self, comparison: Comparison, exchanges: list[Exchange], fake_ids: dict[str, str]
    ) -> None:
        self._comparison = comparison
        self._checks_order = _has_order(exchanges)
        self._fake_ids = fake_ids

    def compare(self, exchange: Exchange, reply: Reply, body: bytes) -> None:
        """Compare a recorded answer with the fake's reply to the same request, and its body."""
        place = f"#{exchange.number}"
        comparison = self._comparison
        if not comparison.count_point(f"{place} status", exchange.status, reply.status):
            return
        if exchange.content_type:
            recorded_type = exchange.response_headers["content-type"]
            comparison.count_point(
                f"{place} content-type", recorded_type.lower(), _content_type(reply).lower()
            )
        if exchange.is_stream:
            self._compare_streams(place, exchange, body)
        else:
            kinds = (_body_kind(exchange.response_body), _body_kind(body))
            if kinds != ("JSON", "JSON"):
                comparison.count_point(f"{place} body (kind)", *kinds)
                return
            recorded_body, fake_body = exchange.response_json, parse_json(body)
            self._pair_ids(place, exchange, recorded_body, fake_body)
            comparison.compare_values(
                f"{place} body", recorded_body, fake_body, ordered=self._checks_order
            )

    def _compare_streams(self, place: str, exchange: Exchange, body: bytes) -> None:
        """Compare the sequence of events, and each event with the one in its place."""
        recorded_runs = _event_runs(exchange.frames[0])
        fake_runs = _event_runs(Decoder().feed(body))
        recorded_names = [name for name, _ in recorded_runs]
        fake_names = [name for name, _ in fake_runs]
        matcher = SequenceMatcher(None, recorded_names, fake_names, False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag != "equal":
                for offset in range(max(i2 - i1, j2 - j1)):
                    recorded_name = recorded_names[i1 + offset] if i1 + offset < i2 else "no event"
                    fake_name = fake_names[j1 + offset] if j1 + offset < j2 else "no event"
                    self._comparison.count_point(
                        f"{place} event {i1 + offset}", recorded_name, fake_name
                    )
                continue
            for (name, recorded_event), (_, fake_event) in zip(
                recorded_runs[i1:i2], fake_runs[j1:j2], strict=True
            ):
                event_place = f"{place} {name}"
                self._comparison.count_point(f"{event_place} (event)", name, name)
                if recorded_event and fake_event:
                    self._pair_ids(
                        event_place,
                        exchange,
                        recorded_event.get("interaction"),
                        fake_event.get("interaction"),
                    )
                    self._comparison.compare_values(
                        event_place, recorded_event, fake_event, ordered=self._checks_order
                    )

    def _pair_ids(self, place: str, exchange: Exchange, recorded: Any, fake: Any) -> None:
        """Note which id of the fake stands for a recorded one, and compare how they are built."""
        if not isinstance(recorded, dict) or not isinstance(fake, dict):
            return
        recorded_id, fake_id = recorded.get("id"), fake.get("id")
        if not isinstance(recorded_id, str) or not recorded_id or not fake_id:
            return
        self._fake_ids[recorded_id] = fake_id
        if REDACTED.search(recorded_id):
            return
        structure = (_id_structure(recorded_id), _id_structure(fake_id))
        self._comparison.count_point(f"{place} id", *structure)
        if exchange.operation == "create":
            parent = parent_id_of(request_content(exchange))
            if parent in self._fake_ids:
                roots = (
                    _have_same_root(recorded_id, parent),
                    _have_same_root(fake_id, self._fake_ids[parent]),
                )
                self._comparison.count_point(f"{place} id root", *roots)


def _event_runs(frames: list[Frame]) -> list[tuple[str, Any]]:
    """Return the name and payload of each event; deltas of one kind in one step count as one."""

    def run_name(frame: Frame) -> str:
        if frame.is_done:
            return "done [DONE]"
        event = _event_of(frame)
        if event is None:
            return f"{frame.name} no JSON object"
        types = (part.get("type") for part in map(event.get, ("delta", "step")) if _is_object(part))
        kind = next((kind for kind in types if kind), "")
        return f"{frame.name} {event.get('index', '')} {kind}".strip()

    return [(key, _event_of(next(group))) for key, group in groupby(frames, run_name)]


def _event_of(frame: Frame) -> Any:
    """Return the object in a frame, None for `[DONE]` and for data that is none."""
    try:
        event = None if frame.is_done else frame.json()
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _body_kind(body: bytes) -> str:
    """Tell what a body is: nothing, JSON, an event stream, or something else."""
    if not body.strip():
        return "empty"
    if Exchange(1, response_body=body).is_stream:
        return "an event stream"
    try:
        parse_json(body)
    except ValueError:
        return "no JSON"
    return "JSON"


def _content_type(reply: Reply) -> str:
    return next(value for name, value in reply.headers if name == "content-type")


def _id_structure(identifier: str) -> tuple[bool, str]:
    """Return whether an id is well-formed, and whether it begins a conversation."""
    parsed = InteractionId.parse(identifier)
    if parsed is None:
        return False, "not an id"
    return True, "a root" if parsed.root == parsed.own_half else "a child"


def _have_same_root(child: str, parent: str) -> bool:
    child_id, parent_id = InteractionId.parse(child), InteractionId.parse(parent)
    return child_id is not None and parent_id is not None and child_id.root == parent_id.root


def _has_order(exchanges: list[Exchange]) -> bool:
    """Tell whether the objects of a recording have their members in the order of the server."""
    return has_sent_order(value for exchange in exchanges for value in _objects_of(exchange))


def _objects_of(exchange: Exchange) -> Iterator[Any]:
    """Yield every JSON object in an answer, at any depth."""
    for value in response_values(exchange):
        yield from objects_in(value)
