"""Two texts as one: what both have, what only the first has, what only the second has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TypeAlias

Piece: TypeAlias = tuple[str, str]
"""`same`, `old` or `new`, and the words."""

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_AROUND = 12
"""How many words and spaces of what is the same are kept beside what is not."""
_MANY = 3_000
_MOST = 300
_UNLIKE = 0.3


def words(old: str, new: str) -> list[Piece]:
    """The two texts word by word; of long stretches that are the same only the ends are kept.

    Texts that have little in common, and very long ones, are given one after the other.
    """
    left, right = _WORD.findall(old), _WORD.findall(new)
    head = _common(left, right)
    tail = _common(left[head:][::-1], right[head:][::-1])
    pieces = [
        ("same", _ends(left[:head], left=False)),
        *_middle(left[head : len(left) - tail], right[head : len(right) - tail]),
        ("same", _ends(left[len(left) - tail :], right=False)),
    ]
    return [(kind, text) for kind, text in pieces if text]


def _common(left: list[str], right: list[str]) -> int:
    """How many words both begin with."""
    pairs = zip(left, right, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _middle(left: list[str], right: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if len(left) + len(right) > _MANY or matcher.quick_ratio() < _UNLIKE:
        yield from _sides(left, right)
        return
    at, to = 0, 0
    for a, b, size in matcher.get_matching_blocks():
        if size and "".join(left[a : a + size]).isspace():
            continue  # a space between two words that differ
        yield from _sides(left[at:a], right[to:b])
        yield "same", _ends(left[a : a + size])
        at, to = a + size, b + size


def _sides(left: list[str], right: list[str]) -> Iterator[Piece]:
    for kind, tokens in (("old", left), ("new", right)):
        text = "".join(tokens)
        yield kind, text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text):,} characters)"


def _ends(tokens: list[str], *, left: bool = True, right: bool = True) -> str:
    """The words next to what differs, which is on the `left` of them, on the `right`, or both."""
    if len(tokens) <= _AROUND * (left + right) + 1:
        return "".join(tokens)
    first = "".join(tokens[:_AROUND]).rstrip() + " " if left else ""
    last = " " + "".join(tokens[-_AROUND:]).lstrip() if right else ""
    return f"{first}…{last}"
