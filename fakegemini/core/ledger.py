"""What has been said: interactions by id, what each shows at a moment, and what it streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import events
from .ask import Ask, hoisted
from .clock import Clock, stamp
from .http import Beat, Json, Wait
from .ids import InteractionId
from .refusals import not_found
from .sse import DONE, encode
from .status import MOVE_TO, Move, Status, after, running
from .turn import Turn

POLL_SECONDS = 5.0
"""How far a poll moves the run it asks for: what the docs tell clients to wait between polls."""

BACKGROUND_SECONDS = 10.0
"""How long a background run takes: its first poll finds it running, its second finds it done."""


@dataclass(slots=True)
class Interaction:
    """One interaction. `seconds` is how long it runs; `credit` is time its pollers gave it."""

    id: InteractionId | None
    ask: Ask
    turn: Turn
    usage: Json
    began: float
    seconds: float = 0.0
    environment_id: str | None = None
    status: Status = Status.IN_PROGRESS
    credit: float = 0.0
    gone: bool = False

    @property
    def steps(self) -> tuple[Json, ...]:
        """What the model made, whether it shows yet or not."""
        return self.turn.steps

    @property
    def shown_id(self) -> str:
        """The id in streams: empty where nothing is stored (recorded)."""
        return str(self.id) if self.id else ""

    def settle(self, now: float) -> None:
        """Finish the run if its time has come."""
        if running(self.status) and now - self.began + self.credit >= self.seconds:
            self.status = after(self.status, MOVE_TO[self.turn.outcome])

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
        body["object"] = "interaction"
        if include_input and said:
            body["input"] = hoisted(self.ask.given)
        return body | self._maker(environment=not running(self.status))

    def position_after(self, event_id: str) -> int | None:
        """Where a stream goes on after the event of that id; None if it has no such event."""
        tokens = [self._token(position) for position in range(self._length() + 1)]
        return tokens.index(event_id) + 1 if event_id in tokens else None

    def _has_spoken(self) -> bool:
        return not running(self.status) and self.status is not Status.CANCELLED

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
        head |= self._maker(environment=not self.ask.background)
        return [
            events.created(head),
            events.status_update(self.shown_id, str(Status.IN_PROGRESS)),
        ]

    def closing(self) -> Json:
        """The terminal event: everything but the steps."""
        body = self.resource()
        body.pop("steps", None)
        return events.completed({"id": self.shown_id, **body})

    def frames(self, clock: Clock, *, resumable: bool, skip: int = 0) -> Iterator[Beat]:
        """Its whole stream from event `skip` on, following the run to its end.

        `resumable` events carry their resume token. Lazy: the run is looked at when the door
        asks for the next beat. What a door does not sleep of a `Wait` counts as passed, so that
        no stream waits for a clock nobody moves.
        """

        def frame(position: int, event: Json) -> bytes:
            return encode(events.with_id(event, self._token(position)) if resumable else event)

        script = [*self.opening(), *events.of_steps(self.steps)]
        open_step: int | None = None
        for position, event in enumerate(script):
            yield from self._until(clock, self.seconds * position / len(script))
            if self.status is Status.CANCELLED or self.gone:
                break
            if position >= skip:
                yield frame(position, event)
            open_step = event["index"] if event["event_type"] in _INSIDE else None
        else:
            yield from self._until(clock, self.seconds)
        if self.gone:  # unobserved: what a stream says whose interaction is deleted under it
            yield encode(events.error(not_found().body()))
            return
        if self.status is Status.CANCELLED and open_step is not None:
            yield frame(position, events.step_stop(open_step))
        if skip <= len(script):
            yield frame(len(script), self.closing())
        yield DONE

    def _length(self) -> int:
        return len(self.opening()) + len(events.of_steps(self.steps))

    def _token(self, position: int) -> str:
        # Opaque to clients; the live form was never captured.
        return f"evt_{self.id.own[-8:] if self.id else ''}_{position}"

    def _until(self, clock: Clock, due: float) -> Iterator[Beat]:
        ahead = due - (clock() - self.began + self.credit)
        if ahead > 0 and running(self.status):
            yield Wait(ahead)
            self.credit += max(0.0, due - (clock() - self.began + self.credit))
        self.settle(clock())


_INSIDE = ("step.start", "step.delta")


class Ledger:
    """The interactions that are stored, by id. A deleted one is as unknown as one never made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, Interaction] = {}

    def keep(self, interaction: Interaction) -> None:
        """Store it under its id."""
        self._kept[str(interaction.id)] = interaction

    def find(self, identifier: str) -> Interaction | None:
        """The stored interaction of that id as it stands now, if there is one."""
        interaction = self._kept.get(identifier)
        if interaction:
            interaction.settle(self._clock())
        return interaction

    def poll(self, identifier: str) -> Interaction | None:
        """Like `find`, and the asking moves a running one on: a test need not sleep."""
        interaction = self.find(identifier)
        if interaction and running(interaction.status):
            interaction.credit += POLL_SECONDS
            interaction.settle(self._clock())
        return interaction

    def delete(self, identifier: str) -> bool:
        """Forget it; False if there was nothing to forget."""
        interaction = self._kept.pop(identifier, None)
        if interaction:
            interaction.gone = True
        return interaction is not None


def cancel(interaction: Interaction) -> None:
    """Stop a running interaction; raises `IllegalMove` if it does not run."""
    interaction.status = after(interaction.status, Move.CANCEL)


def history_after(parent: Interaction) -> tuple[Json, ...]:
    """The steps that a child of `parent` continues: inputs and outputs, nothing else."""
    return (*parent.ask.conversation, *parent.steps)
