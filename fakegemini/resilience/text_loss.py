"""Whether a result is the good day's with a piece missing, or with a piece twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

_LONG = 100_000


def shortened(good: Any, got: Any, delivered: str) -> bool:
    """Whether `got` is `good` with nothing changed but text that is missing.

    What was `delivered` must show in it: a fallback or an apology is no shortened text.
    """
    return _differ(good, got, lambda whole, part: _lost(whole, part, delivered))


def doubled(good: Any, got: Any) -> bool:
    """Whether `got` is `good` with nothing changed but text that is there twice."""
    return _differ(good, got, _twice)


def tells(value: Any, texts: list[str]) -> bool:
    """Whether one of the texts is somewhere in the value."""
    value = _plain(value)
    if isinstance(value, str):
        return any(text and text in value for text in texts)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(tells(one, texts) for one in inner)


def _differ(good: Any, got: Any, spoiled: Callable[[str, str], bool]) -> bool:
    """Whether some texts are spoiled and all else is equal."""
    pairs = _pairs(good, got)
    if pairs is None:
        return False
    changed = [(whole, part) for whole, part in pairs if whole != part]
    return bool(changed) and all(spoiled(whole, part) for whole, part in changed)


def _pairs(good: Any, got: Any) -> list[tuple[str, str]] | None:
    """The texts of two values side by side; None where anything else differs."""
    good, got = _plain(good), _plain(got)
    if isinstance(good, str) and isinstance(got, str):
        return [(good, got)]
    if isinstance(good, dict) and isinstance(got, dict) and good.keys() == got.keys():
        inner = [_pairs(good[key], got[key]) for key in good]
    elif isinstance(good, list) and isinstance(got, list) and len(good) == len(got):
        inner = [_pairs(one, other) for one, other in zip(good, got, strict=True)]
    else:
        return [] if _equal(good, got) else None
    return None if None in inner else [pair for pairs in inner for pair in pairs or ()]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, list | tuple) and value and all(isinstance(one, str) for one in value):
        return "".join(value)  # the pieces of a stream
    return list(value) if isinstance(value, tuple) else value


def _equal(good: Any, got: Any) -> bool:
    try:
        return bool(good == got)
    except Exception:  # an array, or anything else that does not compare
        return False


def _lost(whole: str, part: str, delivered: str) -> bool:
    gap = len(whole) - len(part)
    if gap <= 0 or not delivered.strip() or delivered.strip() not in part:
        return False
    kept = _common(whole, part)
    return whole.endswith(part[kept:])


def _twice(whole: str, more: str) -> bool:
    surplus = len(more) - len(whole)
    if surplus <= 0 or max(len(whole), len(more)) > _LONG:
        return False
    # Up to some place it is the text, and from there on the text from an earlier place on.
    kept = _common(whole, more)
    return any(more[at:] == whole[at - surplus :] for at in range(kept, surplus - 1, -1))


def _common(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, (a, b) in enumerate(pairs) if a != b),
        min(len(one), len(other)),
    )
