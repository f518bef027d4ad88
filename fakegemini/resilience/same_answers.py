"""Let the model say on bad days what it said on the good one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from ..protocol.ask import Ask
from ..protocol.ids import IdSource
from ..protocol.turn import Turn

_Place: TypeAlias = tuple[int, tuple[str, ...]]


def _place_of(ask: Ask) -> _Place:
    # Ids, signatures and the results of functions may differ from day to day.
    return ask.turn, ask.said


@dataclass(slots=True)
class GoodDayTurns:
    """The turns of the good day, by the place in the conversation where the model said them."""

    by_place: dict[_Place, list[Turn]] = field(default_factory=dict)

    def add(self, ask: Ask, turn: Turn) -> None:
        """Remember what the model answered to `ask`."""
        self.by_place.setdefault(_place_of(ask), []).append(turn)

    def make_model(self) -> SameAnswers:
        """Make a model that begins with the first turn of each place."""
        return SameAnswers(self)


@dataclass(slots=True)
class SameAnswers:
    """A model that repeats the turns of the good day: those of a place in order, then the last."""

    good_turns: GoodDayTurns
    _times_asked: Counter[_Place] = field(default_factory=Counter)

    def __call__(self, ask: Ask, ids: IdSource) -> Turn:
        """Return the turn of that place, else of one as deep, else what the model improvises."""
        place, turns_by_place = _place_of(ask), self.good_turns.by_place
        number = self._times_asked[place]
        self._times_asked[place] += 1
        turns = turns_by_place.get(place) or next(
            (
                turns_by_place[other_place]
                for other_place in turns_by_place
                if other_place[0] == ask.turn
            ),
            None,
        )
        if turns:
            return turns[min(number, len(turns) - 1)]
        from ..model import improvise

        return improvise(ask, ids)
