"""Remember what a script answered: how often, and the last time; more would grow with the test."""

from __future__ import annotations

from dataclasses import dataclass

from ...protocol.ask import Ask
from ...protocol.turn import Turn


@dataclass(slots=True)
class Played:
    """The requests that a script answered: their number, the last one and its turn."""

    count: int = 0
    last_ask: Ask | None = None
    last_turn: Turn | None = None

    def add(self, ask: Ask, turn: Turn) -> None:
        """Note an answered request."""
        self.count += 1
        self.last_ask, self.last_turn = ask, turn

    def forget(self) -> None:
        """Forget every answered request."""
        self.count, self.last_ask, self.last_turn = 0, None, None
