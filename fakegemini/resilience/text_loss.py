"""Find out whether a result is the good day's with a piece of text missing, or there twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

_MAX_LENGTH = 100_000
"""The longest text, in characters, that is searched for a piece twice: the search takes time."""


def is_shortened(good: Any, actual: Any, delivered_text: str) -> bool:
    """Return whether `actual` is `good` with nothing changed but text that is missing.

    The `delivered_text` must be in it: a fallback or an apology is no shortened text.
    """
    return _only_texts_differ(
        good, actual, lambda full, part: _is_part_missing(full, part, delivered_text)
    )


def is_doubled(good: Any, actual: Any) -> bool:
    """Return whether `actual` is `good` with nothing changed but text that is there twice."""
    return _only_texts_differ(good, actual, _is_part_doubled)


def contains_text(value: Any, texts: list[str]) -> bool:
    """Return whether one of the texts is somewhere in the value."""
    value = _simplify(value)
    if isinstance(value, str):
        return any(text and text in value for text in texts)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(contains_text(part, texts) for part in parts)


def _only_texts_differ(good: Any, actual: Any, is_spoiled: Callable[[str, str], bool]) -> bool:
    """Return whether some texts are spoiled and all else is equal."""
    pairs = _text_pairs(good, actual)
    if pairs is None:
        return False
    different_pairs = [(full, part) for full, part in pairs if full != part]
    return bool(different_pairs) and all(is_spoiled(full, part) for full, part in different_pairs)


def _text_pairs(good: Any, actual: Any) -> list[tuple[str, str]] | None:
    """Pair the texts of two values; None where anything else differs."""
    good, actual = _simplify(good), _simplify(actual)
    if isinstance(good, str) and isinstance(actual, str):
        return [(good, actual)]
    if isinstance(good, dict) and isinstance(actual, dict) and good.keys() == actual.keys():
        inner_pairs = [_text_pairs(good[key], actual[key]) for key in good]
    elif isinstance(good, list) and isinstance(actual, list) and len(good) == len(actual):
        inner_pairs = [
            _text_pairs(first, second) for first, second in zip(good, actual, strict=True)
        ]
    else:
        return [] if _are_equal(good, actual) else None
    return None if None in inner_pairs else [pair for pairs in inner_pairs for pair in pairs or ()]


def _simplify(value: Any) -> Any:
    """Turn dataclasses into dicts, tuples into lists, and lists of texts into one text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        return "".join(value)  # the pieces of a stream
    return list(value) if isinstance(value, tuple) else value


def _are_equal(good: Any, actual: Any) -> bool:
    try:
        return bool(good == actual)
    except Exception:  # an array, or anything else that does not compare
        return False


def _is_part_missing(full: str, part: str, delivered_text: str) -> bool:
    """Return whether `part` is `full` without one piece, and has what was delivered."""
    gap = len(full) - len(part)
    if gap <= 0 or not delivered_text.strip() or delivered_text.strip() not in part:
        return False
    common_length = _common_length(full, part)
    return full.endswith(part[common_length:])


def _is_part_doubled(full: str, longer: str) -> bool:
    """Return whether `longer` is `full` with one piece twice in a row."""
    surplus = len(longer) - len(full)
    if surplus <= 0 or max(len(full), len(longer)) > _MAX_LENGTH:
        return False
    # Up to some place it is the text, and from there on the text from an earlier place on.
    common_length = _common_length(full, longer)
    return any(longer[at:] == full[at - surplus :] for at in range(common_length, surplus - 1, -1))


def _common_length(first: str, second: str) -> int:
    pairs = zip(first, second, strict=False)
    return next(
        (at for at, (a, b) in enumerate(pairs) if a != b),
        min(len(first), len(second)),
    )
