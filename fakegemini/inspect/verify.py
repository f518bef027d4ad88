"""The fake against recordings: the same requests, the recorded output as its script.

What is compared is shape: HTTP status, content type, members and their order, the sequence of
events with runs of deltas as one, tags, status, the structure of ids along a chain, error code and
message. What a recorder changed is declared in `RECORDER`, once, for every recording.
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

from ..contract.rules.legacy import legacy
from ..errors import FakeGeminiError, Unreadable
from ..fake.fake import Fake
from ..protocol.eras import FIRST_DAY, NOW, Era, on
from ..protocol.ids import InteractionId
from ..protocol.known_models import AGENTS, MODELS, Agent, Model
from ..recordings.exchange import Exchange
from ..recordings.read import files_in, read
from ..recordings.recorded_turn import recorded_turn
from ..recordings.server_names import REDACTED
from ..wire.http import Reply, Request
from ..wire.sse import Decoder, Frame
from ..wording import count_of
from .compare import Comparison, objects_in, ordered_as_sent

RECORDER = (
    "sorted members: where every object of a recording is sorted, their order is not compared",
    "placeholders: ids and signatures that a recorder replaced have no structure to compare",
    "dropped headers: a recording without a content type has none to compare",
)
"""What recorders change, and what follows for the comparison."""


@dataclass(slots=True)
class Verified:
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

    files: list[Verified] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        points = sum(file.comparison.points for file in self.files)
        equal = sum(file.equal for file in self.files)
        exchanges = sum(file.exchanges for file in self.files)
        return (
            f"verify: {percent(equal, points)} of {points} points equal, "
            f"{count_of(exchanges, 'exchange')}"
        )

    def exit_status(self, least: float) -> int:
        """0 at least that share in percent is equal, 1 less is, 2 nothing or not all compared."""
        points = sum(file.comparison.points for file in self.files)
        if not points or self.unreadable:
            return 2
        equal = sum(file.equal for file in self.files)
        return 0 if 100 * equal >= least * points else 1


def percent(equal: int, points: int) -> str:
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
                outcome.files.append(verify(read(file), str(file)))
            except Unreadable as error:
                outcome.unreadable.append(str(error))
    return outcome


def verify(exchanges: list[Exchange], file: str = "") -> Verified:
    """Play one recording's requests against a fresh fake and compare the answers."""
    outcome = Verified(file)
    rehearsal = _Rehearsal(outcome.comparison, exchanges, _era(exchanges, file))
    for exchange in exchanges:
        if legacy(exchange):
            outcome.legacy += 1
        elif exchange.operation and exchange.status is not None:
            outcome.exchanges += 1
            rehearsal.play(exchange)
    return outcome


class _Rehearsal:
    """A fake of that era that is told what was answered, and the ids that stand for each other."""

    def __init__(self, comparison: Comparison, exchanges: list[Exchange], era: Era) -> None:
        models, agents = _granted(exchanges, "model"), _granted(exchanges, "agent")
        self._fake = Fake(
            era=era,
            models={name: Model(name) for name in models if name not in MODELS},
            agents={name: Agent(name) for name in agents if name not in AGENTS},
        )
        self._points = comparison
        self._exchanges = exchanges
        self._ordered = _ordered(exchanges)
        self._ids: dict[str, str] = {}

    def play(self, exchange: Exchange) -> None:
        """One exchange: script, ask, compare."""
        place = f"#{exchange.number}"
        if exchange.operation == "create" and exchange.status == 200:
            self._fake.script(recorded_turn(exchange, self._exchanges))
        try:
            reply = self._fake.handle(self._request(exchange))
        except FakeGeminiError as error:
            self._points.point(f"{place} answer", "an answer", str(error).partition("\n")[0])
            return
        body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        points = self._points
        if not points.point(f"{place} status", exchange.status, reply.status):
            return
        if exchange.content_type:
            recorded, fake = exchange.response_headers["content-type"], _content_type(reply)
            points.point(f"{place} content-type", recorded.lower(), fake.lower())
        if exchange.streamed:
            self._streams(place, exchange, body)
        else:
            recorded_body, fake_body = exchange.answered, json.loads(body)
            self._pair(place, exchange, recorded_body, fake_body)
            points.values(f"{place} body", recorded_body, fake_body, ordered=self._ordered)

    def _streams(self, place: str, exchange: Exchange, body: bytes) -> None:
        recorded, fake = _runs(exchange.frames[0]), _runs(Decoder().feed(body))
        left, right = [name for name, _ in recorded], [name for name, _ in fake]
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, False).get_opcodes():
            if tag != "equal":
                for at in range(max(i2 - i1, j2 - j1)):
                    one = left[i1 + at] if i1 + at < i2 else "no event"
                    other = right[j1 + at] if j1 + at < j2 else "no event"
                    self._points.point(f"{place} event {i1 + at}", one, other)
                continue
            for (name, mine), (_, theirs) in zip(recorded[i1:i2], fake[j1:j2], strict=True):
                where = f"{place} {name}"
                self._points.point(f"{where} (event)", name, name)
                if mine and theirs:
                    self._pair(where, exchange, mine.get("interaction"), theirs.get("interaction"))
                    self._points.values(where, mine, theirs, ordered=self._ordered)

    def _pair(self, place: str, exchange: Exchange, recorded: Any, fake: Any) -> None:
        """Remember which id stands for which, and compare how they are built."""
        if not isinstance(recorded, dict) or not isinstance(fake, dict):
            return
        one, other = recorded.get("id"), fake.get("id")
        if not one or not other:
            return
        self._ids[one] = other
        if REDACTED.search(one):
            return
        structure = (_structure(one), _structure(other))
        self._points.point(f"{place} id", *structure)
        if exchange.operation == "create" and isinstance(exchange.asked, dict):
            parent = exchange.asked.get("previous_interaction_id")
            if parent in self._ids:
                roots = (_same_root(one, parent), _same_root(other, self._ids[parent]))
                self._points.point(f"{place} id root", *roots)

    def _request(self, exchange: Exchange) -> Request:
        body = exchange.request_body
        if exchange.operation == "create" and isinstance(exchange.asked, dict):
            asked = dict(exchange.asked)
            parent = asked.get("previous_interaction_id")
            if parent in self._ids:
                asked["previous_interaction_id"] = self._ids[parent]
            body = json.dumps(asked).encode()
        path = urlsplit(exchange.uri).path
        for recorded, fake in self._ids.items():
            path = path.replace(recorded, fake)
        return Request(
            exchange.method,
            path,
            tuple(exchange.query.items()),
            tuple(exchange.request_headers.items()),
            body,
        )


_DAY = re.compile(r"20[2-9]\d-\d\d-\d\d")
_CREATED = re.compile(rb'"created"\s*:\s*"(20[2-9]\d-\d\d-\d\d)')


def _era(exchanges: list[Exchange], file: str) -> Era:
    """The era of a recording: by its own dates, by one in its name, else that of today."""
    days = [day for each in exchanges for day in _days(each)] or _DAY.findall(Path(file).name)
    known = [day for day in days if day >= FIRST_DAY]  # clocks of tests show any other time
    return on(min(known)) if known else NOW


def _days(exchange: Exchange) -> Iterator[str]:
    sent = exchange.response_headers.get("date")
    if sent:
        with suppress(ValueError):
            yield parsedate_to_datetime(sent).date().isoformat()
    for day in _CREATED.findall(exchange.response_body):
        yield day.decode()


def _granted(exchanges: Iterable[Exchange], key: str) -> set[str]:
    """The names of models or agents that a recorded server answered for."""
    bodies = (each.asked for each in exchanges if each.operation == "create" and each.status == 200)
    return {body[key] for body in bodies if isinstance(body, dict) and body.get(key)}


def _runs(frames: list[Frame]) -> list[tuple[str, Any]]:
    """Each event's name and payload, runs of deltas of one kind in one step as their first."""

    def name(frame: Frame) -> str:
        if frame.done:
            return "done [DONE]"
        event = frame.json()
        kind = event.get("delta", {}).get("type") or event.get("step", {}).get("type") or ""
        return f"{frame.name} {event.get('index', '')} {kind}".strip()

    return [
        (key, None if (first := next(group)).done else first.json())
        for key, group in groupby(frames, name)
    ]


def _content_type(reply: Reply) -> str:
    return next(value for name, value in reply.headers if name == "content-type")


def _structure(identifier: str) -> tuple[bool, str]:
    parsed = InteractionId.parse(identifier)
    if parsed is None:
        return False, "not an id"
    return True, "a root" if parsed.root == parsed.own else "a child"


def _same_root(child: str, parent: str) -> bool:
    one, other = InteractionId.parse(child), InteractionId.parse(parent)
    return one is not None and other is not None and one.root == other.root


def _ordered(exchanges: list[Exchange]) -> bool:
    return ordered_as_sent(value for each in exchanges for value in _objects(each))


def _objects(exchange: Exchange) -> Iterator[Any]:
    if exchange.streamed:
        for frame in exchange.frames[0]:
            if not frame.done:
                yield from objects_in(frame.json())
    elif exchange.response_body.strip():
        yield from objects_in(exchange.answered)
