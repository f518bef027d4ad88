"""The fake against recordings: the same requests, the recorded output as its script.

What is compared is shape: HTTP status, content type, members and their order, the sequence of
events with runs of deltas as one, tags, status, the structure of ids along a chain, error code and
message. What a recorder changed is declared in `RECORDER_CHANGES`, once, for every recording.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from email.utils import parsedate_to_datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..contract.rules.legacy import find_legacy
from ..errors import FakeGeminiError, Unreadable
from ..fake.fake import Fake
from ..protocol.eras import CURRENT_ERA, FIRST_DAY, Era, era_on
from ..protocol.ids import InteractionId
from ..protocol.known_models import AGENTS, MODELS, Agent, Model
from ..recordings.exchange import Exchange
from ..recordings.read import files_in, read_exchanges
from ..recordings.recorded_turn import recorded_turn
from ..recordings.server_names import REDACTED
from ..wire.http import Reply, Request
from ..wire.sse import Decoder, Frame
from ..wording import count_of
from .compare import Comparison, has_sent_order, objects_in

RECORDER_CHANGES = (
    "sorted members: where every object of a recording is sorted, their order is not compared",
    "placeholders: ids and signatures that a recorder replaced have no structure to compare",
    "dropped headers: a recording without a content type has none to compare",
)
"""What recorders change, and what follows for the comparison."""


@dataclass(slots=True)
class FileVerification:
    """One recording's outcome; `legacy` exchanges are left out, the server refuses them today."""

    file: str
    comparison: Comparison = field(default_factory=Comparison)
    exchanges: int = 0
    legacy: int = 0

    @property
    def equal(self) -> int:
        """How many points agree."""
        return self.comparison.points - len(self.comparison.differences)


@dataclass(slots=True)
class Verification:
    """The outcome of all recordings."""

    files: list[FileVerification] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        points = sum(file.comparison.points for file in self.files)
        equal = sum(file.equal for file in self.files)
        exchanges = sum(file.exchanges for file in self.files)
        return (
            f"verify: {format_percent(equal, points)} of {points} points equal, "
            f"{count_of(exchanges, 'exchange')}"
        )

    def exit_status(self, minimum: float) -> int:
        """0 at least that share in percent is equal, 1 less is, 2 nothing or not all compared."""
        points = sum(file.comparison.points for file in self.files)
        if not points or self.unreadable:
            return 2
        equal = sum(file.equal for file in self.files)
        return 0 if 100 * equal >= minimum * points else 1


def format_percent(equal: int, points: int) -> str:
    """A share with one decimal that says 100 only when it is all."""
    if not points:
        return "0.0 %"
    share = 1000 * equal // points
    return f"{share // 10}.{share % 10} %"


def verify_paths(paths: list[Path]) -> Verification:
    """Verify against files and folders; what cannot be read is told and does not stop the rest."""
    outcome = Verification()
    for path in paths:
        try:
            files = files_in(path)
        except Unreadable as error:
            outcome.unreadable.append(str(error))
            continue
        for file in files:
            try:
                outcome.files.append(verify(read_exchanges(file), str(file)))
            except Unreadable as error:
                outcome.unreadable.append(str(error))
    return outcome


def verify(exchanges: list[Exchange], file: str = "") -> FileVerification:
    """Play one recording's requests against a fresh fake and compare the answers."""
    outcome = FileVerification(file)
    rehearsal = _Rehearsal(outcome.comparison, exchanges, _era_of(exchanges, file))
    for exchange in exchanges:
        if find_legacy(exchange):
            outcome.legacy += 1
        elif exchange.operation and exchange.status is not None:
            outcome.exchanges += 1
            rehearsal.play(exchange)
    return outcome


class _Rehearsal:
    """A fake of that era that is told what was answered, and the ids that stand for each other."""

    def __init__(self, comparison: Comparison, exchanges: list[Exchange], era: Era) -> None:
        models, agents = _answered_names(exchanges, "model"), _answered_names(exchanges, "agent")
        self._fake = Fake(
            era=era,
            models={name: Model(name) for name in models if name not in MODELS},
            agents={name: Agent(name) for name in agents if name not in AGENTS},
        )
        self._comparison = comparison
        self._exchanges = exchanges
        self._checks_order = _has_order(exchanges)
        self._fake_ids: dict[str, str] = {}

    def play(self, exchange: Exchange) -> None:
        """One exchange: script, ask, compare."""
        place = f"#{exchange.number}"
        if exchange.operation == "create" and exchange.status == 200:
            self._fake.script(recorded_turn(exchange, self._exchanges))
        try:
            reply = self._fake.handle(self._request_for_fake(exchange))
        except FakeGeminiError as error:
            self._comparison.count_point(
                f"{place} answer", "an answer", str(error).partition("\n")[0]
            )
            return
        body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        comparison = self._comparison
        if not comparison.count_point(f"{place} status", exchange.status, reply.status):
            return
        if exchange.content_type:
            recorded_type, fake_type = (
                exchange.response_headers["content-type"],
                _content_type(reply),
            )
            comparison.count_point(
                f"{place} content-type", recorded_type.lower(), fake_type.lower()
            )
        if exchange.is_stream:
            self._compare_streams(place, exchange, body)
        else:
            recorded_body, fake_body = exchange.response_json, json.loads(body)
            self._pair_ids(place, exchange, recorded_body, fake_body)
            comparison.compare_values(
                f"{place} body", recorded_body, fake_body, ordered=self._checks_order
            )

    def _compare_streams(self, place: str, exchange: Exchange, body: bytes) -> None:
        recorded_runs, fake_runs = (
            _event_runs(exchange.frames[0]),
            _event_runs(Decoder().feed(body)),
        )
        recorded_names, fake_names = (
            [name for name, _ in recorded_runs],
            [name for name, _ in fake_runs],
        )
        for tag, i1, i2, j1, j2 in SequenceMatcher(
            None, recorded_names, fake_names, False
        ).get_opcodes():
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
        """Remember which id stands for which, and compare how they are built."""
        if not isinstance(recorded, dict) or not isinstance(fake, dict):
            return
        recorded_id, fake_id = recorded.get("id"), fake.get("id")
        if not recorded_id or not fake_id:
            return
        self._fake_ids[recorded_id] = fake_id
        if REDACTED.search(recorded_id):
            return
        structure = (_id_structure(recorded_id), _id_structure(fake_id))
        self._comparison.count_point(f"{place} id", *structure)
        if exchange.operation == "create" and isinstance(exchange.request_json, dict):
            parent = exchange.request_json.get("previous_interaction_id")
            if parent in self._fake_ids:
                roots = (
                    _have_same_root(recorded_id, parent),
                    _have_same_root(fake_id, self._fake_ids[parent]),
                )
                self._comparison.count_point(f"{place} id root", *roots)

    def _request_for_fake(self, exchange: Exchange) -> Request:
        body = exchange.request_body
        if exchange.operation == "create" and isinstance(exchange.request_json, dict):
            request_json = dict(exchange.request_json)
            parent = request_json.get("previous_interaction_id")
            if parent in self._fake_ids:
                request_json["previous_interaction_id"] = self._fake_ids[parent]
            body = json.dumps(request_json).encode()
        path = urlsplit(exchange.uri).path
        for recorded_id, fake_id in self._fake_ids.items():
            path = path.replace(recorded_id, fake_id)
        return Request(
            exchange.method,
            path,
            tuple(exchange.query.items()),
            tuple(exchange.request_headers.items()),
            body,
        )


_DAY = re.compile(r"20[2-9]\d-\d\d-\d\d")
_CREATED = re.compile(rb'"created"\s*:\s*"(20[2-9]\d-\d\d-\d\d)')


def _era_of(exchanges: list[Exchange], file: str) -> Era:
    """The era of a recording: by its own dates, by one in its name, else that of today."""
    days = [day for exchange in exchanges for day in _days_of(exchange)] or _DAY.findall(
        Path(file).name
    )
    known_days = [day for day in days if day >= FIRST_DAY]  # clocks of tests show any other time
    return era_on(min(known_days)) if known_days else CURRENT_ERA


def _days_of(exchange: Exchange) -> Iterator[str]:
    date_header = exchange.response_headers.get("date")
    if date_header:
        with suppress(ValueError):
            yield parsedate_to_datetime(date_header).date().isoformat()
    for day in _CREATED.findall(exchange.response_body):
        yield day.decode()


def _answered_names(exchanges: Iterable[Exchange], key: str) -> set[str]:
    """The names of models or agents that a recorded server answered for."""
    bodies = (
        exchange.request_json
        for exchange in exchanges
        if exchange.operation == "create" and exchange.status == 200
    )
    return {body[key] for body in bodies if isinstance(body, dict) and body.get(key)}


def _event_runs(frames: list[Frame]) -> list[tuple[str, Any]]:
    """Each event's name and payload, runs of deltas of one kind in one step as their first."""

    def run_name(frame: Frame) -> str:
        if frame.is_done:
            return "done [DONE]"
        event = frame.json()
        kind = event.get("delta", {}).get("type") or event.get("step", {}).get("type") or ""
        return f"{frame.name} {event.get('index', '')} {kind}".strip()

    return [
        (key, None if (first := next(group)).is_done else first.json())
        for key, group in groupby(frames, run_name)
    ]


def _content_type(reply: Reply) -> str:
    return next(value for name, value in reply.headers if name == "content-type")


def _id_structure(identifier: str) -> tuple[bool, str]:
    parsed = InteractionId.parse(identifier)
    if parsed is None:
        return False, "not an id"
    return True, "a root" if parsed.root == parsed.own_half else "a child"


def _have_same_root(child: str, parent: str) -> bool:
    child_id, parent_id = InteractionId.parse(child), InteractionId.parse(parent)
    return child_id is not None and parent_id is not None and child_id.root == parent_id.root


def _has_order(exchanges: list[Exchange]) -> bool:
    return has_sent_order(value for exchange in exchanges for value in _objects_of(exchange))


def _objects_of(exchange: Exchange) -> Iterator[Any]:
    if exchange.is_stream:
        for frame in exchange.frames[0]:
            if not frame.is_done:
                yield from objects_in(frame.json())
    elif exchange.response_body.strip():
        yield from objects_in(exchange.response_json)
