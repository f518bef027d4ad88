"""Keep which kinds of creates nothing refuses, and answer out of a template where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from ...protocol.ask import Ask
from ...protocol.clock import OffsetClock, VirtualClock, whole_seconds
from ...protocol.interaction import Interaction
from ...protocol.paths import is_enterprise
from ...protocol.refusals import check_client
from ...wire.http import Reply, Request
from ..routes import AnswerPlan
from ..settings import Settings
from ..state.state import State
from .conditions import Conditions
from .filled_interaction import FilledInteraction, FilledTurn
from .plain_reply import reply_with
from .split_body import SplitBody, fill_body, split_body

if TYPE_CHECKING:
    from ...protocol.known_models import Agent
    from .answer_template import AnswerTemplate

_MAKES_AT = 2
"""At how many requests of one template, behind the first of all, it is made.

Making it costs as much as some answers.
"""

_MOST_KINDS = 256
_MOST_BYTES = 4 * 1024 * 1024
"""How many bytes the bodies of all kinds may have together, without their texts."""

_LONGEST_BODY = 65_536
_LONGEST_TEXT = 4096
"""How many characters a text may have that is answered out of a template in no time."""

_Key = tuple[bytes, bytes, bool, str]


@dataclass(frozen=True, slots=True)
class KnownKind:
    """A kind of create that nothing refuses, whatever its text is; `ask` is that of the probe.

    `template` is None where its answers are more than prose around the words.
    """

    ask: Ask
    conditions: Conditions
    agent: Agent | None
    template: AnswerTemplate | None

    def is_current(self, settings: Settings) -> bool:
        """Tell whether its model or agent still is what it was; a test may change a mapping."""
        name = self.ask.model or ""
        return (
            settings.models.get(name) is self.conditions.known_model
            and settings.agents.get(self.ask.agent or "") is self.agent
            and name not in settings.agents
        )


@dataclass(slots=True)
class TemplateCache:
    """The templates of one fake, by what stands around the text of a body.

    `grant` builds the record of a create that nothing refuses; None where something does. `choose`
    plans the answer to a create that was granted.
    """

    settings: Settings
    state: State
    grant: Callable[[Request, Callable[[Ask], bool]], Ask | None]
    choose: Callable[[Ask, Conditions], AnswerPlan]
    _kinds: dict[_Key, KnownKind | int | None] = field(default_factory=dict)
    _version: int = -1
    _byte_count: int = 0

    def plan(self, request: Request) -> AnswerPlan | None:
        """Plan the answer to a create; None where its kind is not known to be granted."""
        parts = self._split(request)
        if parts is None or check_client(request):
            return None
        kind = self._find(request, parts)
        if kind is None:
            return None
        if kind.template and self._speaks_unscripted():
            return AnswerPlan(partial(self._answer, kind.template, parts.text))
        return self.choose(kind.conditions.build_ask(request.body), kind.conditions)

    def answers_at_once(self, request: Request) -> bool:
        """Tell whether there is a template for a create, by which nobody waits for the answer."""
        parts, settings = self._split(request), self.settings
        if parts is None or len(parts.text) > _LONGEST_TEXT or self._version != settings.version:
            return False
        kind = self._kinds.get(self._key(request, parts))
        if not isinstance(kind, KnownKind) or kind.template is None:
            return False
        return kind.is_current(settings) and self._speaks_unscripted()

    def _split(self, request: Request) -> SplitBody | None:
        if len(request.body) > _LONGEST_BODY or not self._decides_alone():
            return None
        return split_body(request.body)

    def _key(self, request: Request, parts: SplitBody) -> _Key:
        origin = self.settings.origin_of(request)
        return parts.before, parts.after, is_enterprise(request), origin

    def conditions_of(self, size: int, ask: Ask, parent: Interaction | None) -> Conditions | None:
        """Return the conditions by which a body of `size` bytes says what it asks.

        None where that is not known, and where it is so long that nobody should wait for it twice.
        """
        if size > _LONGEST_BODY or not self._decides_alone():
            return None
        seed = self.settings.seed
        if isinstance(parent, FilledInteraction) and parent.conditions.are_of(ask, seed):
            return parent.conditions  # a chain shares them
        return Conditions(seed, ask.era, ask.known_model, ask.origin)

    def _decides_alone(self) -> bool:
        """Tell whether nobody else has a say in what is refused, and where it is kept."""
        state = self.state
        return (
            state.cassettes is None
            and not state.has_users_store
            and type(state.clock) in (VirtualClock, OffsetClock)
        )

    def _speaks_unscripted(self) -> bool:
        """Tell whether the unscripted model answers, in one piece."""
        state = self.state
        return not (
            state.script.has_rules or self.settings.unscripted_model or state.continuations.limit
        )

    def _find(self, request: Request, parts: SplitBody) -> KnownKind | None:
        settings = self.settings
        if self._version != settings.version:
            self._version = settings.version
            self._forget()
        key = self._key(request, parts)
        kind = self._kinds.get(key, 0)
        if isinstance(kind, int):
            self._count_bytes(key)
            kind = self._make(request, parts) if kind + 1 >= _MAKES_AT else kind + 1
            self._kinds[key] = kind
        if kind is None or isinstance(kind, int) or not kind.is_current(settings):
            return None
        return kind

    def _count_bytes(self, key: _Key) -> None:
        """Make room for a kind where it is a new one."""
        if key in self._kinds:
            return
        size = len(key[0]) + len(key[1])
        if len(self._kinds) >= _MOST_KINDS or self._byte_count + size > _MOST_BYTES:
            self._forget_some()
        self._byte_count += size

    def _forget_some(self) -> None:
        """Forget kinds that came once, or are refused; and all where that makes little room."""
        kept_kinds = {key: kind for key, kind in self._kinds.items() if isinstance(kind, KnownKind)}
        byte_count = sum([len(before) + len(after) for before, after, *_ in kept_kinds])
        self._forget()
        if len(kept_kinds) <= _MOST_KINDS // 2 and byte_count <= _MOST_BYTES // 2:
            self._kinds |= kept_kinds
            self._byte_count = byte_count

    def _forget(self) -> None:
        self._kinds.clear()
        self._byte_count = 0

    def _make(self, request: Request, parts: SplitBody) -> KnownKind | None:
        """Work out a kind of create; None where it is refused, or goes on with something."""
        # The unscripted model is loaded when it speaks, and a template only then.
        from .make_template import PROBE, can_have_template, make_template, stands_alone

        ask = self.grant(replace(request, body=fill_body(parts, PROBE)), stands_alone)
        if ask is None:
            return None
        conditions = Conditions(self.settings.seed, ask.era, ask.known_model, ask.origin)
        template = make_template(conditions, ask) if can_have_template(ask) else None
        return KnownKind(ask, conditions, self.settings.agents.get(ask.agent or ""), template)

    def _answer(self, template: AnswerTemplate, text: str, request: Request) -> Reply:
        """Keep the interaction of a create, and answer it."""
        state, digest = self.state, template.digest(text)
        second = whole_seconds(state.clock())
        number = state.count_ask(digest)
        now = state.clock()
        filled = template.fill(text, digest, number, second, now)
        interaction = FilledInteraction(template.conditions, request.body, number, filled.id, now)
        if filled.signature:
            steps = ({"signature": filled.signature},)
            state.signatures.remember_recalled(steps, partial(FilledTurn, interaction=interaction))
        if template.ask.store:
            state.store.keep(interaction)
        state.note_source("unscripted model")
        state.note_interaction(interaction)
        stream, store = template.ask.stream, template.ask.store
        answer = template.spell_events(filled) if stream else template.spell_answer(filled)
        about = template.subject, text, template.step_types
        return reply_with(
            state, interaction, answer, request, stream=stream, store=store, about=about
        )
