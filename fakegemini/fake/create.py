"""Create an interaction, stage by stage: body, `Ask`, refusals, turn, interaction, reply.

A refusal of an earlier layer comes first: the client, the JSON, the schema, the fields, what the
model or agent can do, the parent, the conversation. That the live server looks in this order was
never measured as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import BadBody
from ..protocol.ask import (
    Ask,
    build_ask,
    model_name,
    parent_id,
    without_nulls,
)
from ..protocol.background import AT_ONCE, DEFAULT_COURSE
from ..protocol.clock import whole_seconds
from ..protocol.finish_turn import finish
from ..protocol.ids import IdSource, InteractionId
from ..protocol.interaction import Interaction, history_after
from ..protocol.paths import is_enterprise
from ..protocol.refusals import (
    CAPABILITIES,
    FIELDS,
    HISTORY,
    Subject,
    check_client,
    first_refusal,
)
from ..protocol.refusals import lookups as refusals
from ..protocol.refusals.refusal import Refusal
from ..protocol.status import Status
from ..protocol.turn import Turn
from ..wire.http import Json, Reply, Request
from ..wire.replies import json_reply, stream_reply
from .ask_ids import digest_long, digest_of, dump_sorted, make_ids, make_interaction_id
from .read_create import read_create
from .routes import AnswerPlan
from .script.contradictions import describe_contradictions
from .settings import Settings
from .state.continuations import Hop
from .state.state import State
from .state.store import follow

if TYPE_CHECKING:
    from .answer_templates.conditions import Conditions
    from .answer_templates.template_cache import TemplateCache
    from .replay.cassettes import Replayed


_LONG_BODY = 1_000_000
"""From how many bytes on a body is worked on by pieces."""

_TEMPLATES_FROM = 2
"""From which request on creates are answered out of templates, where there are any."""


@dataclass(frozen=True, slots=True)
class GrantedCreate:
    """A create that nothing refuses: its turn is chosen, and nothing is made of it yet.

    `own_half` is that of the interaction's id, `number` how often its body came. `resumed` is the
    hop that its continuation token asks for, None where a turn begins. `parent` is what it goes on
    with. `conditions` are those under which its body says all that was asked, None where it does
    not; `is_plain` says that nothing but words was asked, and that a script answers.
    """

    ask: Ask
    ids: IdSource
    own_half: str
    turn: Turn
    number: int
    resumed: Hop | None = None
    parent: Interaction | None = None
    conditions: Conditions | None = None
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class Creator:
    """What turns creates into interactions, with the settings and the state of one fake."""

    settings: Settings
    state: State
    templates: list[TemplateCache] = field(default_factory=list, init=False, repr=False)

    def plan(self, request: Request) -> AnswerPlan:
        """Answer `POST /interactions` up to its turn; the rest is done when the plan is."""
        if len(self.state.requests) < _TEMPLATES_FROM:
            return self._work_out(request)
        if not self.templates:  # what a first answer does not need loads behind it
            from .answer_templates.template_cache import TemplateCache

            self.templates.append(
                TemplateCache(self.settings, self.state, self._grant, self._choose)
            )
        return self.templates[0].plan(request) or self._work_out(request)

    def _work_out(self, request: Request) -> AnswerPlan:
        """Plan the answer to a create for which there is no template."""
        body, refusal = self._parse(request)
        if refusal:
            return _plan_refusal(body, refusal)
        parent = self._find_parent(body)
        ask = self._build_ask(body, parent, self.settings.origin_of(request))
        refusal = self._refuse(ask, parent, is_enterprise(request))
        if refusal:
            return _plan_refusal(body, refusal)
        assert not isinstance(parent, Refusal)
        size = len(request.body)
        conditions = self.templates[0].conditions_of(size, ask, parent) if self.templates else None
        return self._choose(ask, conditions, parent, size)

    def _choose(
        self,
        ask: Ask,
        conditions: Conditions | None,
        parent: Interaction | None = None,
        size: int | None = None,
    ) -> AnswerPlan:
        """Plan the answer to a create that no layer of refusals refuses.

        Where it is one of words alone, its size does not matter.
        """
        granted = self._choose_turn(ask, conditions, parent, size)
        if isinstance(granted, Refusal):
            return _plan_refusal(ask.body, granted)
        return AnswerPlan(partial(self._answer, granted), granted.turn.fault)

    def has_script_for(self, request: Request) -> bool:
        """Tell whether the script would answer a create; nothing is taken, and nothing refused."""
        if refusals.large_body(len(request.body)):
            return False
        try:
            body = read_create(request)
        except (BadBody, RecursionError):
            return False
        if not isinstance(body, dict):
            return False
        parent = self._find_parent(body)
        if isinstance(parent, Refusal):
            return False
        try:
            return self.state.script.fits(
                self._build_ask(body, parent, self.settings.origin_of(request))
            )
        except (AttributeError, TypeError, KeyError, ValueError):  # what no client sends
            return False

    def make_turn(self, ask: Ask, ids: IdSource) -> Turn:
        """Let the script answer, or the unscripted model where nothing is scripted.

        Raises `Unscripted` where the script has no reply for it.
        """
        if self.state.script.has_rules:
            self.state.note_source("script")
            turn = self.state.script.answer(ask)
            for kind, text in describe_contradictions(ask, turn):
                self.state.complaints.note(kind, text)
            return turn
        self.state.note_source("unscripted model")
        if self.settings.unscripted_model:
            return self.settings.unscripted_model(ask, ids)
        from ..model import improvise

        turn = improvise(ask, ids)
        for text in turn.shortcomings:
            self.state.complaints.note("bad_json", text)
        return turn

    def adopt(self, replayed: Replayed) -> None:
        """Keep an interaction that a cassette answered, so that it can be continued here."""
        if replayed.turn is None:
            return
        body = without_nulls(replayed.body)
        ask = self._build_ask(body, self._find_parent(body), self.settings.url)
        interaction = Interaction(
            id=InteractionId.parse(replayed.interaction_id),
            ask=ask,
            turn=replayed.turn,
            started_at=self.state.clock(),
            status=replayed.turn.outcome,
        )
        if ask.store:
            self.state.store.keep(interaction)
        self.state.note_interaction(interaction)
        self.state.keep_files(interaction)

    def _parse(self, request: Request) -> tuple[Any, Refusal | None]:
        """Read the body, without nulls, and what is wrong with the client, the JSON, the schema."""
        # What refuses shapes is loaded with the first request, a compiled library where it is odd.
        from ..protocol.refusals.shape import check_shape

        refusal = check_client(request) or refusals.large_body(len(request.body))
        if refusal:
            return None, refusal
        try:
            body = read_create(request)
        except (BadBody, RecursionError):
            return None, refusals.unreadable_body()
        return body, check_shape(body)

    def _grant(self, request: Request, is_wanted: Callable[[Ask], bool]) -> Ask | None:
        """Build the `Ask` of a create without a parent, where it is wanted and nothing refuses."""
        body, refusal = self._parse(request)
        if refusal or parent_id(body):
            return None
        ask = self._build_ask(body, None, self.settings.origin_of(request))
        if not is_wanted(ask) or self._refuse(ask, None, is_enterprise(request)):
            return None
        return ask

    def _find_parent(self, body: Json) -> Interaction | Refusal | None:
        """Find the interaction that a create continues, or why it cannot; None for a root."""
        identifier = parent_id(body)
        if identifier is None:
            return None
        refusal = refusals.malformed_parent(identifier)
        if refusal:
            return refusal
        parent = self.state.find_interaction(identifier)
        if parent is None:
            return refusals.not_found()
        if parent.unpack():
            self.state.note_recent(parent)
        return refusals.parent_running(parent.status) or parent

    def _build_ask(self, body: Json, parent: Interaction | Refusal | None, origin: str) -> Ask:
        return build_ask(
            body,
            known_model=self.settings.models.get(model_name(body) or ""),
            era=self.settings.era,
            origin=origin,
            history=history_after(parent) if isinstance(parent, Interaction) else (),
        )

    def _refuse(
        self, ask: Ask, parent: Interaction | Refusal | None, enterprise: bool
    ) -> Refusal | None:
        """Find the first refusal of the layers behind the schema."""
        settings = self.settings
        names = (settings.models, settings.agents, settings.any_model)
        subject = Subject(ask, *names, enterprise, self.state.signatures)
        refusal = first_refusal(FIELDS, subject) or first_refusal(CAPABILITIES, subject)
        refusal = refusal or (parent if isinstance(parent, Refusal) else None)
        if refusal is None and not ask.continues:  # a continuation adds nothing to the history
            refusal = first_refusal(HISTORY, subject)
        return refusal

    def _choose_turn(
        self, ask: Ask, conditions: Conditions | None, parent: Interaction | None, size: int | None
    ) -> GrantedCreate | Refusal:
        """Take the hop that a continuation token asks for, or a new turn of the model."""
        is_long = size is not None and size > _LONG_BODY
        digest = digest_long(ask.body) if is_long else digest_of(dump_sorted(ask.body))
        number = self.state.count_ask(digest)
        ids = make_ids(self.settings.seed, digest, number, ask)
        own_half = ids.own_half(whole_seconds(self.state.clock()))
        if not ask.continues:
            # What others than a script say may have drawn ids.
            is_plain = size is None and self.state.script.has_rules
            turn, known = self.make_turn(ask, ids), (None, parent, conditions, is_plain)
            return GrantedCreate(ask, ids, own_half, turn, number, *known)
        hop = self.state.continuations.resume(ask)
        if isinstance(hop, Refusal):
            return hop
        return GrantedCreate(ask, ids, own_half, hop.turn, number, hop)

    def _answer(self, granted: GrantedCreate, request: Request) -> Reply:
        """Make the interaction of a granted create, and its JSON or its stream."""
        hop = granted.resumed or self._begin_turn(granted)
        interaction = self._start_interaction(hop, granted, request)
        if granted.is_plain and _can_recall(hop, granted):
            from .answer_templates.plain_reply import reply_at_once

            return reply_at_once(self.state, interaction, request)
        clock, resumable = self.state.clock, granted.ask.background
        if not granted.ask.stream:
            reply = json_reply(interaction.resource())
            interaction.let_go()
            return reply
        if not granted.ask.store:
            return stream_reply(interaction.frames(clock, resumable=resumable))
        return stream_reply(follow(self.state, interaction, clock, resumable=resumable))

    def _begin_turn(self, granted: GrantedCreate) -> Hop:
        """Finish a turn as the server sends it, remember what it signs, and divide it in hops."""
        ask, ids = granted.ask, granted.ids
        turn = finish(granted.turn, ask, ids, thinks=ask.thinks)
        hop = self.state.continuations.begin(ask, turn, ids)
        if not _can_recall(hop, granted):
            self.state.signatures.remember(turn.steps, ask.dialogue)
        return hop

    def _start_interaction(self, hop: Hop, granted: GrantedCreate, request: Request) -> Interaction:
        now, ask, turn = self.state.clock(), hop.ask, hop.turn
        course = (turn.course or DEFAULT_COURSE) if ask.background else AT_ONCE
        interaction = Interaction(
            id=make_interaction_id(ask, turn.id, granted.own_half, granted.parent),
            ask=ask,
            turn=replace(turn, fault=None) if turn.fault else turn,  # what is kept is plain data
            started_at=now,
            course=course,
            environment_id=self._environment_id(ask, granted.ids),
            status=course[0].status if course else Status.IN_PROGRESS,
            tokens=hop.tokens,
        )
        interaction.update_status(now)
        if granted.conditions and _can_recall(hop, granted):
            from .answer_templates.filled_interaction import recall_later

            known = request.body, granted.parent, granted.is_plain
            interaction = recall_later(self.state, interaction, granted.conditions, *known)
        if ask.store:
            self.state.store.keep(interaction)
        self.state.continuations.note_owner(hop, interaction.id_in_streams)
        self.state.note_interaction(interaction)
        self.state.keep_files(interaction)
        return interaction

    def _environment_id(self, ask: Ask, ids: IdSource) -> str | None:
        environment = ask.body.get("environment")
        if isinstance(environment, dict):
            environment = environment.get("environment_id", "remote")
        agent = self.settings.agents.get(ask.agent or "")
        if environment is None and not (agent and agent.environment):
            return None
        return ids.uuid() if environment in (None, "remote") else str(environment)


def _can_recall(hop: Hop, granted: GrantedCreate) -> bool:
    """Tell whether body and scripted turn say all about an interaction that is over at once."""
    return bool(granted.conditions) and not (
        hop.tokens or granted.resumed or granted.ask.background or hop.turn.files
    )


def _plan_refusal(body: Any, refusal: Refusal) -> AnswerPlan:
    stream = isinstance(body, dict) and body.get("stream") is True
    return AnswerPlan.of_refusal(refusal, stream=stream, is_guarded=False)
