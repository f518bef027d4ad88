"""Hold an interaction out of a template: what was asked and answered is made when asked for."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ...protocol.background import AT_ONCE
from ...protocol.ids import InteractionId
from ...protocol.interaction import Interaction
from ...protocol.signatures import SentTurn
from ...protocol.status import Status
from ...protocol.turn import Turn
from ...wire.http import Json
from .conditions import Conditions


class FilledInteraction(Interaction):
    """An interaction of which the bytes of its request say all, and its scripted turn, if any.

    `ask` and `turn` are worked out by the functions that work them out for every create, when
    somebody asks for one of them, and are kept until `let_go`.
    """

    __slots__ = ("_body", "_conditions", "_number", "_scripted_turn")

    def __init__(
        self,
        conditions: Conditions,
        body: bytes,
        number: int,
        identifier: InteractionId | None,
        now: float,
        *,
        status: str = Status.COMPLETED,
        environment_id: str | None = None,
        scripted_turn: Turn | None = None,
    ) -> None:
        self._conditions, self._body, self._number = conditions, body, number
        self._scripted_turn = scripted_turn
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
        if name not in ("ask", "turn"):
            raise AttributeError(name)
        # Both are set once both are made: another thread may ask at the same moment.
        ask = self._conditions.build_ask(self._body)
        turn = self._conditions.make_turn(ask, self._number, self._scripted_turn)
        self.ask, self.turn = ask, turn
        return ask if name == "ask" else turn

    def let_go(self) -> None:
        """Let go of what was asked and answered as well."""
        super().let_go()
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
    interaction: Interaction, conditions: Conditions, body: bytes, number: int, turn: Turn
) -> FilledInteraction:
    """Return an interaction as one that recalls what was asked, and what was scripted.

    Until it lets go, it holds both as they are. What is kept of the scripted turn no test changes.
    """
    own_steps = tuple(dict(step) for step in turn.steps)
    recalled = FilledInteraction(
        conditions,
        body,
        number,
        interaction.id,
        interaction.started_at,
        status=interaction.status,
        environment_id=interaction.environment_id,
        scripted_turn=replace(turn, steps=own_steps, fault=None),
    )
    recalled.ask, recalled.turn = interaction.ask, interaction.turn
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
            self.history: Iterable[Json] = self._interaction.ask.dialogue
        else:
            raise AttributeError(name)
        return getattr(self, name)
