"""A cassette with some of its conversations recorded anew."""

from __future__ import annotations

from collections.abc import Sequence

from ..recordings.conversations import Take, Takes, other_key
from ..recordings.recorded import Recorded


def renewed(old: Sequence[Recorded], new: Sequence[Recorded]) -> list[Recorded]:
    """The old exchanges, those that were asked again replaced, and what nobody had asked behind.

    The same question is what means the same at the same place of its conversation; with it go the
    gets, cancels and deletes of its interaction.
    """
    before, after = _groups(old), _groups(new)
    made: list[Recorded] = []
    asked = set(after.values())
    placed: set[str] = set()
    for recorded in old:
        group = before[id(recorded)]
        if group not in asked:
            made.append(recorded)
        elif group not in placed:
            placed.add(group)
            made += [one for one in new if after[id(one)] == group]
    return [*made, *(one for one in new if after[id(one)] not in placed)]


def _groups(exchanges: Sequence[Recorded]) -> dict[int, str]:
    """For each exchange, by identity, a name of what it asks."""
    takes = Takes()
    takes.add("", exchanges)
    groups = {id(one): "\0".join(other_key(one.exchange)) for one in exchanges}
    for take in takes.all:
        for one in _all(take):
            groups[id(one)] = take.key or f"stray {take.id}"
    return groups


def _all(take: Take) -> list[Recorded]:
    return [*([take.create] if take.create else []), *take.later]
