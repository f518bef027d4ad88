"""Merge two texts into one: what both have, what only the first has, what only the second has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TypeAlias

Span: TypeAlias = tuple[str, str]
"""`same`, `old` or `new`, and the text."""

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_CONTEXT_WORDS = 12
"""How many words and spaces of an equal stretch are shown beside a change."""
_MAX_WORDS = 3_000
_MAX_SPAN = 300
_MIN_LIKENESS = 0.3


def diff_words(old: str, new: str) -> list[Span]:
    """Compare two texts word by word; a long equal stretch is cut to its ends.

    Texts that have little in common, and very long ones, come whole, one after the other.
    """
    old_words, new_words = _WORD.findall(old), _WORD.findall(new)
    prefix_length = _common_prefix_length(old_words, new_words)
    suffix_length = _common_prefix_length(
        old_words[prefix_length:][::-1], new_words[prefix_length:][::-1]
    )
    spans = [
        ("same", _shorten_same(old_words[:prefix_length], keep_start=False)),
        *_diff_middle(
            old_words[prefix_length : len(old_words) - suffix_length],
            new_words[prefix_length : len(new_words) - suffix_length],
        ),
        ("same", _shorten_same(old_words[len(old_words) - suffix_length :], keep_end=False)),
    ]
    return [(kind, text) for kind, text in spans if text]


def _common_prefix_length(first: list[str], second: list[str]) -> int:
    """Return how many words both begin with."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _diff_middle(old: list[str], new: list[str]) -> Iterator[Span]:
    """Yield the spans of what is between the words that both begin and end with."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if len(old) + len(new) > _MAX_WORDS or matcher.quick_ratio() < _MIN_LIKENESS:
        yield from _changed_spans(old, new)
        return
    old_start, new_start = 0, 0
    for a, b, size in matcher.get_matching_blocks():
        if size and "".join(old[a : a + size]).isspace():
            continue  # a space between two words that differ
        yield from _changed_spans(old[old_start:a], new[new_start:b])
        yield "same", _shorten_same(old[a : a + size])
        old_start, new_start = a + size, b + size


def _changed_spans(old: list[str], new: list[str]) -> Iterator[Span]:
    """Yield what only the old text has, and what only the new one has, both cut where long."""
    for kind, tokens in (("old", old), ("new", new)):
        text = "".join(tokens)
        yield (
            kind,
            text if len(text) <= _MAX_SPAN else f"{text[:_MAX_SPAN]}… ({len(text):,} characters)",
        )


def _shorten_same(tokens: list[str], *, keep_start: bool = True, keep_end: bool = True) -> str:
    """Cut an equal stretch to the words beside a change: at its start, at its end, or both."""
    if len(tokens) <= _CONTEXT_WORDS * (keep_start + keep_end) + 1:
        return "".join(tokens)
    start = "".join(tokens[:_CONTEXT_WORDS]).rstrip() + " " if keep_start else ""
    end = " " + "".join(tokens[-_CONTEXT_WORDS:]).lstrip() if keep_end else ""
    return f"{start}…{end}"
