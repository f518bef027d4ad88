"""Compare a recorded answer with the fake's: status, headers, bytes, members, events and values.

What a model says was handed to the fake, so its texts and arguments are compared by value. Ids,
signatures, times and counts are compared in the form that `pair_names` gives them.

What a recorder or the model's pace changed is not compared, in any recording:

- the order of members, where every object of a body or of a stream is sorted: a recorder did that
- ids and signatures that a recorder replaced: they have no structure
- a header that was not recorded
- spaces, but for the fake's own, which have to be as the server writes them: a recorder may have
  printed JSON anew, and an editor may have taken the last blank line of a stream
- into how many pieces a text comes, and which events of June 2026 have running counts
- cached tokens: they depend on what was asked before the recording
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from ..protocol.ids import InteractionId
from ..recordings.answers import fold_steps
from ..recordings.conversations import parent_id_of, request_content
from ..recordings.exchange import Exchange
from ..wire.http import Reply
from ..wire.json_text import parse_json
from ..wire.sse import Decoder
from .compare import Comparison, ValueComparison, has_sent_order, objects_in
from .event_runs import EventRun, event_in, join_events, objects_of
from .framing import SERVERS_JSON, read_framing
from .pair_names import AnswerReading, NamePairs

_HEADERS = frozenset(
    "server vary x-xss-protection x-frame-options x-content-type-options content-type".split()
)
"""The headers whose values are the same for everybody."""


class AnswerComparison:
    """Compares the answers of one recording, and counts the points in `comparison`.

    names: what the names of the recording are in the fake; each answer adds its own
    """

    def __init__(self, comparison: Comparison, names: NamePairs) -> None:
        self._comparison = comparison
        self._names = names

    def compare(
        self, exchange: Exchange, reply: Reply, body: bytes, *, has_times: bool = False
    ) -> None:
        """Compare a recorded answer with the fake's reply to the same request, and its body.

        has_times: whether the fake's clock shows the recorded time
        """
        place, comparison = f"#{exchange.number}", self._comparison
        kind = f"{exchange.operation or 'an answer'} answered {exchange.status}"
        if not comparison.count_point(f"{place} status", exchange.status, reply.status, kind):
            return
        self._compare_headers(place, exchange, reply)
        kinds = (_body_kind(exchange.response_body), _body_kind(body))
        if not comparison.count_point(f"{place} body (kind)", *kinds, "kinds of bodies"):
            return
        if kinds[0] in ("empty", "no JSON"):
            comparison.count_point(
                f"{place} body", exchange.response_body.strip(), body.strip(), "bodies without JSON"
            )
            return
        self._compare_framing(place, exchange, body)
        answers = [*objects_of(exchange.response_body)]
        values = ValueComparison(
            comparison,
            AnswerReading(self._names, has_times=has_times),
            ordered=has_sent_order(value for answer in answers for value in objects_in(answer)),
        )
        if exchange.is_stream:
            self._compare_streams(place, exchange, body, values)
            return
        recorded, fake = exchange.response_json, parse_json(body)
        self._compare_ids(place, exchange, recorded, fake)
        refuses = (exchange.status or 0) >= 400
        values.compare(f"{place} body", recorded, fake, kind if refuses else "bodies")

    def _compare_headers(self, place: str, exchange: Exchange, reply: Reply) -> None:
        """Compare the headers that the recording has, of those that are the same for everybody."""
        values: dict[str, list[str]] = {}
        for name, value in reply.headers:
            values.setdefault(name.lower(), []).append(value)
        for name in sorted(_HEADERS & set(exchange.response_headers)):
            recorded = _split_header(exchange.response_headers[name])
            fake = _split_header(", ".join(values.get(name, [])))
            if name == "vary":  # of a header that comes several times, recorders keep one
                fake = [value for value in fake if value in recorded]
            self._comparison.count_point(f"{place} {name}", recorded, fake, f"header {name}")
        if "server-timing" in exchange.response_headers:
            has_timing = (True, "server-timing" in values)
            kind = "header server-timing"
            self._comparison.count_point(f"{place} server-timing (present)", *has_timing, kind)

    def _compare_framing(self, place: str, exchange: Exchange, body: bytes) -> None:
        recorded = read_framing(exchange.response_body, stream=exchange.is_stream)
        fake = read_framing(body, stream=exchange.is_stream)
        for name, fact in recorded.items():
            # Recorders write JSON anew, so that there the server's own form counts.
            expected = SERVERS_JSON.get(name, fact)
            self._comparison.count_point(f"{place} {name}", expected, fake.get(name), name)

    def _compare_streams(
        self, place: str, exchange: Exchange, body: bytes, values: ValueComparison
    ) -> None:
        """Compare the sequence of events, each event with the one in its place, and the steps."""
        decoder = Decoder()
        recorded_frames, fake_frames = exchange.frames[0], decoder.feed(body) + decoder.close()
        recorded_runs, fake_runs = join_events(recorded_frames), join_events(fake_frames)
        for recorded_run, fake_run in _align(recorded_runs, fake_runs):
            names = (_name_of(recorded_run), _name_of(fake_run))
            kind = f"event {(recorded_run or fake_run or _NO_RUN).kind}"
            where = f"{place} {names[0] if recorded_run else names[1]}"
            if not self._comparison.count_point(f"{where} (event)", *names, kind):
                continue
            if not recorded_run or not fake_run:
                continue
            counts = (recorded_run.count, fake_run.count)
            self._comparison.count_point(f"{where} (count)", *counts, f"{kind}, how often")
            if recorded_run.event and fake_run.event:
                self._compare_ids(
                    where,
                    exchange,
                    recorded_run.event.get("interaction"),
                    fake_run.event.get("interaction"),
                )
                values.compare(where, recorded_run.event, fake_run.event, kind)
        recorded_steps, fake_steps = (
            fold_steps([event for event in map(event_in, frames) if event])
            for frames in (recorded_frames, fake_frames)
        )
        if recorded_steps is not None:
            values.compare(f"{place} steps", recorded_steps, fake_steps, "steps of a stream")

    def _compare_ids(self, place: str, exchange: Exchange, recorded: Any, fake: Any) -> None:
        """Compare how the ids of two interactions are built, and their places in a conversation."""
        if not isinstance(recorded, dict) or not isinstance(fake, dict):
            return
        recorded_id, fake_id = recorded.get("id"), fake.get("id")
        if not isinstance(recorded_id, str) or not recorded_id or not isinstance(fake_id, str):
            return
        if InteractionId.parse(recorded_id) is None:  # a recorder's placeholder
            return
        parents = ("", "")
        if exchange.operation == "create":
            parent = parent_id_of(request_content(exchange))
            parents = (parent, self._names.fake_names.get(parent, ""))
        structures = [
            _id_structure(*pair) for pair in ((recorded_id, parents[0]), (fake_id, parents[1]))
        ]
        self._comparison.count_point(f"{place} id", structures[0], structures[1], "form of ids")


_NO_RUN = EventRun("no event", "no event", None, 0)


def _align(
    recorded: list[EventRun], fake: list[EventRun]
) -> Iterator[tuple[EventRun | None, EventRun | None]]:
    """Pair the runs of two streams by their names; a run that only one side has stands alone."""
    recorded_names, fake_names = [run.name for run in recorded], [run.name for run in fake]
    matcher = SequenceMatcher(None, recorded_names, fake_names, False)
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        for offset in range(max(i2 - i1, j2 - j1)):
            yield (
                recorded[i1 + offset] if i1 + offset < i2 else None,
                fake[j1 + offset] if j1 + offset < j2 else None,
            )


def _name_of(run: EventRun | None) -> str:
    return run.name if run else "no event"


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


def _split_header(value: str) -> list[str]:
    return sorted(part.strip().lower() for part in value.split(","))


def _id_structure(identifier: str, parent: str) -> str:
    """Tell how an id is built: whether it is one, begins a conversation, or continues another."""
    parsed, parent_id = InteractionId.parse(identifier), InteractionId.parse(parent)
    if parsed is None:
        return "not an id"
    if parsed.root == parsed.own_half:
        return "a root"
    if parent_id is None:
        return "a child"
    return "a child of its parent" if parsed.root == parent_id.root else "a child of another"
