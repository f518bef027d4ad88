"""Find texts that match several patterns at once, do not match others, and have a length.

What samples of one pattern alone do not reach: look-ahead, patterns of `allOf`, a pattern beside a
format or a length. Of the libraries that intersect patterns, interegular reads look-ahead but no
anchors within a pattern, no word boundaries and no Unicode categories, and greenery no look-ahead;
those that draw at random (exrex, rstr, Hypothesis) do not find what is rare.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain as chain_iterables

from .pattern_parser import END_SET, START_SET, search_term
from .pattern_terms import (
    END,
    START,
    WORD,
    Ahead,
    Both,
    Chain,
    CharSet,
    Either,
    Not,
    Nothing,
    Repeat,
    Term,
    accepts_empty,
    both,
    chain,
    derive,
    has_boundary,
    has_places,
    least_length,
    negate,
    repeat,
)

_MAX_WORK = 6_000  # characters tried in one search; what people write in schemas needs fewer
_MAX_EXTRA = 600  # characters that a text may have beyond those it must
_MAX_RANGES = 40  # ranges of one set whose ends are tried
_LONGEST = 2_000  # texts that must be longer are not looked for
_SHORT = 4  # the shortest texts come first where they may be as short as this
_MAX_PATTERN = 2_000
_ORDINARY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_POOL = f"{_ORDINARY}-_. ,:/@#%&+=!?*~^|<>()[]{{}}'\"\\;$`éßñÉжЖ中٣€\t"


def find_texts(
    patterns: Iterable[str],
    forbidden: Iterable[str] = (),
    low: int = 0,
    high: int | None = None,
    variant: int = 0,
) -> Iterator[str]:
    """Yield texts of `low` to `high` characters in which all patterns and no forbidden one match.

    The shortest comes first; another `variant` takes other characters. There are none where a
    pattern cannot be read as a term.
    """
    patterns, forbidden = [*patterns], [*forbidden]
    if any(len(pattern) > _MAX_PATTERN for pattern in (*patterns, *forbidden)):
        return
    try:
        term = both(
            chain(START_SET, chain(repeat(CharSet(negated=True), low, high), END_SET)),
            *map(search_term, patterns),
            *(negate(search_term(pattern)) for pattern in forbidden),
        )
        if least_length(term) <= _LONGEST:
            yield from _search(term, variant, low)
    except (ValueError, RecursionError, re.error):
        return


def _search(term: Term, variant: int, low: int) -> Iterator[str]:
    """Walk from state to state, the shortest texts first, or where they must be long in depth."""
    minds_words = has_boundary(term)
    begin = derive(term, START, "")
    queue: deque[tuple[Term, str]] = deque([(begin, "")])
    visited = {(begin, False)}
    take = queue.popleft if low <= _SHORT else queue.pop
    work = _MAX_WORK
    while queue and work > 0:
        state, text = take()
        before = text[-1:] or START
        if accepts_empty(derive(state, END, before)):
            yield text
        if len(text) > low + _MAX_EXTRA:
            continue
        sets = tuple(sorted(set(_sets_of(state)), key=repr))
        chars = _characters_of_kinds(sets, minds_words)
        work -= len(chars)
        for kind in reversed(chars) if low > _SHORT else chars:
            char = kind[(variant + len(text)) % len(kind)]
            following = derive(state, char, before)
            mark = (following, minds_words and char in WORD)
            if not isinstance(following, Nothing) and mark not in visited:
                visited.add(mark)
                queue.append((following, text + char))


@lru_cache(maxsize=2_000)
def _characters_of_kinds(sets: tuple[CharSet, ...], minds_words: bool) -> list[list[str]]:
    """Sort characters by kind, ordinary ones first: those in the same sets do the same to a term.

    Of each kind there are up to 26.
    """
    kinds: dict[tuple[bool, ...], list[str]] = {}
    own = (
        char
        for char_set in sets
        for first, last in char_set.ranges[:_MAX_RANGES]
        for char in (first, last)
        if char not in (START, END) and (first == last or char.isprintable())
    )
    for char in dict.fromkeys(chain_iterables(_POOL, own)):
        kind = (minds_words and char in WORD, *(char_set.contains(char) for char_set in sets))
        kinds.setdefault(kind, []).append(char)
    return [chars[:26] for chars in kinds.values()]


def _sets_of(term: Term) -> Iterator[CharSet]:
    """Yield the sets that decide about the next characters."""
    match term:
        case CharSet():
            yield term
        case Chain(first, second):
            yield from _sets_of(first)
            if has_places(first) or accepts_empty(first):
                yield from _sets_of(second)
        case Either(terms) | Both(terms):
            for inner in terms:
                yield from _sets_of(inner)
        case Not(inner) | Repeat(inner, _, _) | Ahead(inner, _):
            yield from _sets_of(inner)
