"""Two answers side by side, in shape: a count of points, and where they differ.

A point is one fact that both could share: a member is there, the order of an object's members,
the type of a value, a list's length, a tag's value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..wire.json_paths import join
from ..wording import brief_json

TAGS = frozenset("type status object model agent service_tier event_type name code message".split())
"""Members whose value is compared too, not its type alone."""


@dataclass(slots=True)
class Comparison:
    """What a comparison counted. `differences` are `path: recorded …, fake …` lines."""

    points: int = 0
    differences: list[str] = field(default_factory=list)

    def point(self, path: str, recorded: Any, fake: Any) -> bool:
        """Count one point; True if both agree."""
        self.points += 1
        if recorded == fake:
            return True
        self.differences.append(f"{path}: recorded {brief_json(recorded)}, fake {brief_json(fake)}")
        return False

    def values(self, path: str, recorded: Any, fake: Any, *, ordered: bool) -> None:
        """Compare two JSON values; `ordered` False leaves the order of members aside."""
        if not self.point(f"{path} (type)", _type(recorded), _type(fake)):
            return
        if isinstance(recorded, dict):
            self._objects(path, recorded, fake, ordered=ordered)
        elif isinstance(recorded, list):
            self.point(f"{path} (length)", len(recorded), len(fake))
            for at, (left, right) in enumerate(zip(recorded, fake, strict=False)):
                self.values(f"{path}[{at}]", left, right, ordered=ordered)

    def _objects(self, path: str, recorded: Any, fake: Any, *, ordered: bool) -> None:
        both = [name for name in recorded if name in fake]
        for name in [*recorded, *(name for name in fake if name not in recorded)]:
            self.point(f"{join(path, name)} (present)", name in recorded, name in fake)
        if ordered:
            self.point(f"{path} (order)", both, [name for name in fake if name in recorded])
        for name in both:
            place = join(path, name)
            self.values(place, recorded[name], fake[name], ordered=ordered)
            if name in TAGS and isinstance(recorded[name], str):
                self.point(place, recorded[name], fake[name])


def ordered_as_sent(values: Iterator[Any]) -> bool:
    """False where a recorder sorted the members of every object: their order tells nothing."""
    objects = [value for value in values if isinstance(value, dict) and len(value) > 1]
    return any(list(value) != sorted(value) for value in objects)


def objects_in(value: Any) -> Iterator[Any]:
    """Every object inside a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from objects_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from objects_in(item)


_TYPES: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean"}


def _type(value: Any) -> str:
    default = "number" if isinstance(value, int | float) else "null"
    return _TYPES.get(type(value), default)
