"""What holds in a stream beyond the shape of its events: their order, one id, and the end.

One pass over the frames. Paths are `events[3].delta.type`, counted from 0 in frames; what the end
lacks is reported at the place where it should have been.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...protocol.events import TERMINAL
from ...protocol.status import IDLE, Status, is_running
from ...wire.http import Json
from ...wire.json_paths import join_path
from ...wire.json_text import parse_json
from ...wire.sse import Frame
from ...wording import brief_json
from ..findings import Kind, Problem
from . import stream_rows as _  # noqa: F401  (its rules are in the table)
from .call_pairs import check_call_pairs
from .error_codes import check_code
from .error_texts import check_error_text
from .event_frame import read_event
from .one_interaction import STATUSES
from .recorder_marks import final_frame
from .registry import STREAMING_DOCS, STREAMS, InteractionView, problem
from .schema_fit import ABSENT, is_plain_delta
from .step_places import StepPlace
from .stream_ends import check_first_interaction, check_last_interaction
from .streamed_steps import StepsCheck
from .token_counts import check_usage

_FIRST_EVENT = "interaction.created"
_PLAIN_MEMBERS = frozenset(
    ("event_type", "index", "step", "delta", "interaction", "interaction_id", "status", "error")
)
_USAGE_MEMBERS = frozenset(("usage", "step_usage"))
_STEP_EVENTS = frozenset(("step.start", "step.delta", "step.stop"))


class StreamCheck:
    """Reads the frames of one stream. `steps` and `last_interaction` are what it made.

    `heads` are the interactions that its first and its last event state, with their places.

    stored: whether the interaction is kept, None where nobody knows
    resumed: a GET that asked for what came after an event
    foreground: a create that is known not to run in the background
    replayed: any GET; background: a run that outlives its stream. Of these two nobody has a
        recording, so that much of what they do is drift.
    """

    def __init__(
        self,
        *,
        stored: bool | None,
        resumed: bool = False,
        replayed: bool = False,
        background: bool = False,
        foreground: bool = False,
    ) -> None:
        self.last_interaction: Json | None = None
        self.heads: list[tuple[str, Json]] = []
        self.failed = False
        self.identifier: str | None = None
        self.last_path = ""
        self._stored = stored
        self._foreground = foreground
        self._update_count = 0
        self._resumed = resumed
        self._replayed = replayed or resumed
        self._steps = StepsCheck(
            resumed=resumed, kind=Kind.DRIFT if replayed or background else Kind.VIOLATION
        )
        self._has_opened = False
        self._event_count = 0
        self._steps_began = False
        self._event_ids: set[str] = set()
        self._done_path: str | None = None
        self._final_update: tuple[str, str] | None = None

    @property
    def steps(self) -> list[Json]:
        """The steps that were stopped."""
        return self._steps.steps

    @property
    def places(self) -> list[StepPlace]:
        """Where the steps stand."""
        return self._steps.places

    @property
    def _kind(self) -> Kind:
        return self._steps.kind

    def check_frames(
        self, frames: list[Frame], remaining: bytes = b"", bare_line: str = ""
    ) -> Iterator[Problem]:
        """Find what is wrong with the stream.

        `remaining` are the bytes behind the last whole frame, `bare_line` a last line of JSON in no
        frame. A `[DONE]` whose blank line an editor stripped is whole.
        """
        stripped_frame = final_frame(remaining) if remaining else None
        if stripped_frame:
            frames, remaining = [*frames, stripped_frame], b""
        for number, frame in enumerate(frames):
            path = f"events[{number}]"
            if not self._take_plain_delta(frame, path):
                yield from self._check_frame(frame, path)
        place = f"events[{len(frames)}]"
        if bare_line and '"error"' in bare_line:
            expected = "data: before it (a known fault of the server: googleapis/js-genai#1973)"
            yield problem("bare-error", place, brief_json(bare_line), expected)
            self.failed = True
        elif remaining.strip():
            last_bytes = brief_json(remaining[-40:].decode("utf-8", "replace"))
            observed = f"{len(remaining)} bytes of a frame without its end: {last_bytes}"
            yield problem("stream-cut", place, observed, "a blank line")
        yield from self._check_end(place)
        yield from check_call_pairs(self.steps, lambda number: self.places[number].path)

    def _take_plain_delta(self, frame: Frame, path: str) -> bool:
        """Take a sound delta of the open step, as most frames are: the short way.

        False for any other frame, of which nothing is taken.
        """
        is_over = (
            self._done_path
            or self._final_update
            or self.failed
            or self.last_interaction is not None
        )
        if frame.name != "step.delta" or self._event_count < 2 or is_over:
            return False
        try:
            event = parse_json(frame.data)
        except ValueError:
            return False
        if not isinstance(event, dict) or event.get("event_type") != frame.name:
            return False
        if not is_plain_delta(event) or not self._steps.take_delta(event, path):
            return False
        self._event_count += 1
        return True

    def _check_frame(self, frame: Frame, path: str) -> Iterator[Problem]:
        if self._done_path:
            yield problem("after-done", path, brief_json(frame.data), "nothing after [DONE]")
        if frame.is_done:
            self._done_path = path
            if frame.name != "done":
                place = join_path(path, "event")
                yield problem("event-name", place, brief_json(frame.name), '"done"')
            return
        event, problems, is_sound = read_event(frame, path)
        yield from problems
        if event is None:
            return
        name = str(event.get("event_type"))
        if is_sound:
            yield from self._check_event(event, name, path)
        elif name == TERMINAL:  # wrong in itself, but it is there
            self.last_interaction = self.last_interaction or {}
        self._event_count += 1

    def _check_event(self, event: Json, name: str, path: str) -> Iterator[Problem]:
        """Hold an event of the right shape against what came before it."""
        if not _PLAIN_MEMBERS.issuperset(event):
            yield from self._check_extras(event, path)
        if self.last_interaction is not None or self.failed:
            yield problem("after-terminal", f"{path}.event_type", brief_json(name), "[DONE]")
        if not self._event_count and not self._resumed and name not in (_FIRST_EVENT, "error"):
            place, expected = f"{path}.event_type", f"{_FIRST_EVENT} first"
            yield problem("stream-order", place, brief_json(name), expected, kind=self._kind)
        if name in _STEP_EVENTS:
            if self._final_update:
                yield from self._resume_after_final(self._final_update)
            if self._event_count == 1 and not self._replayed:
                place, expected = f"{path}.event_type", "interaction.status_update second"
                yield problem("stream-order", place, brief_json(name), expected, kind=Kind.DRIFT)
            self._steps_began = True
        match name:
            case "interaction.created":
                yield from self._check_created(event, path)
            case "interaction.status_update":
                yield from self._check_status_update(event, path)
            case "step.start":
                yield from self._steps.check_start(event, path)
            case "step.delta":
                yield from self._steps.check_delta(event, path)
            case "step.stop":
                yield from self._steps.check_stop(event, path)
            case "interaction.completed":
                yield from self._check_completed(event, path)
            case "error":
                self.failed = True
                if isinstance(event.get("error"), dict):
                    problems = check_code(event["error"].get("code"), None)
                    yield from (each.under(path) for each in problems)
                    yield from (each.under(path) for each in check_error_text(event, None))

    def _check_extras(self, event: Json, path: str) -> Iterator[Problem]:
        """Look at members that few events have: an id of the event, and token counts."""
        event_id = event.get("event_id")
        if event_id is not None and self._foreground:
            place = join_path(path, "event_id")
            observed, expected = brief_json(event_id), "none in the foreground"
            yield problem("event-id-foreground", place, observed, expected, kind=self._kind)
        if event_id is not None:
            if event_id in self._event_ids:
                place = join_path(path, "event_id")
                yield problem("event-id", place, brief_json(event_id), "an id of its own")
            self._event_ids.add(event_id)
        for name, counts in (event.get("metadata") or {}).items():
            yield from check_usage(counts, join_path(path, f"metadata.{name}"), sure=False)
        for name in _USAGE_MEMBERS.intersection(event):
            yield from check_usage(event.get(name), join_path(path, name), sure=False)

    def _resume_after_final(self, final_update: tuple[str, str]) -> Iterator[Problem]:
        status, place = final_update
        observed, expected = f"{status}, and steps after it", "a status that runs"
        yield problem(
            "status-move", place, observed, expected, kind=Kind.DRIFT, evidence=STREAMING_DOCS
        )
        self._final_update = None

    def _check_created(self, event: Json, path: str) -> Iterator[Problem]:
        if self._event_count:
            place = join_path(path, "event_type")
            yield problem("stream-order", place, "a second one", "once, first", kind=self._kind)
        interaction = event["interaction"]
        self.heads.append((join_path(path, "interaction"), interaction))
        self._has_opened, self.identifier = True, interaction.get("id")
        if "agent" in interaction:  # no stream of an agent was ever recorded
            self._steps.kind = Kind.DRIFT
        if self._stored is None:
            self._stored = bool(self.identifier)
        problems = check_first_interaction(
            interaction, self._stored, self._kind, replayed=self._replayed
        )
        yield from (each.under(join_path(path, "interaction")) for each in problems)

    def _check_same_id(self, value: str | None, path: str) -> Iterator[Problem]:
        """Hold the id of an event against that of the first; None where it has none."""
        if value is None and (self.identifier or (self._stored and not self._has_opened)):
            expected = f"{brief_json(self.identifier) if self.identifier else 'the id'}"
            yield problem("missing-member", path, ABSENT, expected, evidence=STREAMS)
        elif self._has_opened and value != self.identifier:
            kind = Kind.VIOLATION if value or self.identifier else Kind.DRIFT
            observed = ABSENT if value is None else brief_json(value)
            first = "none" if self.identifier is None else brief_json(self.identifier)
            yield problem("id-stream", path, observed, f"{first}, as in {_FIRST_EVENT}", kind=kind)

    def _check_status_update(self, event: Json, path: str) -> Iterator[Problem]:
        yield from self._check_same_id(
            event.get("interaction_id"), join_path(path, "interaction_id")
        )
        status = event["status"]
        self._update_count += 1
        if status in STATUSES and not is_running(Status(status)):
            self._final_update = (status, join_path(path, "status"))
        elif status == IDLE:
            return  # where it stands among the steps, nobody knows
        elif self._update_count > 1 and not event.get("continuation_token"):
            kind = self._kind if self._foreground else Kind.DRIFT
            place = join_path(path, "event_type")
            yield problem("update-once", place, "a second one", "one in a stream", kind=kind)
        elif self._steps_began and not event.get("continuation_token") and not self._replayed:
            place, expected = join_path(path, "event_type"), "it before the first step"
            observed = f"status_update ({status}) among the steps"
            yield problem("stream-order", place, observed, expected, kind=Kind.DRIFT)

    def _check_completed(self, event: Json, path: str) -> Iterator[Problem]:
        interaction, interaction_path = event["interaction"], join_path(path, "interaction")
        self.last_interaction, self.last_path = interaction, interaction_path
        self.heads.append((interaction_path, interaction))
        is_open = self._steps.open_index is not None
        yield from self._steps.check_all_stopped(join_path(path, "event_type"))
        if self._final_update and self._final_update[0] != interaction["status"]:
            observed, place = self._final_update
            expected = f"{interaction['status']}, the end"
            yield problem(
                "status-move", place, observed, expected, kind=Kind.DRIFT, evidence=STREAMING_DOCS
            )
        yield from self._check_same_id(interaction.get("id"), join_path(interaction_path, "id"))
        view = InteractionView(
            interaction,
            None if self._replayed or is_open else self.steps,
            bool(self._stored),
            sure=self._kind is Kind.VIOLATION,
        )
        problems = check_last_interaction(view, self._kind, self.identifier)
        yield from (each.under(interaction_path) for each in problems)

    def _check_end(self, place: str) -> Iterator[Problem]:
        if self.last_interaction is None and not self.failed:
            # Runs in the background lose their streams after ten minutes; a replay may be empty.
            end_path = self._done_path or place
            yield problem("no-terminal", end_path, "the stream ends", TERMINAL, kind=self._kind)
        elif not self._done_path and not self.failed:
            expected = "event: done, data: [DONE]"
            yield problem("no-done", place, "the stream ends", expected, kind=self._kind)
