"""Take texts and identifiers apart into words, and words into stems that meet."""

from __future__ import annotations

import re
from functools import lru_cache

SEARCHED_LENGTH = 4000
"""Characters of a prompt that are searched: hints are in the question, not in its data."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, for tables of words."""
    return frozenset(text.split())


PREPOSITIONS = word_set("in at for to from near of between around on")
STOP_WORDS = (
    PREPOSITIONS
    | word_set("and or then plus also versus vs")
    | word_set("""a an the is are was were be do does did can could would should will may might what
        whats which who whose when where why how i im my me we our you your it its this that
        these those there please with without by as if not no yes get give show tell find make
        current given want need like know about into out up gets returns function tool call use""")
)
"""Words that say nothing of what a prompt is about."""


def stem(word: str) -> str:
    """Return a crude stem in lower case, so that "temperatures" and "Temperature" meet."""
    word = word.lower().removesuffix("'s").removesuffix("\u2019s")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    for suffix in ("ing", "ed", "es", "s"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word.removesuffix(suffix)
            break
    return word.removesuffix("e") if len(word) > 3 else word


def split_identifier(name: str) -> list[str]:
    """Return the lower-case words of an identifier: `getHTTPStatus_code`: get, http, status, code.

    A text gives its words in the same way.
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word.lower() for word in re.findall(r"[^\W_]+", spaced)]


@lru_cache(maxsize=512)  # the names of a schema are looked at for each of its members
def word_stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a text or identifier, without stop words."""
    words = split_identifier(text[:SEARCHED_LENGTH])
    return frozenset(stem(word) for word in words if word not in STOP_WORDS)
