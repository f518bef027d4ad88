"""Regular languages as terms, and what is left of one behind a character: its derivative.

A text is walked as START, its characters, END, so that `^` and `$` are characters, too. Terms know
intersection and complement, so look-ahead, several patterns at once and patterns that must not
match are terms like all others. (Brzozowski 1964: a term accepts the text behind a character if
its derivative by that character does.)
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

START, END = "\x02", "\x03"
"""The characters before and behind a text."""

WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


@dataclass(frozen=True, slots=True)
class CharSet:
    """A set of characters: ranges and Unicode categories (`Lu`, `L`), or all others."""

    ranges: tuple[tuple[str, str], ...] = ()
    categories: tuple[str, ...] = ()
    without_categories: tuple[str, ...] = ()
    negated: bool = False
    any_case: bool = False

    def contains(self, char: str) -> bool:
        """Tell whether a character is in the set; START and END are in none but their own."""
        return _contains(self, char)

    def names(self, char: str) -> bool:
        """Tell whether a range or a category names a character, which may exclude it."""
        if any(first <= char <= last for first, last in self.ranges):
            return True
        category = unicodedata.category(char)
        return any(category.startswith(name) for name in self.categories) or (
            bool(self.without_categories)
            and not any(category.startswith(name) for name in self.without_categories)
        )


@lru_cache(maxsize=50_000)
def _contains(char_set: CharSet, char: str) -> bool:
    if char in (START, END):
        return not char_set.negated and (char, char) in char_set.ranges
    cases = {char, char.lower(), char.upper()} if char_set.any_case else {char}
    return any(char_set.names(case) for case in cases if len(case) == 1) is not char_set.negated


@dataclass(frozen=True, slots=True)
class Nothing:
    """The term that no text fits."""


@dataclass(frozen=True, slots=True)
class Empty:
    """The term that the empty text alone fits."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Any characters, START and END among them."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A place between a word and what is no word, or with `inside` any other place."""

    inside: bool


@dataclass(frozen=True, eq=False)
class Ahead:
    """A place behind which the term follows, or with `negated` does not."""

    term: Term
    negated: bool


@dataclass(frozen=True, eq=False)
class Chain:
    """One term and then another one."""

    first: Term
    second: Term

    @cached_property
    def has_places(self) -> bool:
        """Whether there is a place in it."""
        return has_places(self.first) or has_places(self.second)


@dataclass(frozen=True, eq=False)
class Either:
    """The texts that fit any of the terms."""

    terms: frozenset[Term]


@dataclass(frozen=True, eq=False)
class Both:
    """The texts that fit all of the terms."""

    terms: frozenset[Term]


@dataclass(frozen=True, eq=False)
class Not:
    """Every text but those of the term."""

    term: Term


@dataclass(frozen=True, eq=False)
class Repeat:
    """A term `low` to `high` times; without `high` any number of times."""

    term: Term
    low: int
    high: int | None


Term: TypeAlias = (
    CharSet | Nothing | Empty | Anything | Boundary | Ahead | Chain | Either | Both | Not | Repeat
)

NOTHING, EMPTY, ANYTHING = Nothing(), Empty(), Anything()

# One term of the same parts is one object, so that comparing two looks no deeper.
_new_chain = lru_cache(maxsize=50_000)(Chain)
_new_either = lru_cache(maxsize=50_000)(Either)
_new_both = lru_cache(maxsize=50_000)(Both)
_new_not = lru_cache(maxsize=50_000)(Not)
_new_repeat = lru_cache(maxsize=50_000)(Repeat)


def chain(first: Term, second: Term) -> Term:
    """Return one term and then another; what looks ahead looks at all that follows."""
    if NOTHING in (first, second):
        return NOTHING
    if isinstance(first, Empty):
        return second
    if isinstance(first, Chain):
        return chain(first.first, chain(first.second, second))
    if isinstance(first, Ahead):
        looked = chain(first.term, ANYTHING)
        return both(second, negate(looked) if first.negated else looked)
    if isinstance(first, Either) and has_places(first):
        return either(*(chain(term, second) for term in first.terms))
    if isinstance(second, Empty):
        return first
    return _new_chain(first, second)


def either(*terms: Term) -> Term:
    """Return what any of the terms accepts."""
    flat = {
        inner
        for term in terms
        for inner in (term.terms if isinstance(term, Either) else (term,))
        if inner != NOTHING
    }
    if not flat or ANYTHING in flat:
        return ANYTHING if flat else NOTHING
    return flat.pop() if len(flat) == 1 else _new_either(frozenset(flat))


def both(*terms: Term) -> Term:
    """Return what all of the terms accept."""
    flat = {
        inner
        for term in terms
        for inner in (term.terms if isinstance(term, Both) else (term,))
        if inner != ANYTHING
    }
    if not flat or NOTHING in flat:
        return NOTHING if flat else ANYTHING
    return flat.pop() if len(flat) == 1 else _new_both(frozenset(flat))


def negate(term: Term) -> Term:
    """Return what a term does not accept."""
    if isinstance(term, Not):
        return term.term
    if isinstance(term, (Nothing, Anything)):
        return ANYTHING if isinstance(term, Nothing) else NOTHING
    return _new_not(term)


def repeat(term: Term, low: int, high: int | None) -> Term:
    """Return a term so many times."""
    if high == 0 or isinstance(term, Empty):
        return EMPTY
    return term if (low, high) == (1, 1) else _new_repeat(term, low, high)


def has_places(term: Term) -> bool:
    """Tell whether a term holds something that matches a place and no character."""
    if isinstance(term, (Boundary, Ahead)):
        return True
    if isinstance(term, Chain):
        return term.has_places
    if isinstance(term, (Either, Both)):
        return any(map(has_places, term.terms))
    return isinstance(term, (Not, Repeat)) and has_places(term.term)


def has_boundary(term: Term) -> bool:
    """Tell whether a term asks where words begin and end."""
    if isinstance(term, Chain):
        return has_boundary(term.first) or has_boundary(term.second)
    if isinstance(term, (Either, Both)):
        return any(map(has_boundary, term.terms))
    if isinstance(term, (Not, Repeat, Ahead)):
        return has_boundary(term.term)
    return isinstance(term, Boundary)


def least_length(term: Term) -> int:
    """Return how many characters a text of a term has at least, START and END among them."""
    match term:
        case CharSet():
            return 1
        case Chain(first, second):
            return least_length(first) + least_length(second)
        case Either(terms):
            return min(map(least_length, terms))
        case Both(terms):
            return max(map(least_length, terms))
        case Repeat(inner, low, _):
            return low * least_length(inner)
    return 0


def accepts_empty(term: Term, before: str = "", behind: str = "") -> bool:
    """Tell whether a term accepts the empty text between two characters."""
    match term:
        case Empty() | Anything():
            return True
        case Boundary(inside):
            return ((before in WORD) is (behind in WORD)) is inside
        case Chain(first, second):
            return accepts_empty(first, before, behind) and accepts_empty(second, before, behind)
        case Either(terms):
            return any(accepts_empty(inner, before, behind) for inner in terms)
        case Both(terms):
            return all(accepts_empty(inner, before, behind) for inner in terms)
        case Not(inner):
            return not accepts_empty(inner, before, behind)
        case Repeat(inner, low, _):
            return low == 0 or accepts_empty(inner, before, behind)
    return False


@lru_cache(maxsize=50_000)
def derive(term: Term, char: str, before: str) -> Term:
    """Return what may follow a character in a term; `before` is the character before it."""
    match term:
        case CharSet():
            return EMPTY if term.contains(char) else NOTHING
        case Anything():
            return ANYTHING
        case Chain(first, second):
            return _derive_chain(first, second, char, before)
        case Either(terms):
            return either(*(derive(inner, char, before) for inner in terms))
        case Both(terms):
            return both(*(derive(inner, char, before) for inner in terms))
        case Not(inner):
            return negate(derive(inner, char, before))
        case Repeat():
            return _derive_chain(term, EMPTY, char, before)
    return NOTHING


def _derive_chain(first: Term, second: Term, char: str, before: str) -> Term:
    if isinstance(first, Repeat):
        high = None if first.high is None else first.high - 1
        remainder = chain(repeat(first.term, max(0, first.low - 1), high), second)
        if not has_places(first.term):
            result = chain(derive(first.term, char, before), remainder)
        elif accepts_empty(first.term, before, char):
            result = NOTHING  # a place that is repeated: nothing that people write
        else:
            result = derive(chain(first.term, remainder), char, before)
    else:
        result = chain(derive(first, char, before), second)
    if accepts_empty(first, before, char):
        result = either(result, derive(second, char, before))
    return result
