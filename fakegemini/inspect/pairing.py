"""Which turn of one cassette stands for which of another: by meaning, else the nearest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias, TypeVar

from ..recordings.conversations import Take

T = TypeVar("T")
Pair: TypeAlias = tuple[T | None, T | None]

_TOO_MANY = 2_500
"""How many pairs are compared to find the nearest; beyond that the order decides."""


def paired(left: Sequence[Take], right: Sequence[Take]) -> Iterator[Pair[Take]]:
    """Every take of both sides, with the one that stands for it, or None.

    Conversations are paired first, then the turns that continue paired ones, so that what follows
    a turn that differs is still compared with what followed it on the other side.
    """
    todo: list[tuple[Sequence[Take], Sequence[Take]]] = [(left, right)]
    for ones, others in todo:
        for one, other in matched(ones, others, meant):
            yield one, other
            below = (one.children if one else [], other.children if other else [])
            todo += [below] if any(below) else []


def meant(take: Take) -> str:
    """What a take asked, as text; the same for two that asked the same."""
    return json.dumps([take.id if not take.create else "", take.means], sort_keys=True)


def matched(left: Sequence[T], right: Sequence[T], said: Callable[[T], str]) -> list[Pair[T]]:
    """Equal ones in their order, then the nearest, then what is left over; in the order of left."""
    texts = [[said(item) for item in side] for side in (left, right)]
    mates = _equal(*texts)
    rest = [n for n in range(len(left)) if n not in mates]
    free = [n for n in range(len(right)) if n not in mates.values()]
    mates |= _nearest(texts, rest, free)
    taken = set(mates.values())
    pairs: list[Pair[T]] = [
        (item, right[mates[n]] if n in mates else None) for n, item in enumerate(left)
    ]
    return [*pairs, *((None, item) for n, item in enumerate(right) if n not in taken)]


def _equal(left: list[str], right: list[str]) -> dict[int, int]:
    waiting: dict[str, list[int]] = {}
    for number, text in reversed([*enumerate(right)]):
        waiting.setdefault(text, []).append(number)
    return {n: waiting[text].pop() for n, text in enumerate(left) if waiting.get(text)}


def _nearest(texts: list[list[str]], left: list[int], right: list[int]) -> dict[int, int]:
    if len(left) * len(right) > _TOO_MANY:
        return dict(zip(left, right, strict=False))
    words = {n: texts[0][n].split() for n in left}
    likeness: list[tuple[float, int, int]] = []
    for there in right:
        matcher = SequenceMatcher(autojunk=False, b=texts[1][there].split())
        for here in left:
            matcher.set_seq1(words[here])
            likeness.append((-matcher.ratio(), here, there))
    mates: dict[int, int] = {}
    for _, here, there in sorted(likeness):
        if here not in mates and there not in mates.values():
            mates[here] = there
    return mates
