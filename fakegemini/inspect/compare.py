"""Compare two JSON values in shape: count the points, and note where they differ.

A point is one fact that both could share: a member is there, the order of an object's members,
the type of a value, a list's length, a tag's value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..wire.json_paths import join_path
from ..wording import brief_json

TAGS = frozenset("type status object model agent service_tier event_type name code message".split())
"""Members whose text is compared, too, not its type alone."""


@dataclass(slots=True)
class Comparison:
    """The count of a comparison; `differences` are lines such as `path: recorded …, fake …`."""

    points: int = 0
    differences: list[str] = field(default_factory=list)

    def count_point(self, path: str, recorded: Any, fake: Any) -> bool:
        """Count one point, note a difference, and return whether both are equal."""
        self.points += 1
        if recorded == fake:
            return True
        self.differences.append(f"{path}: recorded {brief_json(recorded)}, fake {brief_json(fake)}")
        return False

    def compare_values(self, path: str, recorded: Any, fake: Any, *, ordered: bool) -> None:
        """Compare two JSON values; `ordered` is whether the order of members counts."""
        if not self.count_point(f"{path} (type)", _json_type(recorded), _json_type(fake)):
            return
        if isinstance(recorded, dict):
            self._compare_objects(path, recorded, fake, ordered=ordered)
        elif isinstance(recorded, list):
            self.count_point(f"{path} (length)", len(recorded), len(fake))
            for index, (recorded_element, fake_element) in enumerate(
                zip(recorded, fake, strict=False)
            ):
                self.compare_values(
                    f"{path}[{index}]", recorded_element, fake_element, ordered=ordered
                )

    def _compare_objects(self, path: str, recorded: Any, fake: Any, *, ordered: bool) -> None:
        shared = [name for name in recorded if name in fake]
        for name in [*recorded, *(name for name in fake if name not in recorded)]:
            self.count_point(f"{join_path(path, name)} (present)", name in recorded, name in fake)
        if ordered:
            self.count_point(f"{path} (order)", shared, [name for name in fake if name in recorded])
        for name in shared:
            member_path = join_path(path, name)
            self.compare_values(member_path, recorded[name], fake[name], ordered=ordered)
            if name in TAGS and isinstance(recorded[name], str):
                self.count_point(member_path, recorded[name], fake[name])


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


_TYPES: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean"}


def _json_type(value: Any) -> str:
    default = "number" if isinstance(value, int | float) else "null"
    return _TYPES.get(type(value), default)
