"""Read the name of a parameter: what kind of value it holds, which words stand before its value.

A label is the words of such a name, in lower case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .formats import FORMATS
from .words import stem, word_set

_PREPOSITION_BY_NAME = {
    "origin": "from",
    "source": "from",
    "departure": "from",
    "from": "from",
    "destination": "to",
    "target": "to",
    "arrival": "to",
    "to": "to",
    "recipient": "to",
}
_KINDS_BY_NAME: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (word_set("email mail recipient"), ("email",)),
    (word_set("url uri link website page"), ("url",)),
    (word_set("date day when checkin checkout deadline"), ("date",)),
    (word_set("time hour"), ("time",)),
)
_PLACES = word_set(
    "location city place town country address destination origin where region area state"
    " departure arrival port airport from to"
)
_PLACE_STEMS = frozenset(map(stem, _PLACES))
_NAMES = word_set("name person author user artist symbol ticker")
_TITLES = word_set("name title subject topic")
_WHOLE_PROMPTS = word_set("query text prompt question message input content body search q")


def mention_kinds(label: Sequence[str], format_name: str | None) -> tuple[str, ...]:
    """Return the kinds of mention that suit a text of that label and format, best first.

    A format decides alone; one that no prompt can mention has no kinds.
    """
    if format_name is not None:
        kind = FORMATS[format_name].mention_kind
        return (kind,) if kind else ()
    name_words = set(label)
    if name_words & _PLACES:
        return ("name", "quoted")
    for names, matching_kinds in _KINDS_BY_NAME:
        if name_words & names:
            return matching_kinds
    return ("quoted", "term", "name") if name_words & _NAMES else ("quoted", "term")


def prepositions_for(label: Iterable[str]) -> set[str]:
    """Return the words that stand before a value of that name in a sentence."""
    prepositions = {_PREPOSITION_BY_NAME[word] for word in label if word in _PREPOSITION_BY_NAME}
    place_prepositions = (
        {"in", "at", "near"} if not prepositions and _PLACE_STEMS & set(map(stem, label)) else set()
    )
    return prepositions | place_prepositions


def is_place(label: Sequence[str]) -> bool:
    """Return whether a parameter of that name holds a place."""
    return bool(_PLACES & set(label))


def is_title(label: Sequence[str]) -> bool:
    """Return whether a parameter of that name says what something is about."""
    return bool(_TITLES & set(label))


def is_whole_prompt(label: Sequence[str]) -> bool:
    """Return whether a parameter of that name takes what the user said as it is."""
    return bool(_WHOLE_PROMPTS & set(label))
