"""Hold the names of a conversation so that each turn adds its own and copies none before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class SharedNames:
    """A set of names that never changes; one made of it by `with_more` shares what it holds.

    Both look into one table of names and their places, each up to its own size. Where a second one
    is made of the same set, as where a conversation branches, the table is copied once.
    """

    __slots__ = ("_places", "_size")

    def __init__(self, places: dict[str, int] | None = None) -> None:
        self._places = {} if places is None else places
        self._size = len(self._places)

    def __contains__(self, name: str) -> bool:
        return self._places.get(name, self._size) < self._size

    def __iter__(self) -> Iterator[str]:
        return (name for name, place in self._places.items() if place < self._size)

    def with_more(self, names: Iterable[str]) -> SharedNames:
        """Return a set that has these names, too."""
        new_names = [name for name in names if name not in self]
        if not new_names:
            return self
        places = self._places
        if len(places) > self._size or not places:
            places = {name: place for name, place in places.items() if place < self._size}
        for name in new_names:
            places.setdefault(name, len(places))
        return SharedNames(places)


NO_NAMES = SharedNames()
"""The set without names; what is made of it has a table of its own."""
