"""Keep a turn small: its texts as they are, and the bytes of what many turns have in common."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias

from ...protocol.turn import Turn

PackedTurn: TypeAlias = tuple[Any, ...]
"""The bytes of a turn without its texts, and its texts."""

_OBJECTS = ("course", "fault", "files")
"""What is more than JSON in a turn; one that has any of it is not packed."""

_NAMES = tuple(field.name for field in fields(Turn) if field.name not in _OBJECTS)
_read_values = attrgetter(*_NAMES)
_read_objects = attrgetter(*_OBJECTS)

_FORMAT = 2
"""The newest format of marshal in which equal values are equal bytes, however they are held."""

_MOST_TEXTS = 1000

_CONTAINERS = frozenset({dict, list, tuple})

_MARK = ...
"""What stands for a text: no JSON has it, and marshal writes it."""


def pack_turn(turn: Turn) -> PackedTurn | None:
    """Pack a turn; None where it is large, or holds what is not of JSON's own types."""
    if any(_read_objects(turn)):
        return None
    texts: list[str] = []
    try:
        frame = marshal.dumps(_take_texts(_read_values(turn), texts), _FORMAT)
    except (ValueError, RecursionError):  # a subclass, such as an enum's, is not unpacked as one
        return None
    return (_share(frame), *texts) if len(texts) <= _MOST_TEXTS else None


def unpack_turn(packed: PackedTurn) -> Turn:
    """Return the turn that was packed."""
    frame, *texts = packed
    values = _put_texts(marshal.loads(frame), iter(texts))
    return Turn(**dict(zip(_NAMES, values, strict=True)))


@lru_cache(maxsize=256)
def _share(frame: bytes) -> bytes:
    """Return the first bytes that are equal to these."""
    return frame


def _take_texts(value: Any, texts: list[str]) -> Any:
    """Return a container with a mark for each text in it, which are added to `texts`.

    Types stay: many turns have the same ones.
    """
    if type(value) is dict:
        marked = {}
        for key, member in value.items():
            kind = type(member)
            if kind in _CONTAINERS:
                marked[key] = _take_texts(member, texts) if member else member
            elif kind is str and key != "type":
                texts.append(member)
                marked[key] = _MARK
            else:
                marked[key] = member
        return marked
    elements = []
    for element in value:
        kind = type(element)
        if kind in _CONTAINERS:
            element = _take_texts(element, texts) if element else element
        elif kind is str:
            texts.append(element)
            element = _MARK
        elements.append(element)
    return elements if type(value) is list else tuple(elements)


def _put_texts(value: Any, texts: Iterator[str]) -> Any:
    """Put the texts in the place of their marks."""
    if type(value) is dict:
        for key, member in value.items():
            if member is _MARK:
                value[key] = next(texts)
            elif type(member) in _CONTAINERS and member:
                value[key] = _put_texts(member, texts)
        return value
    elements = []
    for element in value:
        if element is _MARK:
            element = next(texts)
        elif type(element) in _CONTAINERS and element:
            element = _put_texts(element, texts)
        elements.append(element)
    return elements if type(value) is list else tuple(elements)
