"""The interactions family: create, get (poll and resume), cancel, delete."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ..errors import BadBody
from ..protocol.ask import Ask, has_bare_content, steps_of, without_nulls
from ..protocol.background import AT_ONCE, DEFAULT_COURSE
from ..protocol.clock import Clock
from ..protocol.eras import CURRENT_ERA, Era
from ..protocol.finish_turn import finish
from ..protocol.ids import IdSource, InteractionId
from ..protocol.interaction import Interaction
from ..protocol.known_models import Agent, Model
from ..protocol.paths import is_enterprise
from ..protocol.refusals import CAPABILITIES, FIELDS, HISTORY, Subject, first_refusal
from ..protocol.refusals import lookups as refusals
from ..protocol.refusals.refusal import Refusal
from ..protocol.refusals.refuse import refusal_reply
from ..protocol.signatures import Signatures
from ..protocol.status import Status
from ..protocol.turn import Turn
from ..protocol.usage import count_usage
from ..wire.http import Handler, Json, Reply, Request
from ..wire.replies import json_reply, stream_reply
from .routes import Route
from .state.continuations import Continuations, Hop
from .state.store import Store, cancel, history_after

TurnMaker: TypeAlias = Callable[[Ask, IdSource], Turn]
"""The model: what it makes of one request. May raise `Unscripted`."""

ShapeCheck: TypeAlias = Callable[[Any], Refusal | None]
"""What is wrong with the shape of a create body, if anything."""


@dataclass(slots=True)
class Interactions:
    """The family's handlers around one store.

    `models` and `agents` are the names it knows; `any_model` answers every other model's name as
    well, as a thinking text model. `seed` makes its ids, `era` is the time whose server it is.
    `wrap_create` wraps what answers a create, inside the faults of a reply; `note_interaction` is
    told of each interaction, `complain` of each request that no server takes, `on_forget` when all
    are forgotten. `origin` says where a request reached the server.
    """

    make_turn: TurnMaker
    check_shape: ShapeCheck
    clock: Clock
    store: Store
    models: dict[str, Model]
    agents: dict[str, Agent]
    any_model: bool = False
    seed: str = "0"
    wrap_create: Callable[[Handler], Handler] = lambda handler: handler
    note_interaction: Callable[[Interaction], object] = lambda interaction: None
    complain: Callable[[Json, Refusal], object] = lambda body, refusal: None
    on_forget: Callable[[], object] = lambda: None
    signatures: Signatures = field(default_factory=Signatures)
    era: Era = CURRENT_ERA
    continuations: Continuations = field(default_factory=Continuations)
    origin: Callable[[Request], str] = lambda request: f"http://{request.header('host')}"
    _ask_counts: Counter[str] = field(default_factory=Counter)

    def routes(self) -> tuple[Route, ...]:
        """What it answers."""
        return (
            Route("POST", "interactions", self.create),
            Route("GET", "interactions/{*}", self.get),
            Route("DELETE", "interactions/{*}", self.delete),
            Route("POST", "interactions/{*}/cancel", self.cancel),
            Route("POST", "interactions/{}", self.colon_cancel),
        )

    def forget(self) -> None:
        """Delete all that is stored, and begin anew with the ids."""
        self.store.forget()
        self._ask_counts.clear()
        self.signatures.forget()
        self.continuations.forget()
        self.on_forget()

    def create(self, request: Request) -> Reply:
        """`POST /interactions`."""
        legacy = refusals.check_client(request)
        if legacy:
            return refusal_reply(legacy)
        try:
            body = without_nulls(request.json())
        except (BadBody, RecursionError):
            return refusal_reply(refusals.unreadable_body())
        stream = isinstance(body, dict) and body.get("stream") is True
        refusal = self.check_shape(body) or self._check_request(request, body)
        if refusal:
            return refusal_reply(refusal, stream=stream)
        ask, refusal = self._parse_ask(body)
        if refusal:
            return refusal_reply(refusal, stream=stream)
        ask = replace(ask, origin=self.origin(request))
        ids = self._make_ids(ask)
        own_half = ids.own_half(int(self.clock()))
        hop = self._find_hop(body, ask)
        if isinstance(hop, Refusal):
            return refusal_reply(hop, stream=stream)
        turn = hop.turn if hop else self.make_turn(ask, ids)

        def answer_create(_: Request) -> Reply:
            interaction = self._start_interaction(
                hop or self._first_hop(ask, turn, ids), ids, own_half
            )
            if stream:
                return stream_reply(interaction.frames(self.clock, resumable=ask.background))
            return json_reply(interaction.resource())

        # A fault that refuses never asks for the answer, and so leaves no trace in the store.
        handler = self.wrap_create(answer_create)
        return (turn.fault(handler) if turn.fault else handler)(request)

    def adopt(self, body: Json, interaction_id: str, turn: Turn) -> None:
        """Keep an interaction that somebody else answered, so that it can be continued here."""
        ask, _ = self._parse_ask(without_nulls(body))
        interaction = Interaction(
            id=InteractionId.parse(interaction_id),
            ask=ask,
            turn=turn,
            usage=count_usage(ask, turn),
            started_at=self.clock(),
            status=turn.outcome,
        )
        if ask.store:
            self.store.keep(interaction)
        self.note_interaction(interaction)

    def get(self, request: Request, identifier: str) -> Reply:
        """`GET /interactions/{id}`, as JSON or as the stream from `last_event_id` on."""
        stream = (request.param("stream") or "").lower() == "true"
        refusal = refusals.check_client(request) or refusals.malformed_id(identifier)
        if refusal:
            return refusal_reply(refusal, stream=stream)
        if stream:
            return self._resume(identifier, request.param("last_event_id"))
        interaction = self.store.poll(identifier)
        if interaction is None:
            return refusal_reply(refusals.not_found())
        shows_input = interaction.ask.era.does("input is shown")
        wants_input = (request.param("include_input") or "").lower() == "true"
        return json_reply(
            interaction.resource(timeline=shows_input, include_input=shows_input and wants_input)
        )

    def delete(self, request: Request, identifier: str) -> Reply:
        """`DELETE /interactions/{id}`: `{}`, and afterwards the id is unknown."""
        refusal = refusals.malformed_id(identifier)
        if refusal:
            return refusal_reply(refusal)
        return (
            json_reply({}) if self.store.delete(identifier) else refusal_reply(refusals.not_found())
        )

    def cancel(self, request: Request, identifier: str) -> Reply:
        """`POST /interactions/{id}/cancel`: only what runs in the background can be cancelled."""
        refusal = refusals.malformed_id(identifier)
        if refusal:
            return refusal_reply(refusal)
        interaction = self.store.find(identifier)
        if interaction is None:
            return refusal_reply(refusals.not_found())
        refusal = refusals.not_running(identifier, interaction.status)
        if refusal:
            return refusal_reply(refusal)
        cancel(interaction)
        return json_reply(interaction.resource())

    def colon_cancel(self, request: Request, name: str) -> Reply:
        """`POST /interactions/{id}:cancel`, which some clients send; the same as `/cancel`."""
        identifier, colon, verb = name.rpartition(":")
        if not colon or verb != "cancel":
            return refusal_reply(refusals.malformed_id(name) or refusals.not_found())
        return self.cancel(request, identifier)

    def _resume(self, identifier: str, last_event_id: str | None) -> Reply:
        interaction = self.store.find(identifier)
        if interaction is None:
            return refusal_reply(refusals.not_found(), stream=True)
        position = interaction.position_after(last_event_id) if last_event_id else 0
        if position is None:
            return refusal_reply(refusals.unknown_event(), stream=True)
        return stream_reply(interaction.frames(self.clock, resumable=True, skip=position))

    def _check_request(self, request: Request, body: Json) -> Refusal | None:
        subject = self._subject_of(
            Ask(body, tuple(steps_of(body.get("input")))), is_enterprise(request)
        )
        refusal = first_refusal(FIELDS, subject)
        return self._note_refusal(body, refusal, always=True) or self._note_refusal(
            body, first_refusal(CAPABILITIES, subject)
        )

    def _subject_of(self, ask: Ask, enterprise: bool = False) -> Subject:
        names = (self.models, self.agents, self.any_model)
        return Subject(ask, *names, enterprise, self.signatures)

    def _parse_ask(self, body: Json) -> tuple[Ask, Refusal | None]:
        ask = Ask(body, tuple(steps_of(body.get("input"))))
        ask = replace(ask, known_model=self.models.get(ask.model or ""), era=self.era)
        if ask.parent:
            refusal = refusals.malformed_parent(ask.parent)
            if refusal:
                return ask, refusal
            parent = self.store.find(ask.parent)
            if parent is None:
                return ask, refusals.not_found()
            refusal = refusals.parent_running(parent.status)
            if refusal:
                return ask, refusal
            ask = replace(ask, history=history_after(parent))
        if ask.continues:  # nothing is added to the history
            return ask, None
        return ask, self._note_refusal(body, first_refusal(HISTORY, self._subject_of(ask)))

    def _find_hop(self, body: Json, ask: Ask) -> Hop | Refusal | None:
        """The hop that a token asks for; None for a request without one."""
        hop = self.continuations.resume(ask) if ask.continues else None
        if isinstance(hop, Refusal):
            self._note_refusal(body, hop)
        return hop

    def _first_hop(self, ask: Ask, turn: Turn, ids: IdSource) -> Hop:
        thinks = ask.capability is None or ask.capability.thinks
        turn = finish(turn, ask, ids, thinks=thinks)
        self.signatures.remember(turn.steps, ask.conversation)
        return self.continuations.begin(ask, turn, ids)

    def _note_refusal(
        self, body: Json, refusal: Refusal | None, *, always: bool = False
    ) -> Refusal | None:
        # What a model can do and what is stored a program may find out by asking; but where the
        # words on the wire do not tell what is wrong, the complaint must.
        if refusal and (always or refusal.hint):
            self.complain(body, refusal)
        return refusal

    def _make_ids(self, ask: Ask) -> IdSource:
        # From what is asked and how often it was: requests that race do not change others' ids.
        digest = hashlib.sha256(json.dumps(ask.body, sort_keys=True).encode()).hexdigest()
        self._ask_counts[digest] += 1
        return IdSource(f"{self.seed} {digest} {self._ask_counts[digest]}")

    def _start_interaction(self, hop: Hop, ids: IdSource, own_half: str) -> Interaction:
        now, ask, turn = self.clock(), hop.ask, hop.turn
        course = (turn.course or DEFAULT_COURSE) if ask.background else AT_ONCE
        interaction = Interaction(
            id=_interaction_id(ask, turn, own_half),
            ask=ask,
            turn=turn,
            usage=count_usage(ask, turn),
            started_at=now,
            course=course,
            environment_id=self._environment_id(ask, ids),
            status=course[0].status if course else Status.IN_PROGRESS,
            tokens=hop.tokens,
        )
        if ask.store:
            self.store.keep(interaction)
        self.continuations.note_owner(hop, interaction.id_in_streams)
        interaction.update_status(now)
        self.note_interaction(interaction)
        return interaction

    def _environment_id(self, ask: Ask, ids: IdSource) -> str | None:
        environment = ask.body.get("environment")
        if isinstance(environment, dict):
            environment = environment.get("environment_id", "remote")
        agent = self.agents.get(ask.agent or "")
        if environment is None and not (agent and agent.environment):
            return None
        return ids.uuid() if environment in (None, "remote") else str(environment)


def _interaction_id(ask: Ask, turn: Turn, own_half: str) -> InteractionId | None:
    if not _shows_id(ask):
        return None
    fixed_id = InteractionId.parse(turn.id) if turn.id else None
    parent = InteractionId.parse(ask.parent) if ask.parent else None
    return fixed_id or InteractionId(parent.root if parent else own_half, own_half)


def _shows_id(ask: Ask) -> bool:
    # Recorded in May, August and October 2026: without store there is no id. But the only source
    # for a `user_input` whose content is a bare string, the quickstart's stateless REST samples,
    # expects one in the answer. Nobody captured that form; the id names nothing that is kept.
    return ask.store or has_bare_content(ask.body.get("input"))
