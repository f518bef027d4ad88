"""Pair the turns of two cassettes: those that mean the same, then the most alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias, TypeVar

from ..recordings.conversations import RecordedInteraction

T = TypeVar("T")
Pair: TypeAlias = tuple[T | None, T | None]

_MAX_PAIRS = 2_500
"""How many pairs are compared to find the most alike; beyond that the order decides."""


def pair_interactions(
    first_roots: Sequence[RecordedInteraction], second_roots: Sequence[RecordedInteraction]
) -> Iterator[Pair[RecordedInteraction]]:
    """Yield every interaction of both sides with its partner, or None.

    The first turns of conversations are paired first, then the turns that continue a pair. So what
    follows a turn that differs is still compared with what follows it on the other side.
    """
    pending: list[tuple[Sequence[RecordedInteraction], Sequence[RecordedInteraction]]] = [
        (first_roots, second_roots)
    ]
    for first_siblings, second_siblings in pending:
        for first, second in match_by_text(first_siblings, second_siblings, request_text):
            yield first, second
            children = (first.children if first else [], second.children if second else [])
            pending += [children] if any(children) else []


def request_text(interaction: RecordedInteraction) -> str:
    """Return what an interaction asked as text, which is the same for the same question."""
    return json.dumps(
        [interaction.id if not interaction.create else "", interaction.meaning], sort_keys=True
    )


def match_by_text(
    first: Sequence[T], second: Sequence[T], text_of: Callable[[T], str]
) -> list[Pair[T]]:
    """Pair the equal ones in their order, then the most alike; the rest has no partner.

    The pairs are in the order of `first`, followed by what only `second` has.
    """
    texts = [[text_of(element) for element in side] for side in (first, second)]
    partners = _pair_equal(*texts)
    unpaired = [n for n in range(len(first)) if n not in partners]
    available = [n for n in range(len(second)) if n not in partners.values()]
    partners |= _pair_nearest(texts, unpaired, available)
    paired = set(partners.values())
    pairs: list[Pair[T]] = [
        (element, second[partners[n]] if n in partners else None) for n, element in enumerate(first)
    ]
    return [*pairs, *((None, element) for n, element in enumerate(second) if n not in paired)]


def _pair_equal(first: list[str], second: list[str]) -> dict[int, int]:
    """Return the positions in `second` by those in `first` of equal texts."""
    numbers_by_text: dict[str, list[int]] = {}
    for number, text in reversed([*enumerate(second)]):
        numbers_by_text.setdefault(text, []).append(number)
    return {
        n: numbers_by_text[text].pop() for n, text in enumerate(first) if numbers_by_text.get(text)
    }


def _pair_nearest(
    texts: list[list[str]], first_numbers: list[int], second_numbers: list[int]
) -> dict[int, int]:
    """Return the positions in the second list by those in the first, the most alike first."""
    if len(first_numbers) * len(second_numbers) > _MAX_PAIRS:
        return dict(zip(first_numbers, second_numbers, strict=False))
    words = {n: texts[0][n].split() for n in first_numbers}
    scores: list[tuple[float, int, int]] = []
    for second_number in second_numbers:
        matcher = SequenceMatcher(autojunk=False, b=texts[1][second_number].split())
        for first_number in first_numbers:
            matcher.set_seq1(words[first_number])
            scores.append((-matcher.ratio(), first_number, second_number))
    partners: dict[int, int] = {}
    for _, first_number, second_number in sorted(scores):
        if first_number not in partners and second_number not in partners.values():
            partners[first_number] = second_number
    return partners
