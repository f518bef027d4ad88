"""Keep interactions between requests: in memory here, in a file or a database elsewhere.

What is kept is plain data and can be pickled. Streams are told by `follow`, which looks into the
store before each event, so that a cancel or a delete reaches a stream that somebody reads, even
where the store hands out a new object each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Protocol

from ...protocol.clock import Clock
from ...protocol.ids import InteractionId
from ...protocol.interaction import Interaction
from ...wire.http import Beat


class Store(Protocol):
    """Where the interactions of a fake are kept, by id.

    A deleted one is as unknown as one that never was.
    """

    def keep(self, interaction: Interaction, /) -> None:
        """Store an interaction under its id, in place of any that had it before."""

    def find(self, identifier: str, /) -> Interaction | None:
        """Find the interaction of that id as it was last kept or written back, or None."""

    def write_back(self, interaction: Interaction, /) -> None:
        """Store what a poll, a cancel or a stream changed; nothing where it is deleted by now."""

    def delete(self, identifier: str, /) -> bool:
        """Delete the interaction of that id; give False where there is none."""

    def forget(self) -> None:
        """Delete all of them."""


class Stored(Protocol):
    """Whoever has a store, and what is held while an interaction is read, changed, written back.

    Else a cancel between the reading and the writing of somebody else would be undone.
    """

    @property
    def store(self) -> Store:
        """Return the store in which the interactions are."""

    @property
    def changes(self) -> AbstractContextManager[Any]:
        """Return what to enter (`with`) from the reading to the writing back."""


class MemoryStore:
    """A store that hands out the very objects it was given, for as long as the fake lives."""

    def __init__(self) -> None:
        # Ids as the interactions themselves have them weigh nothing more.
        self._interactions: dict[InteractionId | str, Interaction] = {}

    def keep(self, interaction: Interaction) -> None:
        """Store an interaction under its id."""
        self._interactions[interaction.id or str(interaction.id)] = interaction

    def find(self, identifier: str) -> Interaction | None:
        """Find the interaction of that id, or None."""
        return self._interactions.get(_key_of(identifier))

    def write_back(self, interaction: Interaction) -> None:
        """Do nothing: what changed is the object that is stored."""

    def delete(self, identifier: str) -> bool:
        """Delete the interaction of that id; give False where there is none."""
        return self._interactions.pop(_key_of(identifier), None) is not None

    def forget(self) -> None:
        """Delete all of them."""
        self._interactions.clear()


@lru_cache(maxsize=1024)  # a stream asks before each of its events
def _key_of(text: str) -> InteractionId | str:
    identifier = InteractionId.parse(text)
    # Another text may be read as the same id: its last character holds bits of no meaning.
    return identifier if identifier and str(identifier) == text else text


def follow(
    stored: Stored, interaction: Interaction, clock: Clock, *, resumable: bool, skip: int = 0
) -> Iterator[Beat]:
    """Stream a stored interaction in step with the store; see `Interaction.frames`."""
    identifier = str(interaction.id)
    frames = interaction.frames(clock, resumable=resumable, skip=skip)
    while True:
        with stored.changes:
            _take_over(stored.store.find(identifier), interaction)
            beat = next(frames, None)
            if beat is None:
                return
            stored.store.write_back(interaction)
        yield beat


def follow_due(
    stored: Stored, interaction: Interaction, clock: Clock, frames: list[bytes]
) -> Iterator[Beat]:
    """Stream a stored interaction whose frames are all there, in step with the store as well."""
    identifier = str(interaction.id)
    for position, frame in enumerate(frames):
        may_end = position <= len(frames) - _ENDING_COUNT
        if may_end and stored.store.find(identifier) is not interaction:
            yield from follow(stored, interaction, clock, resumable=False, skip=position)
            return
        yield frame


_ENDING_COUNT = 2
"""How many frames end a stream whatever becomes of its interaction meanwhile."""


def _take_over(stored: Interaction | None, interaction: Interaction) -> None:
    """Bring the object of a stream to what others made of its interaction meanwhile."""
    if stored is interaction:
        return
    if stored is None:
        interaction.is_deleted = True
        return
    interaction.status = stored.status
    interaction.credit_seconds = stored.credit_seconds
    interaction.polls = stored.polls
    interaction.sent_count = stored.sent_count
