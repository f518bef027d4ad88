"""Tell which rules make a recorded request and an asked one the same, and which keep them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..wire.http import Json
from ..wire.json_paths import ABSENT, find_differences
from .difference_rules import PARENT_PATH, Comparison, Difference, explain_difference
from .meaning import NUMBERS, RULES, build_swap
from .scrub.stand_ins import match_stand_ins
from .tolerance import Tolerance

_WITHOUT_REMEDY = frozenset({"parent", "call"})
"""The rules whose differences nobody should tolerate: another answer would be replayed."""

_REPLAYED = "a name that this replay gave out is understood as that of the recording"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says of one place of a recorded request and an asked one.

    settles: whether it makes them equal there; else it keeps them apart
    remedy: what has to be tolerated by name so that they are equal there; may be empty
    """

    rule: str
    text: str
    path: str
    recorded: Any
    requested: Any
    settles: bool
    remedy: str = ""

    @property
    def difference(self) -> Difference:
        """The place and both values."""
        return self.path, self.recorded, self.requested

    def to_json(self) -> Json:
        """Return it as JSON; what is not there has no member."""
        values = {"recorded": self.recorded, "asked": self.requested}
        return {
            "rule": self.rule,
            "says": self.text,
            "path": self.path,
            "settles": self.settles,
            **{name: value for name, value in values.items() if value is not ABSENT},
            **({"tolerate": self.remedy} if self.remedy else {}),
        }


def deciding_rules(
    recorded: Json, asked: Json, differences: Iterable[Difference], tolerance: Tolerance
) -> list[Decision]:
    """Say of each difference of two meanings which rule keeps them apart."""
    differences = list(differences)
    comparison = Comparison(recorded, asked, differences, tolerance)
    decisions: list[Decision] = []
    for difference in differences:
        rule, text = explain_difference(difference, comparison)
        path = "" if rule in _WITHOUT_REMEDY else difference[0]
        remedy = comparison.mask_for(path) if rule == "not tolerated" else path
        decisions.append(Decision(rule, text, *difference, settles=False, remedy=remedy))
    return decisions


def settling_rules(
    recorded: Any,
    asked: Any,
    *,
    as_recorded: Any,
    recorded_places: Mapping[str, str],
    asked_places: Mapping[str, str],
    tolerance: Tolerance,
) -> list[Decision]:
    """Say of each difference of two bodies that does not count by which rule it does not.

    as_recorded: what is asked with the names of the recording in place of those of the replay
    recorded_places, asked_places: the places of the names that the server made before either
    """
    bodies = recorded, asked, as_recorded
    if not all(isinstance(body, dict) for body in bodies):
        return []
    old, live, new = ({key: body[key] for key in body if key != PARENT_PATH} for body in bodies)
    old_swap, new_swap = build_swap(recorded_places), build_swap(asked_places)
    before = list(find_differences(old, new))
    decisions = [
        Decision("replayed ids", _REPLAYED, *difference, settles=True)
        for difference in _vanished(list(find_differences(old, live)), before)
    ]
    for rule in (*RULES, *tolerance.rules, NUMBERS):
        spelt = {}
        if rule is NUMBERS:  # the values are equal already, and written otherwise
            spelt = {path: (one, other) for path, one, other in _spelt_otherwise(old, new)}
        old, new = rule.apply(old, old_swap), rule.apply(new, new_swap)
        after = list(find_differences(old, new))
        gone = [*_vanished(before, after), *((path, *pair) for path, pair in spelt.items())]
        decisions += [Decision(rule.name, rule.text, *place, settles=True) for place in gone]
        before = after
    for path, one, other in before:
        if ABSENT not in (one, other) and match_stand_ins(one, other) is not None:
            text = "a placeholder stands for any one word, the same in all of a request"
            decisions.append(Decision("secrets", text, path, one, ABSENT, settles=True))
    return decisions


def _vanished(before: list[Difference], after: list[Difference]) -> Iterator[Difference]:
    """Yield the differences of which nothing is left, at their place or below it."""
    paths = [path for path, _, _ in after]
    for difference in before:
        place = difference[0]
        if not any(path == place or path.startswith((f"{place}.", f"{place}[")) for path in paths):
            yield difference


def _spelt_otherwise(old: Any, new: Any, path: str = "") -> Iterator[Difference]:
    """Yield the numbers that have one value and are written in two ways."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() & new.keys():
            place = f"{path}.{key}" if path else str(key)
            yield from _spelt_otherwise(old[key], new[key], place)
    elif isinstance(old, list) and isinstance(new, list):
        for number, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from _spelt_otherwise(one, other, f"{path}[{number}]")
    elif (
        isinstance(old, int | float)
        and isinstance(new, int | float)
        and not isinstance(old, bool)
        and not isinstance(new, bool)
        and old == new
        and repr(old) != repr(new)
    ):
        yield path, old, new
