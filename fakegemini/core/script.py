"""What a test said the model will say, in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import BadScript, Unscripted
from .ask import Ask
from .explain import leftover, unscripted
from .http import Json
from .steps import say
from .turn import Turn


@dataclass(slots=True)
class Script:
    """Replies waiting to be played. `used` is true once a test has scripted anything."""

    waiting: list[Turn] = field(default_factory=list)
    played: list[tuple[Ask, Turn]] = field(default_factory=list)
    used: bool = False

    def add(self, *steps: Json | str) -> None:
        """One reply of these steps; a string is short for `say(string)`. Raises `BadScript`."""
        if not steps:
            raise BadScript('a reply needs a step, e.g. replies(say("Hello"))')
        self.add_turn(Turn(tuple(_step(item) for item in steps)))

    def add_turn(self, turn: Turn) -> None:
        """One reply that fixes more than its steps."""
        self.waiting.append(turn)
        self.used = True

    def answer(self, ask: Ask) -> Turn:
        """The next reply; raises `Unscripted` where none is left."""
        if not self.waiting:
            raise Unscripted(unscripted(ask, self.played))
        turn = self.waiting.pop(0)
        self.played.append((ask, turn))
        return turn

    def leftover(self) -> str:
        """What is waiting that nobody asked for."""
        return leftover(self.waiting, self.played)


def _step(item: Json | str) -> Json:
    if isinstance(item, str):
        return say(item)
    if isinstance(item, dict) and isinstance(item.get("type"), str):
        return item
    raise BadScript(
        f"a reply is made of steps, not of {item!r}; build them with say(), call(), think(), step()"
    )
