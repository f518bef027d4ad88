"""Numbers for a numeric schema: inside its bounds, on its grid, small and round."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from ...wire.http import Json

_EXACT = 2**53  # beyond it a float no longer holds every integer


def figures(schema: Json, *, whole: bool, wanted: int) -> Iterator[int | float]:
    """Candidates, the one nearest to `wanted` first; some may still break a bound."""
    low, low_open = _bound(schema, "minimum", "exclusiveMinimum", max)
    high, high_open = _bound(schema, "maximum", "exclusiveMaximum", min)
    step = _fraction(schema.get("multipleOf"))
    if step:
        step = abs(step)
    if whole:
        # The least common multiple of a/b and 1 is a.
        step = Fraction(step.numerator) if step else Fraction(1)
    if step:
        yield from _on_grid(step, low, low_open, high, high_open, wanted, whole)
        return
    middle = _middle(low, high)
    for value in (Fraction(wanted), middle, low, high):
        if value is not None:
            yield _plain(value, whole)
    # Bounds may lie closer together than their middle can be written exactly.
    if low is not None and high is not None:
        for part in range(1, 8):
            yield _plain(low + (high - low) * part / 8, whole)


def _on_grid(
    step: Fraction,
    low: Fraction | None,
    low_open: bool,
    high: Fraction | None,
    high_open: bool,
    wanted: int,
    whole: bool,
) -> Iterator[int | float]:
    first = None if low is None else math.ceil(low / step)
    last = None if high is None else math.floor(high / step)
    if first is not None and low_open and first * step == low:
        first += 1
    if last is not None and high_open and last * step == high:
        last -= 1
    at = wanted if whole else max(1, math.ceil(wanted / step))
    at = math.ceil(Fraction(at) / step) if whole else at
    at = at if last is None else min(at, last)
    at = at if first is None else max(at, first)
    for shift in range(16):
        for position in dict.fromkeys((at + shift, at - shift)):
            inside = (first is None or position >= first) and (last is None or position <= last)
            if inside:
                yield _plain(position * step, whole)
    yield _plain(at * step, whole)  # nothing lies inside: as near as can be


def _bound(schema: Json, closed: str, open_: str, tighter: object) -> tuple[Fraction | None, bool]:
    limit, edge = _fraction(schema.get(closed)), schema.get(open_)
    if isinstance(edge, bool):  # draft 4
        return limit, edge
    strict = _fraction(edge)
    if strict is None:
        return limit, False
    if limit is None or (strict >= limit if tighter is max else strict <= limit):
        return strict, True
    return limit, False


def _fraction(value: object) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return Fraction(repr(value))


def _middle(low: Fraction | None, high: Fraction | None) -> Fraction | None:
    if low is not None and high is not None:
        return (low + high) / 2
    if low is not None:
        return low + 1
    return high - 1 if high is not None else None


def _plain(value: Fraction, whole: bool) -> int | float:
    integral = value.denominator == 1 and (whole or abs(value) < _EXACT)
    return value.numerator if integral else float(value)
