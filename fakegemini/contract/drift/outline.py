"""Describe the wire in a form that schemas and SDK share: types, their members, enum values.

`drift` makes one `Outline` from the schemas and one from an SDK, and compares the two. An outline
is plain data and leaves out what neither side means in the same way: whether a value stands alone
or in a list or a map, and the JSON types of leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

TAGS = ("type", "event_type")
"""The members that may tell types apart; one that can hold a single value does."""


@dataclass(frozen=True)
class Node:
    """What may stand in one place.

    place: its name, for people; `at` names the member that led here, if that is another place
    values: the strings that are listed, possibly none
    objects: tag -> key of a shape; the tag is "" where an object has none, the key is "" where
        nothing is known but the tag
    unspecified: nothing at all is said, so nothing can differ
    """

    place: str = ""
    values: frozenset[str] = frozenset()
    objects: Mapping[str, str] = field(default_factory=dict)
    unspecified: bool = False


@dataclass(frozen=True)
class Shape:
    """An object: member -> what may stand there, and which members must be there."""

    place: str
    members: Mapping[str, Node]
    required: frozenset[str] = frozenset()

    def tag(self) -> str:
        """Return the one value of the member that tells the object apart, or ""."""
        for name in TAGS:
            values = self.members[name].values if name in self.members else frozenset()
            if len(values) == 1:
                return next(iter(values))
        return ""


@dataclass(frozen=True)
class Outline:
    """Roots (`create`, `interaction`, `event`) and all shapes that are reached from them.

    unknown_unions: name -> event types of the unions of events that are none of the roots
    """

    roots: Mapping[str, Node]
    shapes: Mapping[str, Shape]
    unknown_unions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def group_by_tag(shapes: Iterable[tuple[str, Shape]]) -> dict[str, list[str]]:
    """Return tag -> the keys of the shapes with it; several are one object in parts."""
    keys_by_tag: dict[str, list[str]] = {}
    for key, shape in shapes:
        keys = keys_by_tag.setdefault(shape.tag(), [])
        if key not in keys:
            keys.append(key)
    return keys_by_tag


def merge_shapes(shapes: Iterable[Shape]) -> Shape:
    """Merge objects that are not told apart: all members, demanded where all demand them.

    Raises `ValueError` for no shapes.
    """
    parts = list(shapes)
    members: dict[str, Node] = {}
    for part in parts:
        for name, node in part.members.items():
            members[name] = _merge_nodes(members[name], node) if name in members else node
    if not parts:
        raise ValueError("no shapes to merge")
    required = frozenset.intersection(*(part.required for part in parts))
    return Shape(parts[0].place, members, required)


def _merge_nodes(first: Node, second: Node) -> Node:
    return Node(
        first.place,
        first.values | second.values,
        {**second.objects, **first.objects},
        first.unspecified and second.unspecified,
    )
