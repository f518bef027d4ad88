"""Walk a conversation whose turns are kept as bytes."""

from __future__ import annotations

from typing import Protocol

from ...protocol.ask import Ask
from ...protocol.conversation import Conversation, Facts
from ...protocol.step_reading import hoist_results
from ...wire.http import Json


class Recalling(Protocol):
    """An interaction that works out again what was asked and answered; `keeps` holds on to it."""

    @property
    def past(self) -> Conversation | None:
        """The conversation before it; None where it begins one."""

    @property
    def known_facts(self) -> Facts | None:
        """The facts of the conversation that it answers, where they need not be worked out."""

    def recall_ask(self, *, keeps: bool) -> Ask:
        """Return what was asked."""

    def recall_outputs(self, *, keeps: bool) -> tuple[Json, ...]:
        """Return the steps that its children see of it."""


class RecalledConversation(Conversation):
    """The conversation that such an interaction answers, or its answer too."""

    __slots__ = ("_has_answer", "_interaction")

    def __init__(self, interaction: Recalling, *, has_answer: bool) -> None:
        self._interaction, self._has_answer = interaction, has_answer

    def _cut_last(self, *, keeps: bool) -> tuple[Conversation | None, tuple[Json, ...]]:
        if self._has_answer:
            outputs = self._interaction.recall_outputs(keeps=keeps)
            before = RecalledConversation(self._interaction, has_answer=False)
            return before, tuple(hoist_results(outputs))
        return self._interaction.past, self._interaction.recall_ask(keeps=keeps).new_steps

    def find_facts(self) -> Facts | None:
        """Return its facts where they are known."""
        return None if self._has_answer else self._interaction.known_facts

    def _keep_facts(self, facts: Facts) -> None:
        """Keep nothing: the interaction keeps its facts where it stands far from others."""
