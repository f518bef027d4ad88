"""A model that says on bad days what it said on the good one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from ..protocol.ask import Ask
from ..protocol.ids import Mint
from ..protocol.turn import Turn

_Place: TypeAlias = tuple[int, tuple[str, ...]]


def _place(ask: Ask) -> _Place:
    # Ids, signatures and the results of functions may differ from day to day.
    return ask.turn, ask.said


@dataclass(slots=True)
class Memory:
    """The turns of the good day, by their place in the conversation."""

    turns: dict[_Place, list[Turn]] = field(default_factory=dict)

    def keep(self, ask: Ask, turn: Turn) -> None:
        """This is what the model said there."""
        self.turns.setdefault(_place(ask), []).append(turn)

    def model(self) -> Recall:
        """A model that has said none of it yet."""
        return Recall(self)


@dataclass(slots=True)
class Recall:
    """Says it again, a turn for each time it was asked for, the last one again and again."""

    memory: Memory
    _asked: Counter[_Place] = field(default_factory=Counter)

    def __call__(self, ask: Ask, mint: Mint) -> Turn:
        """The turn of that place, one of the same number, or what an unscripted model says."""
        place, turns = _place(ask), self.memory.turns
        number = self._asked[place]
        self._asked[place] += 1
        said = turns.get(place) or next((turns[one] for one in turns if one[0] == ask.turn), None)
        if said:
            return said[min(number, len(said) - 1)]
        from ..model import improvise

        return improvise(ask, mint)
