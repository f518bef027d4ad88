"""Tell whether a text has the `pattern` of a schema, in a time that the pattern cannot stretch.

The engine is that of jsonschema-rs: it reads ECMA 262, is linear for what is regular, and gives up
early on the rest, which then counts as no match.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ...errors import SlowPattern
from ...wire.bounded_patterns import search_bounded

if TYPE_CHECKING:
    from collections.abc import Callable

_BACKTRACK_LIMIT = 20_000
# Python warns that it may read these as set operations one day, and other engines do: not tried.
_SET_SYNTAX = re.compile(r"\[\^?\[|--|&&|~~|\|\|")


def matches_pattern(pattern: Any, text: str) -> bool:
    """Return whether a text has the pattern; true for a pattern that no engine can read."""
    return not isinstance(pattern, str) or _matcher_of(pattern)(text)


@lru_cache(maxsize=256)
def _matcher_of(pattern: str) -> Callable[[str], bool]:
    """Compile a pattern once; what only Python reads goes to its bounded engine."""
    if _SET_SYNTAX.search(pattern):
        return _match_anything
    # Loaded when the first pattern comes: the validator is a compiled library.
    from jsonschema_rs import Draft202012Validator, FancyRegexOptions, ValidationError

    options = FancyRegexOptions(backtrack_limit=_BACKTRACK_LIMIT)
    try:
        is_valid = Draft202012Validator({"pattern": pattern}, pattern_options=options).is_valid
    except (ValidationError, ValueError):
        return _python_matcher(pattern)

    def match(text: str) -> bool:
        try:
            return bool(is_valid(text))
        except ValueError:  # a lone surrogate, which no JSON text holds
            return False

    return match


def _python_matcher(pattern: str) -> Callable[[str], bool]:
    try:
        # ASCII as in ECMA 262, whose \w and \d know no other letters and digits.
        compiled = re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        return _match_anything

    def match(text: str) -> bool:
        try:
            return search_bounded(compiled, text)
        except SlowPattern:
            return False

    return match


def _match_anything(text: str) -> bool:
    return True
