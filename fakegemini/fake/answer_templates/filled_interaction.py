"""Hold an interaction out of a template: what was asked and answered is made when asked for."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from ...protocol.ask import Ask
from ...protocol.background import AT_ONCE
from ...protocol.conversation import Conversation, Facts
from ...protocol.ids import InteractionId
from ...protocol.interaction import Interaction
from ...protocol.signatures import SentTurn
from ...protocol.status import Status
from ...protocol.turn import Turn
from ...wire.http import Json
from ..state.state import State
from .conditions import Conditions
from .pack_turn import PackedTurn, pack_turn, unpack_turn
from .recalled_conversation import RecalledConversation

_FACTS_EVERY = 16
"""At how many turns of a chain one keeps the facts of its conversation."""


class FilledInteraction(Interaction):
    """An interaction of which the bytes of its request say what was asked, and `source` the rest.

    `source` is the turn, packed where it can be, or how often the body of an unscripted one came;
    None before `pack`, while both `ask` and `turn` are held. Afterwards they are worked out when
    somebody asks for one of them, and are kept until `let_go`. A child holds its parent: where a
    conversation is long, it is recalled as far back as the facts of one of its turns are kept.
    """

    __slots__ = ("_body", "_facts", "_parent", "_place", "_source", "conditions")

    def __init__(
        self,
        conditions: Conditions,
        body: bytes,
        source: int | None,
        identifier: InteractionId | None,
        now: float,
        *,
        parent: Interaction | None = None,
        status: str = Status.COMPLETED,
        environment_id: str | None = None,
    ) -> None:
        self.conditions, self._body, self._parent = conditions, body, parent
        self._source: int | PackedTurn | Turn | None = source
        self._facts: Facts | None = None
        self._place: int = 0
        if isinstance(parent, FilledInteraction):
            self._place = (parent._place + 1) % _FACTS_EVERY
        self.id = identifier
        self.started_at = now
        self.course = AT_ONCE
        self.environment_id = environment_id
        self.status = status
        self.credit_seconds = 0.0
        self.polls = 0
        self.is_deleted = False
        self.tokens = ()
        self.sent_count = 0
        self._event_plan = None

    def __getattr__(self, name: str) -> Any:
        if name == "ask":
            return self.recall_ask(keeps=True)
        if name == "turn":
            return self._recall_turn(keeps=True)
        raise AttributeError(name)

    def _find_held(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            return None

    def recall_ask(self, *, keeps: bool) -> Ask:
        """Return what was asked; where it `keeps`, the interaction holds it from now on."""
        ask: Ask | None = self._find_held("ask")
        if ask is None:
            past = self.past
            ask = self.conditions.build_ask(self._body, () if past is None else past)
            if keeps:
                self.ask = ask
        return ask

    def _recall_turn(self, *, keeps: bool) -> Turn:
        turn: Turn | None = self._find_held("turn")
        if turn is None:
            source = self._source
            if isinstance(source, int):
                turn = self.conditions.make_turn(self.recall_ask(keeps=keeps), source)
            elif isinstance(source, tuple):
                turn = unpack_turn(source)
            else:
                assert source is not None  # what is not packed holds its turn
                turn = source
            if keeps:
                self.turn = turn
        return turn

    def recall_outputs(self, *, keeps: bool) -> tuple[Json, ...]:
        """Return the steps that its children see of it."""
        cancelled = self.status == Status.CANCELLED
        return () if cancelled else self._recall_turn(keeps=keeps).steps

    @property
    def known_facts(self) -> Facts | None:
        """Return the facts of the conversation that it answers, where they are at hand."""
        ask: Ask | None = self._find_held("ask")
        return self._facts or (ask.dialogue.find_facts() if ask else None)

    @property
    def past(self) -> Conversation | None:
        """Return the conversation before it; None where it begins one."""
        return self._parent.continued if self._parent else None

    @property
    def continued(self) -> Conversation:
        """Return the conversation behind it, without holding what can be recalled."""
        return RecalledConversation(self, has_answer=True)

    def pack(self) -> None:
        """Let what was asked and answered be worked out from now on."""
        if self._source is None:
            turn = self.turn
            self._source = pack_turn(turn) or turn
        self.let_go()

    def unpack(self) -> bool:
        """Hold what was asked and answered, and the facts of its conversation."""
        if self._source is None or self._find_held("ask") is not None:
            return False
        self.turn = self._recall_turn(keeps=True)
        self._facts = self.ask.dialogue.facts
        return True

    def let_go(self) -> None:
        """Let go of what was asked and answered as well, where it can be worked out."""
        super().let_go()
        if self._source is None:
            return
        ask: Ask | None = self._find_held("ask")
        if self._place < _FACTS_EVERY - 1:
            self._facts = None
        elif ask and self._facts is None:
            self._facts = ask.dialogue.facts
        for name in ("ask", "turn"):
            with suppress(AttributeError):  # nobody asked for it, or two threads let go
                delattr(self, name)

    def __eq__(self, other: object) -> bool:
        return self.as_plain() == other

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __reduce__(self) -> tuple[Any, ...]:
        return _copy_plain, (self.as_plain(),)

    def as_plain(self) -> Interaction:
        """Return an ordinary interaction that is the same."""
        return Interaction(
            id=self.id,
            ask=self.ask,
            turn=self.turn,
            started_at=self.started_at,
            course=self.course,
            environment_id=self.environment_id,
            status=self.status,
            credit_seconds=self.credit_seconds,
            polls=self.polls,
            is_deleted=self.is_deleted,
            tokens=self.tokens,
            sent_count=self.sent_count,
        )


def _copy_plain(interaction: Interaction) -> Interaction:
    return interaction


def recall_later(
    state: State,
    interaction: Interaction,
    conditions: Conditions,
    body: bytes,
    parent: Interaction | None,
    is_plain: bool,
) -> FilledInteraction:
    """Return an interaction as one that recalls what was asked and answered, once it is packed.

    A plain one is packed when it is answered, another when it is no longer among the newest.
    """
    recalled = FilledInteraction(
        conditions,
        body,
        None,
        interaction.id,
        interaction.started_at,
        parent=parent,
        status=interaction.status,
        environment_id=interaction.environment_id,
    )
    recalled.ask, recalled.turn = interaction.ask, interaction.turn
    make_turn = partial(FilledTurn, interaction=recalled)
    state.signatures.remember_recalled(recalled.steps, make_turn)
    if not is_plain:
        state.note_recent(recalled)
    return recalled


class FilledTurn(SentTurn):
    """The turn of such an interaction, as the signatures remember it."""

    __slots__ = ("_interaction",)

    def __init__(self, number: int, interaction: FilledInteraction) -> None:
        self.number, self._interaction = number, interaction
        self.earlier_numbers = None

    def __getattr__(self, name: str) -> Any:
        if name == "steps":
            self.steps: tuple[Json, ...] = self._interaction.steps
        elif name == "history":
            dialogue = RecalledConversation(self._interaction, has_answer=False)
            self.history: Iterable[Json] = dialogue
        else:
            raise AttributeError(name)
        return getattr(self, name)
