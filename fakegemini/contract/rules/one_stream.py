"""What holds in a stream beyond the shape of its events: order, indexes, fit, and the whole.

One pass over the frames. Paths are `events[3].delta.type`, counted from 0 in frames; what an
end lacks is told at the place where it should have been.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...errors import DuplicateKey
from ...protocol.events import TERMINAL
from ...protocol.schemas import names
from ...protocol.status import IDLE, Status, running
from ...protocol.steps import fits, fold
from ...wire.http import Json
from ...wire.json_paths import join
from ...wire.json_text import parse
from ...wire.sse import Frame
from ...wording import brief_json
from ..findings import Fault, Kind
from . import one_interaction
from .error_codes import code
from .one_interaction import STATES
from .schema_fit import event_faults, faults, plain_delta

_LIVE = "C: recorded streams, 2026-05 to 2026-10"
_DOCS = "D: streaming, 2026-09-24"
_FIRST = "interaction.created"
_PLAIN = frozenset(
    ("event_type", "index", "step", "delta", "interaction", "interaction_id", "status", "error")
)
_USAGE = frozenset(("usage", "step_usage"))
_STEP_EVENTS = frozenset(("step.start", "step.delta", "step.stop"))
_FINAL_SEEN = frozenset((Status.COMPLETED, Status.REQUIRES_ACTION, Status.INCOMPLETE))


@dataclass(slots=True)
class _Open:
    """A step that was started and not stopped: its deltas, and where all of them stood."""

    index: int
    step: Json
    place: str
    deltas: list[Json] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    skipped: bool = False


class Stream:
    """Reads the frames of one stream. `steps` and `last` are what it made, when it is read.

    `stored` None: nobody knows. `resumed`: a GET that asked for what came after an event.
    `replayed`: any GET, and `background`: a run that outlives its stream. Of these two nobody has
    a recording, so that much of what they do is drift.
    """

    def __init__(
        self,
        *,
        stored: bool | None,
        resumed: bool = False,
        replayed: bool = False,
        background: bool = False,
    ) -> None:
        self.steps: list[Json] = []
        self.last: Json | None = None
        self.failed = False
        self.identifier: str | None = None
        self.ended_at = ""
        self._stored = stored
        self._resumed = resumed
        self._replayed = replayed or resumed
        self._sure = Kind.DRIFT if replayed or background else Kind.VIOLATION
        self._open: _Open | None = None
        self._next = 0
        self._events = 0
        self._stepped = False
        self._ids: set[str] = set()
        self._done: str | None = None
        self._final: tuple[str, str] | None = None
        self._places: list[str] = []

    def read(self, frames: list[Frame], rest: bytes = b"", bare: str = "") -> Iterator[Fault]:
        """The faults of the stream.

        `rest` are the bytes behind the last whole frame, `bare` a last line of JSON in no frame.
        """
        for number, frame in enumerate(frames):
            path = f"events[{number}]"
            if not self._passes(frame, path):
                yield from self._frame(frame, path)
        place = f"events[{len(frames)}]"
        if bare and '"error"' in bare:
            expected = "data: before it (a known fault of the server: googleapis/js-genai#1973)"
            yield Fault(
                place, "bare-error", brief_json(bare), expected, "I: 2026-09-22", Kind.DRIFT
            )
            self.failed = True
        elif rest.strip():
            end = brief_json(rest[-40:].decode("utf-8", "replace"))
            found = f"{len(rest)} bytes of a frame without its end: {end}"
            yield Fault(place, "stream-cut", found, "a blank line", _LIVE)
        yield from self._end(place)
        yield from one_interaction.paired(self.steps, self._places.__getitem__)

    def _passes(self, frame: Frame, path: str) -> bool:
        """Whether this is a sound delta of the open step, as most frames are: the short way."""
        here = self._open
        after = self._done or self._final or self.failed or self.last is not None
        if frame.name != "step.delta" or here is None or self._events < 2 or after:
            return False
        try:
            event = parse(frame.data)
        except ValueError:
            return False
        if not isinstance(event, dict) or event.get("event_type") != frame.name:
            return False
        if event.get("index") != here.index or not plain_delta(event):
            return False
        if not fits(str(here.step.get("type")), event["delta"]["type"]):
            return False
        here.deltas.append(event["delta"])
        here.places.append(path)
        self._events += 1
        return True

    def _frame(self, frame: Frame, path: str) -> Iterator[Fault]:
        if self._done:
            yield Fault(path, "after-done", brief_json(frame.data), "nothing after [DONE]", _LIVE)
        if frame.done:
            self._done = path
            if frame.name != "done":
                yield Fault(
                    join(path, "event"), "event-name", brief_json(frame.name), '"done"', _LIVE
                )
            return
        try:
            event = parse(frame.data)
        except DuplicateKey as error:
            yield Fault(path, "duplicate-key", f"{error} twice in one object", "once", _LIVE)
            return
        except ValueError as error:
            yield Fault(path, "not-json", brief_json(frame.data), f"JSON ({error})", _LIVE)
            return
        if not isinstance(event, dict):
            yield Fault(path, "wrong-type", brief_json(event), "object", _LIVE)
            return
        shapes = event_faults(event)
        if shapes:
            yield from (fault.under(path) for fault in shapes)
        name = str(event.get("event_type"))
        if frame.name != event.get("event_type"):
            expected = f"{brief_json(event.get('event_type'))}, the event_type"
            yield Fault(join(path, "event"), "event-name", brief_json(frame.name), expected, _LIVE)
        if not shapes or not any(fault.kind is Kind.VIOLATION for fault in shapes):
            yield from self._event(event, name, path)
        elif name == TERMINAL:  # wrong in itself, but it is there
            self.last = self.last or {}
        self._events += 1

    def _event(self, event: Json, name: str, path: str) -> Iterator[Fault]:
        if not _PLAIN.issuperset(event):
            yield from self._extras(event, path)
        if self.last is not None or self.failed:
            kind = join(path, "event_type")
            yield Fault(kind, "after-terminal", brief_json(name), "[DONE]", _LIVE)
        if not self._events and not self._resumed and name not in (_FIRST, "error"):
            kind, expected = join(path, "event_type"), f"{_FIRST} first"
            yield Fault(kind, "stream-order", brief_json(name), expected, _LIVE, self._sure)
        if name in _STEP_EVENTS:
            if self._final:
                yield from self._ended_before(self._final)
            if self._events == 1 and not self._replayed:
                kind = join(path, "event_type")
                expected = "interaction.status_update second"
                yield Fault(kind, "stream-order", brief_json(name), expected, _LIVE, Kind.DRIFT)
            self._stepped = True
        match name:
            case "interaction.created":
                yield from self._created(event, path)
            case "interaction.status_update":
                yield from self._update(event, path)
            case "step.start":
                yield from self._start(event, path)
            case "step.delta":
                yield from self._delta(event, path)
            case "step.stop":
                yield from self._stop(event, path)
            case "interaction.completed":
                yield from self._completed(event, path)
            case "error":
                self.failed = True
                if isinstance(event.get("error"), dict):
                    found = code(event["error"].get("code"), None)
                    yield from (fault.under(path) for fault in found)

    def _extras(self, event: Json, path: str) -> Iterator[Fault]:
        token = event.get("event_id")
        if token is not None:
            if token in self._ids:
                place = join(path, "event_id")
                yield Fault(
                    place, "event-id", brief_json(token), "an id of its own", "D: API", Kind.DRIFT
                )
            self._ids.add(token)
        for name, counts in (event.get("metadata") or {}).items():
            place = join(path, f"metadata.{name}")
            yield from one_interaction.usage(counts, place, sure=False)
        for name in _USAGE.intersection(event):
            yield from one_interaction.usage(event.get(name), join(path, name), sure=False)

    def _ended_before(self, final: tuple[str, str]) -> Iterator[Fault]:
        status, place = final
        found = f"{status}, and steps after it"
        yield Fault(place, "status-move", found, "a status that runs", _DOCS, Kind.DRIFT)
        self._final = None

    def _created(self, event: Json, path: str) -> Iterator[Fault]:
        if self._events:
            place = join(path, "event_type")
            yield Fault(place, "stream-order", "a second one", "once, first", _LIVE, self._sure)
        interaction = event["interaction"]
        self.identifier = interaction.get("id")
        if "agent" in interaction:  # no stream of an agent was ever recorded
            self._sure = Kind.DRIFT
        if self._stored is None:
            self._stored = bool(self.identifier)
        here = join(path, "interaction")
        yield from (fault.under(here) for fault in self._opening(interaction))

    def _opening(self, interaction: Json) -> Iterator[Fault]:
        value = interaction["id"]
        if value:
            yield from one_interaction.identifier(value, "id")
        if self._stored is True and not value:
            yield Fault("id", "missing-member", brief_json(value), "the id", _LIVE)
        if self._stored is False and value:
            yield Fault("id", "id-unstored", brief_json(value), "an empty id", _LIVE)
        yield from _named(interaction)
        status = interaction["status"]
        if status != Status.IN_PROGRESS:
            sure = Kind.DRIFT if self._replayed or status == Status.QUEUED else self._sure
            yield Fault("status", "first-status", brief_json(status), "in_progress", _LIVE, sure)

    def _same(self, value: Any, path: str) -> Iterator[Fault]:
        if self.identifier is not None and value != self.identifier:
            expected = f"{brief_json(self.identifier)}, as in {_FIRST}"
            yield Fault(path, "id-stream", brief_json(value), expected, _LIVE)

    def _update(self, event: Json, path: str) -> Iterator[Fault]:
        yield from self._same(event.get("interaction_id"), join(path, "interaction_id"))
        status = event["status"]
        if status in STATES and not running(Status(status)):
            self._final = (status, join(path, "status"))
        elif status == IDLE:
            return  # where it stands among the steps, nobody knows
        elif self._stepped and not event.get("continuation_token") and not self._replayed:
            place, expected = join(path, "event_type"), "it before the first step"
            found = f"status_update ({status}) among the steps"
            yield Fault(place, "stream-order", found, expected, _LIVE, Kind.DRIFT)

    def _start(self, event: Json, path: str) -> Iterator[Fault]:
        index, place = event["index"], join(path, "index")
        if self._open:
            found = f"step {index} while step {self._open.index} is open"
            yield Fault(place, "step-open", found, "the open step stopped", _LIVE, self._sure)
        if index != self._next and not (self._resumed and not self._next):
            yield Fault(place, "step-index", brief_json(index), f"{self._next}", _LIVE, self._sure)
        self._next = index + 1
        self._open = _Open(index, event["step"], path)
        if event["step"].get("type") == "function_call" and "arguments" not in event["step"]:
            place = join(path, "step.arguments")
            yield Fault(place, "missing-member", "it is not there", "{}", _LIVE, Kind.DRIFT)

    def _delta(self, event: Json, path: str) -> Iterator[Fault]:
        here = self._open
        if not here or here.index != event["index"]:
            yield from self._outside(event, path)
            return
        step, delta = str(here.step.get("type")), event["delta"]
        kind = str(delta.get("type"))
        if fits(step, kind):
            here.deltas.append(delta)
            here.places.append(path)
            return
        here.skipped = True
        if not (_known("step", step) and _known("delta", kind)):
            return  # news, and said as such
        # Since October 2026 a call has a signature; how one would be streamed nobody has seen.
        sure = Kind.DRIFT if (step, kind) == ("function_call", "thought_signature") else self._sure
        found = f"{brief_json(kind)} in a {step} step"
        place = join(path, "delta.type")
        yield Fault(place, "delta-fit", found, "a delta of that step", _LIVE, sure)

    def _stop(self, event: Json, path: str) -> Iterator[Fault]:
        here = self._open
        if not here or here.index != event["index"]:
            yield from self._outside(event, path)
            return
        self._open = None
        try:
            whole = fold(here.step, here.deltas)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            place = join(here.places[-1], "delta") if here.places else join(here.place, "step")
            if isinstance(error, json.JSONDecodeError):
                place = join(place, "arguments")
            sure = Kind.DRIFT if isinstance(error, KeyError) else self._sure
            found = f"deltas that do not make a {here.step.get('type')} step ({error})"
            yield Fault(place, "step-fold", found, "deltas that make the step", _LIVE, sure)
            return
        if not one_interaction.sound([whole]):
            return
        self.steps.append(whole)
        self._places.append(join(here.place, "step"))
        yield from self._whole(here, whole)

    def _whole(self, here: _Open, whole: Json) -> Iterator[Fault]:
        for fault in faults(whole, "interactions/step"):
            if fault.kind is Kind.DRIFT and fault.rule != "missing-member":
                continue  # the event said it already
            place = join(here.place, "step")
            if fault.rule == "missing-member" and "." not in fault.path:
                place = join(place, fault.path)
            elif here.places:
                place = join(here.places[-1], "delta")
                if fault.path == "arguments":
                    place = join(place, fault.path)
            sure = self._sure if fault.kind is Kind.VIOLATION else Kind.DRIFT
            sure = Kind.DRIFT if here.skipped else sure
            found = f"the deltas make a step whose {fault.path} is wrong: {fault.found}"
            yield Fault(place, "step-fold", found, fault.expected, fault.evidence, sure)

    def _outside(self, event: Json, path: str) -> Iterator[Fault]:
        index, place = event["index"], join(path, "index")
        if not self._open and self._resumed and not self._next:
            self._next = index + (event["event_type"] == "step.stop")
        elif not self._open and not (self._resumed and index == self._next and not self.steps):
            found = f"step {index}, which is not open"
            yield Fault(place, "step-closed", found, "an open step", _LIVE, self._sure)
        elif self._open and self._open.index != index:
            expected = f"{self._open.index}, the open one"
            yield Fault(place, "step-index", brief_json(index), expected, _LIVE, self._sure)

    def _completed(self, event: Json, path: str) -> Iterator[Fault]:
        interaction, here = event["interaction"], join(path, "interaction")
        self.last, self.ended_at = interaction, here
        status = interaction["status"]
        if self._open:
            place, found = join(path, "event_type"), f"step {self._open.index} is still open"
            yield Fault(place, "step-open", found, "every step stopped", _LIVE, self._sure)
        if self._final and self._final[0] != status:
            found, place = self._final
            yield Fault(place, "status-move", found, f"{status}, the end", _DOCS, Kind.DRIFT)
        yield from self._same(interaction["id"], join(here, "id"))
        found_here = [*self._closing(interaction), *one_interaction.odd_end(interaction)]
        if not self._replayed and not self._open:
            found_here += one_interaction.status_of(self.steps, status, bool(self._stored))
        yield from (fault.under(here) for fault in found_here)

    def _closing(self, interaction: Json) -> Iterator[Fault]:
        yield from _named(interaction)
        status = interaction["status"]
        known = status in STATES
        sure = self._sure if status in _FINAL_SEEN else Kind.DRIFT
        if "steps" in interaction:
            found, expected = "steps", "none in the last event"
            yield Fault("steps", "completed-steps", found, expected, _LIVE, self._sure)
        yield from one_interaction.times(interaction)
        if self.identifier and interaction["id"] == self.identifier:
            for fault in one_interaction.identifier(self.identifier, "id", interaction):
                if fault.rule == "id-clock":
                    yield fault
        by_model = self._sure is Kind.VIOLATION
        yield from one_interaction.usage(interaction.get("usage"), "usage", sure=by_model)
        if known and running(Status(status)):
            expected = "a status that does not run"
            yield Fault("status", "last-status", brief_json(status), expected, _LIVE)
        if status == Status.CANCELLED:
            found, expected = brief_json(status), "an end that was recorded"
            yield Fault("status", "last-status", found, expected, _LIVE, Kind.DRIFT)
        for name in ("created", "updated"):
            if name not in interaction:
                yield Fault(name, "missing-member", "it is not there", "the member", _LIVE, sure)
        # Without usage: seen once on a deep research run (2026-06-27).
        for name in ("usage", "service_tier"):
            if name not in interaction:
                yield Fault(name, "missing-member", "it is not there", name, _LIVE, Kind.DRIFT)

    def _end(self, place: str) -> Iterator[Fault]:
        if self.last is None and not self.failed:
            # Runs in the background lose their streams after ten minutes; a replay may be empty.
            where = self._done or place
            yield Fault(where, "no-terminal", "the stream ends", TERMINAL, _LIVE, self._sure)
        elif not self._done and not self.failed:
            expected = "event: done, data: [DONE]"
            yield Fault(place, "no-done", "the stream ends", expected, _LIVE, self._sure)


def _known(part: str, tag: str) -> bool:
    return f"interactions/{part}/{tag}" in names()


def _named(interaction: Json) -> Iterator[Fault]:
    for name in ("object", "agent" if "agent" in interaction else "model"):
        if name not in interaction:
            yield Fault(name, "missing-member", "it is not there", "the member", _LIVE, Kind.DRIFT)
