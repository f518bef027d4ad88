"""Compare two JSON values: count the points, by what each is about, and note where they differ.

A point is one fact that both share or not: a member is there, the order of an object's members, the
type of a value, a list's length, a text. Each point is about something, such as the content of a
`model_output`: what is wrong in every answer is seen there, though it is one point in a hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..wire.json_paths import join_path
from ..wording import brief_json

Forms: TypeAlias = tuple[Any, Any]
"""A recorded value and the fake's, as they are compared."""

Reading: TypeAlias = Callable[[str, str, Any, Any], Forms | None]
"""Gives the forms of a member, of its holder's type and its name; None for one of no meaning."""


@dataclass(slots=True)
class Tally:
    """How many points there are of one kind, and how many of them are equal."""

    equal: int = 0
    points: int = 0


@dataclass(slots=True)
class Comparison:
    """The count of a comparison; `differences` are lines such as `path: recorded …, fake …`.

    kinds: the same count by what the points are about
    """

    points: int = 0
    differences: list[str] = field(default_factory=list)
    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    @property
    def equal(self) -> int:
        """How many points are equal."""
        return self.points - len(self.differences)

    def count_point(self, path: str, recorded: Any, fake: Any, kind: str) -> bool:
        """Count one point about `kind`, note a difference, and return whether both are equal."""
        self.points += 1
        tally = self.kinds[kind]
        tally.points += 1
        if recorded == fake:
            tally.equal += 1
            return True
        self.differences.append(f"{path}: recorded {brief_json(recorded)}, fake {brief_json(fake)}")
        return False


@dataclass(frozen=True, slots=True)
class ValueComparison:
    """Compares the JSON values of one answer.

    read: gives the forms in which members are compared, see `Reading`
    ordered: whether the order of members counts
    """

    comparison: Comparison
    read: Reading
    ordered: bool

    def compare(self, path: str, recorded: Any, fake: Any, kind: str) -> None:
        """Compare two values, which are about `kind`."""
        types = (_json_type(recorded), _json_type(fake))
        if not self.comparison.count_point(f"{path} (type)", *types, kind):
            return
        if isinstance(recorded, dict):
            self._compare_objects(path, recorded, fake)
        elif isinstance(recorded, list):
            self.comparison.count_point(f"{path} (length)", len(recorded), len(fake), kind)
            for index, elements in enumerate(zip(recorded, fake, strict=False)):
                self.compare(f"{path}[{index}]", *elements, kind)
        else:
            self.comparison.count_point(path, recorded, fake, kind)

    def _compare_objects(self, path: str, recorded: Any, fake: Any) -> None:
        holder = _type_of(recorded)
        shared = []
        for name in [*recorded, *(name for name in fake if name not in recorded)]:
            forms = self.read(holder, name, recorded.get(name), fake.get(name))
            if forms is None:
                continue
            kind = f"{holder}.{name}" if holder else name
            member_path = join_path(path, name)
            presence = (name in recorded, name in fake)
            self.comparison.count_point(f"{member_path} (present)", *presence, kind)
            if all(presence):
                shared.append(name)
                self.compare(member_path, *forms, kind)
        if self.ordered and len(shared) > 1:
            orders = (shared, [name for name in fake if name in shared])
            self.comparison.count_point(
                f"{path} (order)", *orders, f"order of {holder or 'members'}"
            )


def has_sent_order(values: Iterator[Any]) -> bool:
    """Return False if the members of every object are sorted: then a recorder sorted them."""
    objects = [value for value in values if isinstance(value, dict) and len(value) > 1]
    return any(list(value) != sorted(value) for value in objects)


def objects_in(value: Any) -> Iterator[Any]:
    """Yield every object inside a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
        for element in value.values():
            yield from objects_in(element)
    elif isinstance(value, list):
        for element in value:
            yield from objects_in(element)


def _type_of(value: Any) -> str:
    """Return what an object is, as it says itself; empty where it does not."""
    names = (value.get(key) for key in ("type", "event_type", "object"))
    return next((name for name in names if isinstance(name, str)), "")


_TYPES: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean"}


def _json_type(value: Any) -> str:
    default = "number" if isinstance(value, int | float) else "null"
    return _TYPES.get(type(value), default)
