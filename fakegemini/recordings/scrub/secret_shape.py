"""Describe one kind of secret that is known by its shape, and tell words from random texts."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class SecretShape:
    """One kind of secret that is known by its shape; a row of `SECRET_SHAPES`.

    kind: what a report calls it
    pattern: finds it; where it has groups, the last one that matched is the secret
    needles: in lower case; a text that holds none of them is not searched
    examples: made-up texts with such a secret, one for each form that it has
    is_secret: tells the secrets among the matches, where the pattern alone cannot
    between: what is before and behind it; one that is a word or short is replaced only there
    """

    kind: str
    pattern: re.Pattern[str]
    needles: tuple[str, ...]
    examples: tuple[str, ...]
    is_secret: Callable[[str], bool] | None = None
    between: tuple[str, str] | None = None


ZEROS = 40 * "0"
"""What the examples are filled with, so that nobody takes them for real."""

_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_LETTERS_PER_RUN = 3.1
_LONGEST_WORD = 15
_MIN_RANDOM = 16
_FILE_NAME = re.compile(r".*\.[a-z]{2,4}\d?")
_UUID = re.compile(r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def word_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern so that it matches at the start of a word, also behind an escape."""
    return re.compile(rf"(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=%[0-9A-Fa-f]{{2}}))(?:{pattern})")


def reads_like_words(value: str) -> bool:
    """Tell whether a text is made of words and numbers, such as `sk-learn-model-2024`.

    Nothing in it is longer than a word, and letters and digits do not change places at random.
    """
    if _UUID.search(value):
        return False
    pieces = re.split(r"[^A-Za-z0-9]+", value)
    runs = _RUN.findall(value)
    return (
        bool(runs)
        and max(map(len, pieces)) <= _LONGEST_WORD
        and sum(map(len, runs)) / len(runs) > _LETTERS_PER_RUN
    )


def is_no_words(value: str) -> bool:
    """Tell whether a text is not made of words and numbers."""
    return not reads_like_words(value)


def looks_random(value: str) -> bool:
    """Tell whether a text has no words in it.

    That is one of 16 characters or more, with digits and letters and no white space, whose
    characters have an entropy of more than 3 bits, and no name of a file.
    """
    if len(value) < _MIN_RANDOM or re.search(r"\s|://", value) or _FILE_NAME.fullmatch(value):
        return False
    if not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value):
        return False
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return entropy > 3 and not reads_like_words(value)
