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
from ...protocol.schemas import schema_names
from ...protocol.status import IDLE, Status, is_running
from ...protocol.steps import delta_fits, fold
from ...wire.http import Json
from ...wire.json_paths import join_path
from ...wire.json_text import parse_json
from ...wire.sse import Frame
from ...wording import brief_json
from ..findings import Kind, Problem
from . import one_interaction
from .error_codes import check_code
from .one_interaction import STATUSES
from .schema_fit import find_event_problems, find_schema_problems, is_plain_delta

_LIVE = "C: recorded streams, 2026-05 to 2026-10"
_DOCS = "D: streaming, 2026-09-24"
_FIRST_EVENT = "interaction.created"
_PLAIN_MEMBERS = frozenset(
    ("event_type", "index", "step", "delta", "interaction", "interaction_id", "status", "error")
)
_USAGE_MEMBERS = frozenset(("usage", "step_usage"))
_STEP_EVENTS = frozenset(("step.start", "step.delta", "step.stop"))
_RECORDED_ENDS = frozenset((Status.COMPLETED, Status.REQUIRES_ACTION, Status.INCOMPLETE))


@dataclass(slots=True)
class _OpenStep:
    """A step that was started and not stopped: its deltas, and where all of them stood."""

    index: int
    step: Json
    place: str
    deltas: list[Json] = field(default_factory=list)
    delta_places: list[str] = field(default_factory=list)
    has_skipped_delta: bool = False


class StreamCheck:
    """Reads the frames of one stream. `steps` and `last_interaction` are what it made.

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
        self.last_interaction: Json | None = None
        self.failed = False
        self.identifier: str | None = None
        self.last_path = ""
        self._stored = stored
        self._resumed = resumed
        self._replayed = replayed or resumed
        self._kind = Kind.DRIFT if replayed or background else Kind.VIOLATION
        self._open_step: _OpenStep | None = None
        self._next_index = 0
        self._event_count = 0
        self._steps_began = False
        self._event_ids: set[str] = set()
        self._done_path: str | None = None
        self._final_update: tuple[str, str] | None = None
        self._step_places: list[str] = []

    def check_frames(
        self, frames: list[Frame], remaining: bytes = b"", bare_line: str = ""
    ) -> Iterator[Problem]:
        """The faults of the stream.

        `remaining` are the bytes behind the last whole frame, `bare_line` a last line of JSON in no
        frame.
        """
        for number, frame in enumerate(frames):
            path = f"events[{number}]"
            if not self._take_plain_delta(frame, path):
                yield from self._check_frame(frame, path)
        place = f"events[{len(frames)}]"
        if bare_line and '"error"' in bare_line:
            expected = "data: before it (a known fault of the server: googleapis/js-genai#1973)"
            yield Problem(
                place, "bare-error", brief_json(bare_line), expected, "I: 2026-09-22", Kind.DRIFT
            )
            self.failed = True
        elif remaining.strip():
            last_bytes = brief_json(remaining[-40:].decode("utf-8", "replace"))
            observed = f"{len(remaining)} bytes of a frame without its end: {last_bytes}"
            yield Problem(place, "stream-cut", observed, "a blank line", _LIVE)
        yield from self._check_end(place)
        yield from one_interaction.check_call_pairs(self.steps, self._step_places.__getitem__)

    def _take_plain_delta(self, frame: Frame, path: str) -> bool:
        """Whether this is a sound delta of the open step, as most frames are: the short way."""
        open_step = self._open_step
        is_over = (
            self._done_path
            or self._final_update
            or self.failed
            or self.last_interaction is not None
        )
        if frame.name != "step.delta" or open_step is None or self._event_count < 2 or is_over:
            return False
        try:
            event = parse_json(frame.data)
        except ValueError:
            return False
        if not isinstance(event, dict) or event.get("event_type") != frame.name:
            return False
        if event.get("index") != open_step.index or not is_plain_delta(event):
            return False
        if not delta_fits(str(open_step.step.get("type")), event["delta"]["type"]):
            return False
        open_step.deltas.append(event["delta"])
        open_step.delta_places.append(path)
        self._event_count += 1
        return True

    def _check_frame(self, frame: Frame, path: str) -> Iterator[Problem]:
        if self._done_path:
            yield Problem(path, "after-done", brief_json(frame.data), "nothing after [DONE]", _LIVE)
        if frame.is_done:
            self._done_path = path
            if frame.name != "done":
                yield Problem(
                    join_path(path, "event"), "event-name", brief_json(frame.name), '"done"', _LIVE
                )
            return
        try:
            event = parse_json(frame.data)
        except DuplicateKey as error:
            yield Problem(path, "duplicate-key", f"{error} twice in one object", "once", _LIVE)
            return
        except ValueError as error:
            yield Problem(path, "not-json", brief_json(frame.data), f"JSON ({error})", _LIVE)
            return
        if not isinstance(event, dict):
            yield Problem(path, "wrong-type", brief_json(event), "object", _LIVE)
            return
        problems = find_event_problems(event)
        if problems:
            yield from (problem.under(path) for problem in problems)
        name = str(event.get("event_type"))
        if frame.name != event.get("event_type"):
            expected = f"{brief_json(event.get('event_type'))}, the event_type"
            yield Problem(
                join_path(path, "event"), "event-name", brief_json(frame.name), expected, _LIVE
            )
        if not problems or not any(problem.kind is Kind.VIOLATION for problem in problems):
            yield from self._check_event(event, name, path)
        elif name == TERMINAL:  # wrong in itself, but it is there
            self.last_interaction = self.last_interaction or {}
        self._event_count += 1

    def _check_event(self, event: Json, name: str, path: str) -> Iterator[Problem]:
        if not _PLAIN_MEMBERS.issuperset(event):
            yield from self._check_extras(event, path)
        if self.last_interaction is not None or self.failed:
            tag_path = join_path(path, "event_type")
            yield Problem(tag_path, "after-terminal", brief_json(name), "[DONE]", _LIVE)
        if not self._event_count and not self._resumed and name not in (_FIRST_EVENT, "error"):
            tag_path, expected = join_path(path, "event_type"), f"{_FIRST_EVENT} first"
            yield Problem(tag_path, "stream-order", brief_json(name), expected, _LIVE, self._kind)
        if name in _STEP_EVENTS:
            if self._final_update:
                yield from self._resume_after_final(self._final_update)
            if self._event_count == 1 and not self._replayed:
                tag_path = join_path(path, "event_type")
                expected = "interaction.status_update second"
                yield Problem(
                    tag_path, "stream-order", brief_json(name), expected, _LIVE, Kind.DRIFT
                )
            self._steps_began = True
        match name:
            case "interaction.created":
                yield from self._check_created(event, path)
            case "interaction.status_update":
                yield from self._check_status_update(event, path)
            case "step.start":
                yield from self._check_step_start(event, path)
            case "step.delta":
                yield from self._check_step_delta(event, path)
            case "step.stop":
                yield from self._check_step_stop(event, path)
            case "interaction.completed":
                yield from self._check_completed(event, path)
            case "error":
                self.failed = True
                if isinstance(event.get("error"), dict):
                    problems = check_code(event["error"].get("code"), None)
                    yield from (problem.under(path) for problem in problems)

    def _check_extras(self, event: Json, path: str) -> Iterator[Problem]:
        event_id = event.get("event_id")
        if event_id is not None:
            if event_id in self._event_ids:
                place = join_path(path, "event_id")
                yield Problem(
                    place,
                    "event-id",
                    brief_json(event_id),
                    "an id of its own",
                    "D: API",
                    Kind.DRIFT,
                )
            self._event_ids.add(event_id)
        for name, counts in (event.get("metadata") or {}).items():
            place = join_path(path, f"metadata.{name}")
            yield from one_interaction.check_usage(counts, place, sure=False)
        for name in _USAGE_MEMBERS.intersection(event):
            yield from one_interaction.check_usage(
                event.get(name), join_path(path, name), sure=False
            )

    def _resume_after_final(self, final_update: tuple[str, str]) -> Iterator[Problem]:
        status, place = final_update
        observed = f"{status}, and steps after it"
        yield Problem(place, "status-move", observed, "a status that runs", _DOCS, Kind.DRIFT)
        self._final_update = None

    def _check_created(self, event: Json, path: str) -> Iterator[Problem]:
        if self._event_count:
            place = join_path(path, "event_type")
            yield Problem(place, "stream-order", "a second one", "once, first", _LIVE, self._kind)
        interaction = event["interaction"]
        self.identifier = interaction.get("id")
        if "agent" in interaction:  # no stream of an agent was ever recorded
            self._kind = Kind.DRIFT
        if self._stored is None:
            self._stored = bool(self.identifier)
        interaction_path = join_path(path, "interaction")
        yield from (
            problem.under(interaction_path)
            for problem in self._check_first_interaction(interaction)
        )

    def _check_first_interaction(self, interaction: Json) -> Iterator[Problem]:
        identifier = interaction["id"]
        if identifier:
            yield from one_interaction.check_id(identifier, "id")
        if self._stored is True and not identifier:
            yield Problem("id", "missing-member", brief_json(identifier), "the id", _LIVE)
        if self._stored is False and identifier:
            yield Problem("id", "id-unstored", brief_json(identifier), "an empty id", _LIVE)
        yield from _check_identity_members(interaction)
        status = interaction["status"]
        if status != Status.IN_PROGRESS:
            kind = Kind.DRIFT if self._replayed or status == Status.QUEUED else self._kind
            yield Problem("status", "first-status", brief_json(status), "in_progress", _LIVE, kind)

    def _check_same_id(self, value: Any, path: str) -> Iterator[Problem]:
        if self.identifier is not None and value != self.identifier:
            expected = f"{brief_json(self.identifier)}, as in {_FIRST_EVENT}"
            yield Problem(path, "id-stream", brief_json(value), expected, _LIVE)

    def _check_status_update(self, event: Json, path: str) -> Iterator[Problem]:
        yield from self._check_same_id(
            event.get("interaction_id"), join_path(path, "interaction_id")
        )
        status = event["status"]
        if status in STATUSES and not is_running(Status(status)):
            self._final_update = (status, join_path(path, "status"))
        elif status == IDLE:
            return  # where it stands among the steps, nobody knows
        elif self._steps_began and not event.get("continuation_token") and not self._replayed:
            place, expected = join_path(path, "event_type"), "it before the first step"
            observed = f"status_update ({status}) among the steps"
            yield Problem(place, "stream-order", observed, expected, _LIVE, Kind.DRIFT)

    def _check_step_start(self, event: Json, path: str) -> Iterator[Problem]:
        index, place = event["index"], join_path(path, "index")
        if self._open_step:
            observed = f"step {index} while step {self._open_step.index} is open"
            yield Problem(place, "step-open", observed, "the open step stopped", _LIVE, self._kind)
        if index != self._next_index and not (self._resumed and not self._next_index):
            yield Problem(
                place, "step-index", brief_json(index), f"{self._next_index}", _LIVE, self._kind
            )
        self._next_index = index + 1
        self._open_step = _OpenStep(index, event["step"], path)
        if event["step"].get("type") == "function_call" and "arguments" not in event["step"]:
            place = join_path(path, "step.arguments")
            yield Problem(place, "missing-member", "it is not there", "{}", _LIVE, Kind.DRIFT)

    def _check_step_delta(self, event: Json, path: str) -> Iterator[Problem]:
        open_step = self._open_step
        if not open_step or open_step.index != event["index"]:
            yield from self._check_unopened_step(event, path)
            return
        step_type, delta = str(open_step.step.get("type")), event["delta"]
        delta_type = str(delta.get("type"))
        if delta_fits(step_type, delta_type):
            open_step.deltas.append(delta)
            open_step.delta_places.append(path)
            return
        open_step.has_skipped_delta = True
        if not (_has_schema("step", step_type) and _has_schema("delta", delta_type)):
            return  # news, and said as such
        # Since October 2026 a call has a signature; how one would be streamed nobody has seen.
        kind = (
            Kind.DRIFT
            if (step_type, delta_type) == ("function_call", "thought_signature")
            else self._kind
        )
        observed = f"{brief_json(delta_type)} in a {step_type} step"
        place = join_path(path, "delta.type")
        yield Problem(place, "delta-fit", observed, "a delta of that step", _LIVE, kind)

    def _check_step_stop(self, event: Json, path: str) -> Iterator[Problem]:
        open_step = self._open_step
        if not open_step or open_step.index != event["index"]:
            yield from self._check_unopened_step(event, path)
            return
        self._open_step = None
        try:
            folded_step = fold(open_step.step, open_step.deltas)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            place = (
                join_path(open_step.delta_places[-1], "delta")
                if open_step.delta_places
                else join_path(open_step.place, "step")
            )
            if isinstance(error, json.JSONDecodeError):
                place = join_path(place, "arguments")
            kind = Kind.DRIFT if isinstance(error, KeyError) else self._kind
            observed = f"deltas that do not make a {open_step.step.get('type')} step ({error})"
            yield Problem(place, "step-fold", observed, "deltas that make the step", _LIVE, kind)
            return
        if not one_interaction.are_well_formed([folded_step]):
            return
        self.steps.append(folded_step)
        self._step_places.append(join_path(open_step.place, "step"))
        yield from self._check_folded_step(open_step, folded_step)

    def _check_folded_step(self, open_step: _OpenStep, folded_step: Json) -> Iterator[Problem]:
        for problem in find_schema_problems(folded_step, "interactions/step"):
            if problem.kind is Kind.DRIFT and problem.rule != "missing-member":
                continue  # the event said it already
            place = join_path(open_step.place, "step")
            if problem.rule == "missing-member" and "." not in problem.path:
                place = join_path(place, problem.path)
            elif open_step.delta_places:
                place = join_path(open_step.delta_places[-1], "delta")
                if problem.path == "arguments":
                    place = join_path(place, problem.path)
            kind = self._kind if problem.kind is Kind.VIOLATION else Kind.DRIFT
            kind = Kind.DRIFT if open_step.has_skipped_delta else kind
            observed = f"the deltas make a step whose {problem.path} is wrong: {problem.found}"
            yield Problem(place, "step-fold", observed, problem.expected, problem.evidence, kind)

    def _check_unopened_step(self, event: Json, path: str) -> Iterator[Problem]:
        index, place = event["index"], join_path(path, "index")
        if not self._open_step and self._resumed and not self._next_index:
            self._next_index = index + (event["event_type"] == "step.stop")
        elif not self._open_step and not (
            self._resumed and index == self._next_index and not self.steps
        ):
            observed = f"step {index}, which is not open"
            yield Problem(place, "step-closed", observed, "an open step", _LIVE, self._kind)
        elif self._open_step and self._open_step.index != index:
            expected = f"{self._open_step.index}, the open one"
            yield Problem(place, "step-index", brief_json(index), expected, _LIVE, self._kind)

    def _check_completed(self, event: Json, path: str) -> Iterator[Problem]:
        interaction, interaction_path = event["interaction"], join_path(path, "interaction")
        self.last_interaction, self.last_path = interaction, interaction_path
        status = interaction["status"]
        if self._open_step:
            place, observed = (
                join_path(path, "event_type"),
                f"step {self._open_step.index} is still open",
            )
            yield Problem(place, "step-open", observed, "every step stopped", _LIVE, self._kind)
        if self._final_update and self._final_update[0] != status:
            observed, place = self._final_update
            yield Problem(place, "status-move", observed, f"{status}, the end", _DOCS, Kind.DRIFT)
        yield from self._check_same_id(interaction["id"], join_path(interaction_path, "id"))
        problems = [
            *self._check_last_interaction(interaction),
            *one_interaction.check_odd_end(interaction),
        ]
        if not self._replayed and not self._open_step:
            problems += one_interaction.check_final_status(self.steps, status, bool(self._stored))
        yield from (problem.under(interaction_path) for problem in problems)

    def _check_last_interaction(self, interaction: Json) -> Iterator[Problem]:
        yield from _check_identity_members(interaction)
        status = interaction["status"]
        is_known = status in STATUSES
        kind = self._kind if status in _RECORDED_ENDS else Kind.DRIFT
        if "steps" in interaction:
            observed, expected = "steps", "none in the last event"
            yield Problem("steps", "completed-steps", observed, expected, _LIVE, self._kind)
        yield from one_interaction.check_times(interaction)
        if self.identifier and interaction["id"] == self.identifier:
            for problem in one_interaction.check_id(self.identifier, "id", interaction):
                if problem.rule == "id-clock":
                    yield problem
        by_model = self._kind is Kind.VIOLATION
        yield from one_interaction.check_usage(interaction.get("usage"), "usage", sure=by_model)
        if is_known and is_running(Status(status)):
            expected = "a status that does not run"
            yield Problem("status", "last-status", brief_json(status), expected, _LIVE)
        if status == Status.CANCELLED:
            observed, expected = brief_json(status), "an end that was recorded"
            yield Problem("status", "last-status", observed, expected, _LIVE, Kind.DRIFT)
        for name in ("created", "updated"):
            if name not in interaction:
                yield Problem(name, "missing-member", "it is not there", "the member", _LIVE, kind)
        # Without usage: seen once on a deep research run (2026-06-27).
        for name in ("usage", "service_tier"):
            if name not in interaction:
                yield Problem(name, "missing-member", "it is not there", name, _LIVE, Kind.DRIFT)

    def _check_end(self, place: str) -> Iterator[Problem]:
        if self.last_interaction is None and not self.failed:
            # Runs in the background lose their streams after ten minutes; a replay may be empty.
            end_path = self._done_path or place
            yield Problem(end_path, "no-terminal", "the stream ends", TERMINAL, _LIVE, self._kind)
        elif not self._done_path and not self.failed:
            expected = "event: done, data: [DONE]"
            yield Problem(place, "no-done", "the stream ends", expected, _LIVE, self._kind)


def _has_schema(part: str, tag: str) -> bool:
    return f"interactions/{part}/{tag}" in schema_names()


def _check_identity_members(interaction: Json) -> Iterator[Problem]:
    for name in ("object", "agent" if "agent" in interaction else "model"):
        if name not in interaction:
            yield Problem(
                name, "missing-member", "it is not there", "the member", _LIVE, Kind.DRIFT
            )
