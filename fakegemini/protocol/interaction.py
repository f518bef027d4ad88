"""Hold one interaction: what it shows at a moment, and what it streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..wire.http import Beat, Json, Wait
from ..wire.sse import DONE_FRAME, encode_frame
from . import events
from .ask import Ask
from .background import AT_ONCE, Course, seconds_of
from .clock import Clock, format_time
from .conversation import Conversation
from .ids import InteractionId, make_event_id
from .refusals.lookups import not_found
from .status import MOVE_TO, Move, Status, is_running, status_after
from .step_reading import hoist_results
from .turn import Turn
from .usage import count_usage

_LOOK_SECONDS = 0.05
"""How often a stream of a run without an end looks whether somebody ended it."""

_OPENING_COUNT = 2
"""How many events open every stream."""

_STEP_OPEN_EVENTS = ("step.start", "step.delta")
"""The events between which a step is open."""


@dataclass(slots=True)
class Interaction:
    """One interaction. Only `status`, the three counters and `is_deleted` ever change.

    id: None where nothing is stored
    ask, turn: what was asked, and what answers
    started_at, course: when it began, in Unix seconds, and how long it takes
    credit_seconds: what is added to its age, as polls end stages early (a counter)
    polls: how many of the current stage there were (a counter)
    tokens: the continuation tokens behind its steps, where it is a hop of a longer turn
    sent_count: how many of its events a stream has sent while it ran (a counter)
    """

    id: InteractionId | None
    ask: Ask
    turn: Turn
    started_at: float
    course: Course = AT_ONCE
    environment_id: str | None = None
    status: str = Status.IN_PROGRESS
    credit_seconds: float = 0.0
    polls: int = 0
    is_deleted: bool = False
    tokens: tuple[str | None, ...] = ()
    sent_count: int = 0
    _event_plan: list[Json] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def usage(self) -> Json:
        """Return what it cost. It is counted anew each time: kept, it would weigh as its text."""
        return count_usage(self.ask, self.turn)

    @property
    def steps(self) -> tuple[Json, ...]:
        """Return what the model made, whether it shows yet or not."""
        return self.turn.steps

    @property
    def continued(self) -> Conversation:
        """Return the conversation behind it, which its children go on with; see `history_after`."""
        outputs = () if self.status == Status.CANCELLED else self.steps
        return self.ask.dialogue.followed_by(outputs)

    @property
    def continuation_token(self) -> str | None:
        """Return the continuation token at its end; None for the last hop of a turn."""
        return self.tokens[-1] if self.tokens else None

    @property
    def id_in_streams(self) -> str:
        """Return the id as streams show it: empty where nothing is stored (recorded)."""
        return str(self.id) if self.id else ""

    @property
    def _streams_bare(self) -> bool:
        """Whether its streams have no id at all: nothing is stored, since 2026-10 (recorded)."""
        return self.id is None and self.ask.era.does("unstored streams are bare")

    def elapsed_seconds(self, now: float) -> float:
        """Return for how many seconds it has run, those that polls skipped included."""
        return now - self.started_at + self.credit_seconds

    def update_status(self, now: float) -> None:
        """Move it to the stage that it has reached by the time `now`, in Unix seconds."""
        for _ in range(len(self.course) + 1):  # a move for each stage, and one to the outcome
            if not is_running(self.status):
                return
            end, stage = 0.0, None
            for stage in self.course:
                end += stage.seconds
                if stage.status == self.status:
                    break
            if stage is not None and self.elapsed_seconds(now) < end:
                return
            later_stages = self.course[self.course.index(stage) + 1 :] if stage else ()
            self.status = self._next_status(later_stages[0].status if later_stages else None)
            self.polls = 0

    def poll(self, now: float) -> None:
        """Count a poll of a running interaction: it sees the current stage, or ends it."""
        end, status_before = 0.0, self.status
        for stage in self.course:
            end += stage.seconds
            if stage.status == self.status:
                self.polls += 1
                if self.polls > stage.polls:
                    self.credit_seconds += max(0.0, end - self.elapsed_seconds(now))
        self.update_status(now)
        if self.status != status_before:
            self.polls = 1

    def _next_status(self, stage: Status | None) -> str:
        """Return the status behind a running one: that of the next stage, or the turn's outcome."""
        status = Status(self.status)
        if stage is Status.IN_PROGRESS:
            return status_after(status, Move.START)
        if status is Status.QUEUED:
            status = status_after(status, Move.START)
        outcome = self.turn.outcome
        # An unknown status has no row in the table; a test may still script it.
        return status_after(status, MOVE_TO[Status(outcome)]) if outcome in MOVE_TO else outcome

    def resource(self, *, timeline: bool = False, include_input: bool = False) -> Json:
        """Return the interaction as JSON, members in the live order.

        `timeline` adds the user's own steps, as a get does and a create does not;
        `include_input` adds `input`.
        """
        body: Json = {"id": str(self.id)} if self.id else {}
        body["status"] = str(self.status)
        has_outcome = self._has_outcome()
        if has_outcome:
            body["usage"] = self.usage
        body |= self._timestamps()
        if has_outcome:
            body["service_tier"] = self.ask.body.get("service_tier", "standard")
            steps = (
                [*hoist_results(self.ask.input_steps), *self.steps]
                if timeline
                else list(self.steps)
            )
            if steps:  # a turn that made nothing has no `steps` at all (recorded)
                body["steps"] = steps
        if self.continuation_token and has_outcome:
            body["continuation_token"] = self.continuation_token
        if self.turn.errors and has_outcome:
            body["errors"] = list(self.turn.errors)
        body["object"] = "interaction"
        if include_input and has_outcome:
            body["input"] = hoist_results(self.ask.input_steps)
        return body | self._model_members(with_environment=not is_running(self.status))

    def position_after(self, event_id: str) -> int | None:
        """Return the position behind the event of that id; None if no stream has such an event."""
        planned_events = self._planned_events()
        sent_events = planned_events[: self._planned_count(planned_events)]
        if is_running(self.status):
            visible_events = sent_events[: self.sent_count]
        else:
            visible_events = [*sent_events, *self._ending_events(sent_events)]
        event_ids = [self._event_id(*numbered) for numbered in enumerate(visible_events)]
        return event_ids.index(event_id) + 1 if event_id in event_ids else None

    def _has_outcome(self) -> bool:
        return not is_running(self.status) and self.status != Status.CANCELLED

    def _timestamps(self) -> Json:
        # `updated` stays equal to `created` even on long runs (recorded and measured).
        return {"created": format_time(self.started_at), "updated": format_time(self.started_at)}

    def _model_members(self, *, with_environment: bool) -> Json:
        key = "agent" if self.ask.agent else "model"
        members: Json = {key: self.ask.body[key]}
        if self.environment_id and with_environment:
            members["environment_id"] = self.environment_id
        if "webhook_config" in self.ask.body:
            members["webhook_config"] = self.ask.body["webhook_config"]
        return members

    def opening_events(self) -> list[Json]:
        """Build the two events that open every stream of it."""
        head: Json = {
            "id": self.id_in_streams,
            "status": str(Status.IN_PROGRESS),
            "object": "interaction",
        }
        if self._streams_bare:
            head = {"object": "interaction"}
        # A background run has no environment yet (measured); a foreground one does.
        head |= _stream_members(self._model_members(with_environment=not self.ask.background))
        return [
            events.interaction_created(head),
            self._status_update(),
        ]

    def closing_event(self) -> Json:
        """Build the terminal event: everything but the steps."""
        head: Json = {} if self._streams_bare else {"id": self.id_in_streams}
        return events.interaction_completed(head | _stream_members(self.resource()))

    def _status_update(self, token: str | None = None) -> Json:
        """Build the event that says it runs; `token` continues it from there."""
        event = events.status_update(self.id_in_streams, str(Status.IN_PROGRESS), token)
        if self._streams_bare:
            del event["interaction_id"]
        return event

    def frames(self, clock: Clock, *, resumable: bool, skip: int = 0) -> Iterator[Beat]:
        """Yield its stream from event `skip` on, following the run to its end.

        `resumable` events carry their resume token. Lazy: the run is looked at when the door asks
        for the next beat. Seconds of a `Wait` that a door does not sleep count as passed, so that
        no stream waits for a clock that nobody moves.
        """

        def encode_event(position: int, event: Json) -> bytes:
            return encode_frame(
                events.with_id(event, self._event_id(position, event)) if resumable else event
            )

        planned_events = self._planned_events()
        total_seconds = seconds_of(self.course)
        for position, event in enumerate(planned_events):
            # The opening comes at once, the rest as the run goes on.
            if is_running(self.status):
                share = position / len(planned_events) if position >= _OPENING_COUNT else 0.0
                yield from self._wait_until(clock, total_seconds * share if share else 0.0)
            if self.is_deleted or position >= self._planned_count(planned_events):
                break
            self.sent_count = max(self.sent_count, position + 1)
            if position >= skip:
                yield encode_event(position, event)
        else:
            yield from self._wait_until(clock, total_seconds)
        if self.is_deleted:  # unobserved: how a stream ends whose interaction is deleted meanwhile
            yield encode_frame(events.error(not_found().body()))
            return
        event_count = self._planned_count(planned_events)
        for position, event in enumerate(
            self._ending_events(planned_events[:event_count]), event_count
        ):
            if position >= skip:
                yield encode_event(position, event)
        self.let_go()
        yield DONE_FRAME

    def let_go(self) -> None:
        """Let go of what can be worked out again: its answer is given."""
        self._event_plan = None

    def pack(self) -> None:
        """Keep it in as little as it can be worked out from: few are looked at again."""

    def unpack(self) -> bool:
        """Hold what was asked and answered: more goes on with it. Tell whether it was packed."""
        return False

    def _planned_count(self, planned_events: list[Json]) -> int:
        """Count the planned events that a stream sends: of a cancelled run those sent before."""
        is_cancelled = self.status == Status.CANCELLED
        return max(self.sent_count, _OPENING_COUNT) if is_cancelled else len(planned_events)

    def _ending_events(self, sent_events: list[Json]) -> list[Json]:
        """Build the events behind the planned ones: a stop for an open step, and the terminal."""
        last_event = sent_events[-1]
        stops = (
            [events.step_stop(last_event["index"])]
            if last_event["event_type"] in _STEP_OPEN_EVENTS
            else []
        )
        return [*stops, self.closing_event()]

    def _planned_events(self) -> list[Json]:
        """Return all its events but the last, built when they are first asked for."""
        if self._event_plan is None:
            self._event_plan = self._plan_events()
        return self._event_plan

    def _plan_events(self) -> list[Json]:
        planned_events = [*self.opening_events(), *self._step_events()]
        if self.ask.era.does("events have usage"):
            for position in (0, len(planned_events) - 1):
                planned_events[position] = planned_events[position] | {
                    "metadata": {"total_usage": self.usage}
                }
        return planned_events

    def _step_events(self) -> list[Json]:
        """Build the events of its steps, with a checkpoint behind each but the last of a hop."""
        step_events = []
        checkpoints = iter(self.tokens[:-1])
        interleaves_signatures = self.ask.era.does("summaries are interleaved")
        for event in events.step_events(self.steps):
            step_events.append(event)
            event_type = event["event_type"]
            if (
                interleaves_signatures
                and event_type == "step.delta"
                and event["delta"]["type"] == "thought_summary"
            ):
                delta = {"signature": "", "type": "thought_signature"}
                step_events.append(events.step_delta(event["index"], delta))
            token = next(checkpoints, None) if event_type == "step.stop" else None
            if token:
                step_events.append(self._status_update(token))
        return step_events

    def _event_id(self, position: int, event: Json) -> str:
        return make_event_id(position, event["event_type"], self.id_in_streams)

    def _wait_until(self, clock: Clock, due_seconds: float) -> Iterator[Beat]:
        while due_seconds == float("inf") and is_running(self.status) and not self.is_deleted:
            # Only a cancel or a delete ends it: look again and again, and sleep in between.
            yield Wait(_LOOK_SECONDS, real=True)
            self.update_status(clock())
        wait_seconds = due_seconds - self.elapsed_seconds(clock())
        if wait_seconds > 0 and is_running(self.status) and not self.is_deleted:
            # Without scripted seconds a test waits for none, not even where time is real.
            yield Wait(
                wait_seconds
                if any(stage.is_scripted for stage in self.course)
                else min(wait_seconds, 0.001)
            )
            self.credit_seconds += max(0.0, due_seconds - self.elapsed_seconds(clock()))
        self.update_status(clock())


def _stream_members(body: Json) -> Json:
    # Steps are recorded to be left out; the other two no event declares, and none was seen.
    return {key: body[key] for key in body if key not in ("steps", "errors", "webhook_config")}


def history_after(parent: Interaction) -> Conversation:
    """Return the steps that a child of `parent` continues: its inputs and outputs, nothing else.

    A cancelled parent has no outputs: nobody saw what it would have said.
    """
    return parent.continued
