"""The interactions family: create, get (poll and resume), cancel, delete."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ..errors import BadBody
from ..protocol.ask import Ask, bare_content, steps_of, without_nulls
from ..protocol.background import AT_ONCE, DEFAULT
from ..protocol.clock import Clock
from ..protocol.eras import NOW, Era
from ..protocol.finish_turn import finish
from ..protocol.ids import InteractionId, Mint
from ..protocol.interaction import Interaction
from ..protocol.known_models import Agent, Model
from ..protocol.paths import enterprise
from ..protocol.refusals import CAPABILITIES, FIELDS, HISTORY, Look, first
from ..protocol.refusals import refusal as refusals
from ..protocol.refusals.refusal import Refusal
from ..protocol.refusals.refuse import refused
from ..protocol.signatures import Signatures
from ..protocol.status import Status, running
from ..protocol.turn import Turn
from ..protocol.usage import count
from ..wire.http import Handler, Json, Reply, Request
from ..wire.replies import json_reply, stream_reply
from .routes import Route
from .state.continuations import Hop, Relays
from .state.store import Ledger, cancel, history_after

Answer: TypeAlias = Callable[[Ask, Mint], Turn]
"""The model: what it makes of one request. May raise `Unscripted`."""

Check: TypeAlias = Callable[[Any], Refusal | None]
"""What is wrong with the shape of a create body, if anything."""


@dataclass(slots=True)
class Interactions:
    """The family's handlers around one ledger.

    `models` and `agents` are the names it knows; `any_model` answers every other model's name as
    well, as a thinking text model. `seed` makes its ids, `era` is the time whose server it is.
    `around` wraps what answers a create, inside the faults of a reply; `made` is told of each
    interaction, `complain` of each request that no server takes, `forgotten` when all are
    forgotten. `origin` says where a request reached the server.
    """

    answer: Answer
    check: Check
    clock: Clock
    ledger: Ledger
    models: dict[str, Model]
    agents: dict[str, Agent]
    any_model: bool = False
    seed: str = "0"
    around: Callable[[Handler], Handler] = lambda handler: handler
    made: Callable[[Interaction], object] = lambda interaction: None
    complain: Callable[[Json, Refusal], object] = lambda body, refusal: None
    forgotten: Callable[[], object] = lambda: None
    signatures: Signatures = field(default_factory=Signatures)
    era: Era = NOW
    relays: Relays = field(default_factory=Relays)
    origin: Callable[[Request], str] = lambda request: f"http://{request.header('host')}"
    _asked: Counter[str] = field(default_factory=Counter)

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
        self.ledger.forget()
        self._asked.clear()
        self.signatures.forget()
        self.relays.forget()
        self.forgotten()

    def create(self, request: Request) -> Reply:
        """`POST /interactions`."""
        legacy = _legacy(request)
        if legacy:
            return refused(legacy)
        try:
            body = without_nulls(request.json())
        except (BadBody, RecursionError):
            return refused(refusals.unreadable_body())
        stream = isinstance(body, dict) and body.get("stream") is True
        refusal = self.check(body) or self._incapable(request, body)
        if refusal:
            return refused(refusal, stream=stream)
        ask, refusal = self._ask(body)
        if refusal:
            return refused(refusal, stream=stream)
        ask = replace(ask, origin=self.origin(request))
        mint = self._mint(ask)
        own = mint.own(int(self.clock()))
        hop = self._continued(body, ask)
        if isinstance(hop, Refusal):
            return refused(hop, stream=stream)
        turn = hop.turn if hop else self.answer(ask, mint)

        def granted(_: Request) -> Reply:
            interaction = self._begin(hop or self._first_hop(ask, turn, mint), mint, own)
            if stream:
                return stream_reply(interaction.frames(self.clock, resumable=ask.background))
            return json_reply(interaction.resource())

        # A fault that refuses never asks for the answer, and so leaves no trace in the ledger.
        answered = self.around(granted)
        return (turn.fault(answered) if turn.fault else answered)(request)

    def adopt(self, body: Json, identity: str, turn: Turn) -> None:
        """Keep an interaction that somebody else answered, so that it can be continued here."""
        ask, _ = self._ask(without_nulls(body))
        interaction = Interaction(
            id=InteractionId.parse(identity),
            ask=ask,
            turn=turn,
            usage=count(ask, turn),
            began=self.clock(),
            status=turn.outcome,
        )
        if ask.store:
            self.ledger.keep(interaction)
        self.made(interaction)

    def get(self, request: Request, identifier: str) -> Reply:
        """`GET /interactions/{id}`, as JSON or as the stream from `last_event_id` on."""
        stream = (request.param("stream") or "").lower() == "true"
        refusal = _legacy(request) or _malformed(identifier)
        if refusal:
            return refused(refusal, stream=stream)
        if stream:
            return self._resume(identifier, request.param("last_event_id"))
        found = self.ledger.poll(identifier)
        if found is None:
            return refused(refusals.not_found())
        shown = found.ask.era.does("input is shown")
        asked = (request.param("include_input") or "").lower() == "true"
        return json_reply(found.resource(timeline=shown, include_input=shown and asked))

    def delete(self, request: Request, identifier: str) -> Reply:
        """`DELETE /interactions/{id}`: `{}`, and afterwards the id is unknown."""
        refusal = _malformed(identifier)
        if refusal:
            return refused(refusal)
        return json_reply({}) if self.ledger.delete(identifier) else refused(refusals.not_found())

    def cancel(self, request: Request, identifier: str) -> Reply:
        """`POST /interactions/{id}/cancel`: only what runs in the background can be cancelled."""
        refusal = _malformed(identifier)
        if refusal:
            return refused(refusal)
        found = self.ledger.find(identifier)
        if found is None:
            return refused(refusals.not_found())
        if not running(found.status):
            return refused(refusals.not_running(identifier))
        cancel(found)
        return json_reply(found.resource())

    def colon_cancel(self, request: Request, name: str) -> Reply:
        """`POST /interactions/{id}:cancel`, which some clients send; the same as `/cancel`."""
        identifier, colon, verb = name.rpartition(":")
        if not colon or verb != "cancel":
            return refused(_malformed(name) or refusals.not_found())
        return self.cancel(request, identifier)

    def _resume(self, identifier: str, last_event_id: str | None) -> Reply:
        found = self.ledger.find(identifier)
        if found is None:
            return refused(refusals.not_found(), stream=True)
        position = found.position_after(last_event_id) if last_event_id else 0
        if position is None:
            return refused(refusals.unknown_event(), stream=True)
        return stream_reply(found.frames(self.clock, resumable=True, skip=position))

    def _incapable(self, request: Request, body: Json) -> Refusal | None:
        look = self._look(Ask(body, tuple(steps_of(body.get("input")))), enterprise(request))
        refusal = first(FIELDS, look)
        return self._told(body, refusal, always=True) or self._told(body, first(CAPABILITIES, look))

    def _look(self, ask: Ask, enterprise: bool = False) -> Look:
        names = (self.models, self.agents, self.any_model)
        return Look(ask, *names, enterprise, self.signatures)

    def _ask(self, body: Json) -> tuple[Ask, Refusal | None]:
        ask = Ask(body, tuple(steps_of(body.get("input"))))
        ask = replace(ask, known=self.models.get(ask.model or ""), era=self.era)
        if ask.parent:
            if InteractionId.parse(ask.parent) is None:
                return ask, refusals.malformed_parent()
            parent = self.ledger.find(ask.parent)
            if parent is None:
                return ask, refusals.not_found()
            if running(parent.status):
                return ask, refusals.parent_running()
            ask = replace(ask, history=history_after(parent))
        if ask.continues:  # nothing is added to the history
            return ask, None
        return ask, self._told(body, first(HISTORY, self._look(ask)))

    def _continued(self, body: Json, ask: Ask) -> Hop | Refusal | None:
        """The hop that a token asks for; None for a request without one."""
        hop = self.relays.resume(ask) if ask.continues else None
        if isinstance(hop, Refusal):
            self._told(body, hop)
        return hop

    def _first_hop(self, ask: Ask, turn: Turn, mint: Mint) -> Hop:
        thinks = ask.capability is None or ask.capability.thinks
        turn = finish(turn, ask, mint, thinks=thinks)
        self.signatures.note(turn.steps, ask.conversation)
        return self.relays.begin(ask, turn, mint)

    def _told(self, body: Json, refusal: Refusal | None, *, always: bool = False) -> Refusal | None:
        # What a model can do and what is stored a program may find out by asking; but where the
        # words on the wire do not tell what is wrong, the complaint must.
        if refusal and (always or refusal.hint):
            self.complain(body, refusal)
        return refusal

    def _mint(self, ask: Ask) -> Mint:
        # From what is asked and how often it was: requests that race do not change others' ids.
        digest = hashlib.sha256(json.dumps(ask.body, sort_keys=True).encode()).hexdigest()
        self._asked[digest] += 1
        return Mint(f"{self.seed} {digest} {self._asked[digest]}")

    def _begin(self, hop: Hop, mint: Mint, own: str) -> Interaction:
        now, ask, turn = self.clock(), hop.ask, hop.turn
        course = (turn.course or DEFAULT) if ask.background else AT_ONCE
        interaction = Interaction(
            id=_identity(ask, turn, own),
            ask=ask,
            turn=turn,
            usage=count(ask, turn),
            began=now,
            course=course,
            environment_id=self._environment(ask, mint),
            status=course[0].status if course else Status.IN_PROGRESS,
            tokens=hop.tokens,
        )
        if ask.store:
            self.ledger.keep(interaction)
        self.relays.told(hop, interaction.shown_id)
        interaction.settle(now)
        self.made(interaction)
        return interaction

    def _environment(self, ask: Ask, mint: Mint) -> str | None:
        wanted = ask.body.get("environment")
        if isinstance(wanted, dict):
            wanted = wanted.get("environment_id", "remote")
        agent = self.agents.get(ask.agent or "")
        if wanted is None and not (agent and agent.environment):
            return None
        return mint.uuid() if wanted in (None, "remote") else str(wanted)


def _identity(ask: Ask, turn: Turn, own: str) -> InteractionId | None:
    if not _shows_id(ask):
        return None
    fixed = InteractionId.parse(turn.id) if turn.id else None
    parent = InteractionId.parse(ask.parent) if ask.parent else None
    return fixed or InteractionId(parent.root if parent else own, own)


def _shows_id(ask: Ask) -> bool:
    # Recorded in May, August and October 2026: without store there is no id. But the only source
    # for a `user_input` whose content is a bare string, the quickstart's stateless REST samples,
    # expects one in the answer. Nobody captured that form; the id names nothing that is kept.
    return ask.store or bare_content(ask.body.get("input"))


def _malformed(identifier: str) -> Refusal | None:
    return None if InteractionId.parse(identifier) else refusals.malformed_id(identifier)


def _legacy(request: Request) -> Refusal | None:
    # Recorded on 2026-10-08: the server knows a 1.x client by these headers alone.
    agents = (request.header("x-goog-api-client") or "", request.header("user-agent") or "")
    if not any("google-genai-sdk/1." in agent for agent in agents):
        return None
    node = any("gl-node/" in agent for agent in agents)
    return refusals.legacy_client() if node else refusals.legacy_sdk()
