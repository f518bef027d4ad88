"""What has been said: the stored interactions by id."""

from __future__ import annotations

from ...protocol.clock import Clock
from ...protocol.interaction import Interaction
from ...protocol.status import Move, Status, is_running, status_after
from ...wire.http import Json


class Store:
    """The interactions that are stored, by id. A deleted one is as unknown as one never made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._interactions: dict[str, Interaction] = {}

    def keep(self, interaction: Interaction) -> None:
        """Store it under its id."""
        self._interactions[str(interaction.id)] = interaction

    def find(self, identifier: str) -> Interaction | None:
        """The stored interaction of that id as it stands now, if there is one."""
        interaction = self._interactions.get(identifier)
        if interaction:
            interaction.update_status(self._clock())
        return interaction

    def poll(self, identifier: str) -> Interaction | None:
        """Like `find`, and the asking moves a running one on: a test need not sleep."""
        interaction = self.find(identifier)
        if interaction and is_running(interaction.status):
            interaction.poll(self._clock())
        return interaction

    def delete(self, identifier: str) -> bool:
        """Forget it; False if there was nothing to forget."""
        interaction = self._interactions.pop(identifier, None)
        if interaction:
            interaction.is_deleted = True
        return interaction is not None

    def forget(self) -> None:
        """Delete all."""
        for identifier in [*self._interactions]:
            self.delete(identifier)


def cancel(interaction: Interaction) -> None:
    """Stop a running interaction; raises `IllegalMove` if it does not run."""
    interaction.status = status_after(Status(interaction.status), Move.CANCEL)


def history_after(parent: Interaction) -> tuple[Json, ...]:
    """The steps that a child of `parent` continues: inputs and outputs, nothing else.

    A cancelled parent has no outputs: nobody saw what it would have said.
    """
    outputs = () if parent.status == Status.CANCELLED else parent.steps
    return (*parent.ask.conversation, *outputs)
