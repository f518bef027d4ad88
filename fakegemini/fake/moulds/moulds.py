"""Keep the moulds of a fake, and answer the creates for which there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from ...protocol.ask import Ask
from ...protocol.clock import OffsetClock, VirtualClock, whole_seconds
from ...protocol.paths import is_enterprise
from ...protocol.refusals import check_client
from ...wire.due_frames import DueFrames
from ...wire.http import Pairs, Reply, Request, Summary
from ...wire.replies import EVENT_STREAM, JSON
from ..routes import AnswerPlan
from ..settings import Settings
from ..state.state import State
from ..state.store import follow_due
from .conditions import Conditions
from .poured_interaction import PouredInteraction, PouredTurn
from .split_body import SplitBody, fill_body, split_body

if TYPE_CHECKING:
    from .mould import Mould

_CASTS_AT = 2
"""At how many requests of one mould, behind the first of all, it is cast.

Casting costs as much as some answers.
"""

_MOST_MOULDS = 256
_LONGEST_BODY = 4096

_Key = tuple[bytes, bytes, bool, str]
_JSON_HEADERS = (("content-type", JSON),)
_STREAM_HEADERS = (("content-type", EVENT_STREAM),)


@dataclass(slots=True)
class Moulds:
    """The moulds of one fake, by what stands around the text of a body.

    `grant` builds the record of a create that nothing refuses; None where something does.
    """

    settings: Settings
    state: State
    grant: Callable[[Request, Callable[[Ask], bool]], Ask | None]
    _entries: dict[_Key, Mould | int | None] = field(default_factory=dict)
    _version: int = -1

    def plan(self, request: Request) -> AnswerPlan | None:
        """Plan the answer to a create; None where there is no mould for it."""
        if len(request.body) > _LONGEST_BODY or not self._speaks_unscripted():
            return None
        parts = split_body(request.body)
        if parts is None or check_client(request):
            return None
        mould = self._find(request, parts)
        return AnswerPlan(partial(self._answer, mould, parts.text)) if mould else None

    def _speaks_unscripted(self) -> bool:
        """Tell whether the unscripted model answers, and nobody's code has a say in it."""
        state, settings = self.state, self.settings
        return not (
            state.script.has_rules
            or settings.unscripted_model
            or state.continuations.limit
            or state.cassettes is not None
            or state.has_users_store
            or type(state.clock) not in (VirtualClock, OffsetClock)
        )

    def _find(self, request: Request, parts: SplitBody) -> Mould | None:
        settings = self.settings
        if self._version != settings.version:
            self._version = settings.version
            self._entries.clear()
        key = (
            parts.before,
            parts.after,
            is_enterprise(request),
            settings.origin_of(request),
        )
        entry = self._entries.get(key, 0)
        if isinstance(entry, int):
            entry = self._cast(request, parts) if entry + 1 >= _CASTS_AT else entry + 1
            if len(self._entries) >= _MOST_MOULDS:
                self._entries.clear()
            self._entries[key] = entry
        if entry is None or isinstance(entry, int):
            return None
        name = entry.ask.model or ""
        is_as_before = settings.models.get(name) is entry.conditions.known_model
        return entry if is_as_before and name not in settings.agents else None

    def _cast(self, request: Request, parts: SplitBody) -> Mould | None:
        """Cast the mould of a request; None where there is none."""
        # The unscripted model is loaded when it speaks, and a mould only then.
        from .cast_mould import PROBE, can_cast, cast_mould

        ask = self.grant(replace(request, body=fill_body(parts, PROBE)), can_cast)
        if ask is None:
            return None
        conditions = Conditions(self.settings.seed, ask.era, ask.known_model, ask.origin)
        return cast_mould(conditions, ask)

    def _answer(self, mould: Mould, text: str, request: Request) -> Reply:
        """Keep the interaction of a create, and answer it."""
        state, digest = self.state, mould.digest(text)
        second = whole_seconds(state.clock())
        number = state.count_ask(digest)
        now = state.clock()
        poured = mould.pour(text, digest, number, second, now)
        interaction = PouredInteraction(mould.conditions, request.body, number, poured.id, now)
        if poured.signature:
            state.signatures.remember_recalled(
                poured.signature, partial(PouredTurn, interaction=interaction)
            )
        if mould.ask.store:
            state.store.keep(interaction)
        state.note_source("unscripted model")
        state.note_interaction(interaction)
        headers: Pairs
        beats: DueFrames | tuple[bytes]
        if mould.ask.stream:
            follow = partial(follow_due, state.store, interaction, state.clock)
            joined = mould.spell_events(poured)
            headers, beats = _STREAM_HEADERS, DueFrames(joined, follow if mould.ask.store else iter)
        else:
            headers, beats = _JSON_HEADERS, (mould.spell_answer(poured),)
        about = mould.subject, text, interaction.status, mould.step_types
        return Reply(200, headers, beats, summary=Summary(request.body, beats, *about))
