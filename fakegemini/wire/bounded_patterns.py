"""Run the patterns of users for a bounded time: `re` may search one text for years, uninterrupted.

The engine is that of the package `regex`, which reads what `re` reads and takes a time limit, in
seconds of this process's own work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

from ..errors import SlowPattern
from ..wording import shorten

SEARCH_SECONDS = 0.05
"""How long one search may take while others wait for their answers."""

FILE_SECONDS = 2.0
"""How long one pass over a text may take where only a file is worked on."""

_Result = TypeVar("_Result")
_FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE
_SHOWN_LENGTH = 80


def search_bounded(pattern: re.Pattern[str], text: str, *, seconds: float = SEARCH_SECONDS) -> bool:
    """Tell whether a pattern is found in a text; raises `SlowPattern`."""
    return _run(pattern, lambda engine: engine.search(text, timeout=seconds) is not None, seconds)


def sub_bounded(pattern: re.Pattern[str], mask: str, text: str) -> str:
    """Put `mask` in the place of each match in a text; raises `SlowPattern`."""
    return _run(
        pattern,
        lambda engine: str(engine.sub(lambda _: mask, text, timeout=SEARCH_SECONDS)),
        SEARCH_SECONDS,
    )


def iterate_bounded(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Iterate over the matches in a text of a file, all found beforehand; raises `SlowPattern`."""
    matches: list[re.Match[str]] = _run(
        pattern, lambda engine: list(engine.finditer(text, timeout=FILE_SECONDS)), FILE_SECONDS
    )
    return iter(matches)


def _run(pattern: re.Pattern[str], work: Callable[[Any], _Result], seconds: float) -> _Result:
    try:
        return work(_engine_for(pattern.pattern, pattern.flags))
    except TimeoutError:
        raise SlowPattern(
            f"the pattern {shorten(repr(pattern.pattern), _SHOWN_LENGTH)} took more than {seconds} "
            "seconds on one text, and was stopped. Fix: let no repetition stand inside another one "
            r"that can match the same characters, as in (\w+\s?)+"
        ) from None


@lru_cache(maxsize=512)
def _engine_for(pattern: str, flags: int) -> Any:
    """Compile a pattern of `re` for the other engine; raises `SlowPattern` where it reads it not.

    Loaded when the first user's pattern is used: the engine is a compiled library.
    """
    import regex

    engine_flags = flags & _FLAGS | (regex.ASCII if flags & re.ASCII else 0)
    try:
        return regex.compile(pattern, engine_flags)
    except (regex.error, RecursionError) as error:
        raise SlowPattern(
            f"the pattern {shorten(repr(pattern), _SHOWN_LENGTH)} cannot be run within a bounded "
            f"time: {error}. Fix: write it in another way"
        ) from None
