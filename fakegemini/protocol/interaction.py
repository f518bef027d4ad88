"""One interaction: what it shows at a moment, and what it streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..wire.http import Beat, Json, Wait
from ..wire.sse import DONE, encode
from . import events
from .ask import Ask, hoisted
from .background import AT_ONCE, Course, seconds_of
from .clock import Clock, stamp
from .ids import InteractionId
from .refusals.refusal import not_found
from .status import MOVE_TO, Move, Status, after, running
from .turn import Turn

_INSIDE = ("step.start", "step.delta")
"""The events between which a step is open."""


@dataclass(slots=True)
class Interaction:
    """One interaction. `course` is how it runs; `credit` is time that its pollers gave it.

    `tokens` are the continuation tokens behind its steps, where it is a hop of a longer turn.
    `told` is how many of its events some stream has told while it ran.
    """

    id: InteractionId | None
    ask: Ask
    turn: Turn
    usage: Json
    began: float
    course: Course = AT_ONCE
    environment_id: str | None = None
    status: str = Status.IN_PROGRESS
    credit: float = 0.0
    polls: int = 0
    gone: bool = False
    tokens: tuple[str | None, ...] = ()
    told: int = 0

    @property
    def steps(self) -> tuple[Json, ...]:
        """What the model made, whether it shows yet or not."""
        return self.turn.steps

    @property
    def token(self) -> str | None:
        """The continuation token it ends with, where it is not the last hop of its turn."""
        return self.tokens[-1] if self.tokens else None

    @property
    def shown_id(self) -> str:
        """The id in streams: empty where nothing is stored (recorded)."""
        return str(self.id) if self.id else ""

    def elapsed(self, now: float) -> float:
        """How long it has run, in seconds, its pollers' gifts included."""
        return now - self.began + self.credit

    def settle(self, now: float) -> None:
        """Bring it to the stage that its time has come to."""
        while running(self.status):
            end, stage = 0.0, None
            for stage in self.course:
                end += stage.seconds
                if stage.status == self.status:
                    break
            if stage is not None and self.elapsed(now) < end:
                return
            following = self.course[self.course.index(stage) + 1 :] if stage else ()
            self.status = self._next(following[0].status if following else None)
            self.polls = 0

    def poll(self, now: float) -> None:
        """A poll of a running one: it has seen its stage, or it ends it and sees the next."""
        end, before = 0.0, self.status
        for stage in self.course:
            end += stage.seconds
            if stage.status == self.status:
                self.polls += 1
                if self.polls > stage.polls:
                    self.credit += max(0.0, end - self.elapsed(now))
        self.settle(now)
        if self.status != before:
            self.polls = 1

    def _next(self, stage: Status | None) -> str:
        if stage is Status.IN_PROGRESS:
            return after(Status(self.status), Move.START)
        if self.status == Status.QUEUED:
            self.status = after(Status.QUEUED, Move.START)
        end = self.turn.outcome
        # A status nobody knows yet has no row in the table; a test may still script it.
        return after(Status(self.status), MOVE_TO[Status(end)]) if end in MOVE_TO else end

    def resource(self, *, timeline: bool = False, include_input: bool = False) -> Json:
        """The interaction as JSON, members in the live order.

        `timeline` adds the user's own steps, as a get does and a create does not;
        `include_input` adds `input`.
        """
        body: Json = {"id": str(self.id)} if self.id else {}
        body["status"] = str(self.status)
        said = self._has_spoken()
        if said:
            body["usage"] = self.usage
        body |= self._times()
        if said:
            body["service_tier"] = self.ask.body.get("service_tier", "standard")
            steps = [*hoisted(self.ask.given), *self.steps] if timeline else list(self.steps)
            if steps:  # a turn that made nothing has no `steps` at all (recorded)
                body["steps"] = steps
        if self.token and said:
            body["continuation_token"] = self.token
        if self.turn.errors and said:
            body["errors"] = list(self.turn.errors)
        body["object"] = "interaction"
        if include_input and said:
            body["input"] = hoisted(self.ask.given)
        return body | self._maker(environment=not running(self.status))

    def position_after(self, event_id: str) -> int | None:
        """Where a stream goes on after the event of that id; None if it has no such event yet."""
        script = self._script()
        told = self._reach(script)
        whole = told + len(self._ending(script[:told]))
        many = self.told if running(self.status) else whole
        tokens = [self._token(position) for position in range(many)]
        return tokens.index(event_id) + 1 if event_id in tokens else None

    def _has_spoken(self) -> bool:
        return not running(self.status) and self.status != Status.CANCELLED

    def _times(self) -> Json:
        # `updated` stays equal to `created` even on long runs (recorded and measured).
        return {"created": stamp(self.began), "updated": stamp(self.began)}

    def _maker(self, *, environment: bool) -> Json:
        key = "agent" if self.ask.agent else "model"
        maker: Json = {key: self.ask.body[key]}
        if self.environment_id and environment:
            maker["environment_id"] = self.environment_id
        if "webhook_config" in self.ask.body:
            maker["webhook_config"] = self.ask.body["webhook_config"]
        return maker

    def opening(self) -> list[Json]:
        """The two events that open every stream of it."""
        head: Json = {
            "id": self.shown_id,
            "status": str(Status.IN_PROGRESS),
            "object": "interaction",
        }
        # A background run has no environment yet (measured); a foreground one does.
        head |= _streamed(self._maker(environment=not self.ask.background))
        return [
            events.created(head),
            events.status_update(self.shown_id, str(Status.IN_PROGRESS)),
        ]

    def closing(self) -> Json:
        """The terminal event: everything but the steps."""
        return events.completed({"id": self.shown_id, **_streamed(self.resource())})

    def frames(self, clock: Clock, *, resumable: bool, skip: int = 0) -> Iterator[Beat]:
        """Its whole stream from event `skip` on, following the run to its end.

        `resumable` events carry their resume token. Lazy: the run is looked at when the door
        asks for the next beat. What a door does not sleep of a `Wait` counts as passed, so that
        no stream waits for a clock nobody moves.
        """

        def frame(position: int, event: Json) -> bytes:
            return encode(events.with_id(event, self._token(position)) if resumable else event)

        script = self._script()
        opening = len(self.opening())
        total = seconds_of(self.course)
        for position, event in enumerate(script):
            # The opening comes at once, the rest as the run goes on.
            share = position / len(script) if position >= opening else 0.0
            yield from self._until(clock, total * share if share else 0.0)
            if self.gone or position >= self._reach(script):
                break
            self.told = max(self.told, position + 1)
            if position >= skip:
                yield frame(position, event)
        else:
            yield from self._until(clock, total)
        if self.gone:  # unobserved: what a stream says whose interaction is deleted under it
            yield encode(events.error(not_found().body()))
            return
        told = self._reach(script)
        for position, event in enumerate(self._ending(script[:told]), told):
            if position >= skip:
                yield frame(position, event)
        yield DONE

    def _reach(self, script: list[Json]) -> int:
        """How much of the script every stream tells: of a cancelled run what any has told."""
        cut = self.status == Status.CANCELLED
        return max(self.told, len(self.opening())) if cut else len(script)

    def _ending(self, told: list[Json]) -> list[Json]:
        """The events after those of the script: the step that is open stops, and the terminal."""
        last = told[-1]
        cut = [events.step_stop(last["index"])] if last["event_type"] in _INSIDE else []
        return [*cut, self.closing()]

    def _script(self) -> list[Json]:
        """All its events but the last."""
        script = [*self.opening(), *self._told()]
        if self.ask.era.does("events have usage"):
            for at in (0, len(script) - 1):
                script[at] = script[at] | {"metadata": {"total_usage": self.usage}}
        return script

    def _told(self) -> list[Json]:
        """The events of its steps, a checkpoint behind each that others of the hop follow."""
        told = []
        stops = iter(self.tokens[:-1])
        blank = self.ask.era.does("summaries are interleaved")
        for event in events.of_steps(self.steps):
            told.append(event)
            kind = event["event_type"]
            if blank and kind == "step.delta" and event["delta"]["type"] == "thought_summary":
                delta = {"signature": "", "type": "thought_signature"}
                told.append(events.step_delta(event["index"], delta))
            token = next(stops, None) if kind == "step.stop" else None
            if token:
                status = str(Status.IN_PROGRESS)
                told.append(events.status_update(self.shown_id, status, token))
        return told

    def _token(self, position: int) -> str:
        # Opaque to clients; the live form was never captured.
        return f"evt_{self.id.own[-8:] if self.id else ''}_{position}"

    def _until(self, clock: Clock, due: float) -> Iterator[Beat]:
        while due == float("inf") and running(self.status) and not self.gone:
            yield Wait(1.0)  # nothing but a cancel or a delete ends it: look again and again
            self.settle(clock())
        ahead = due - self.elapsed(clock())
        if ahead > 0 and running(self.status) and not self.gone:
            # A test that scripted no seconds wants none, not even of a server in real time.
            yield Wait(ahead if any(stage.told for stage in self.course) else min(ahead, 0.001))
            self.credit += max(0.0, due - self.elapsed(clock()))
        self.settle(clock())


def _streamed(body: Json) -> Json:
    # Steps are recorded to be left out; the other two no event declares, and none was seen.
    return {key: body[key] for key in body if key not in ("steps", "errors", "webhook_config")}
