"""Make numbers for a numeric schema: inside its bounds, on its grid, small and round."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from ...wire.http import Json

_EXACT = 2**53  # beyond it a float no longer holds every integer


def numbers_in_bounds(schema: Json, *, integer: bool, target: int) -> Iterator[int | float]:
    """Yield candidates, the one nearest to `target` first; some may still break a bound."""
    low, low_open = _read_bound(schema, "minimum", "exclusiveMinimum", max)
    high, high_open = _read_bound(schema, "maximum", "exclusiveMaximum", min)
    step = _to_fraction(schema.get("multipleOf"))
    if step:
        step = abs(step)
    if integer:
        # The least common multiple of a/b and 1 is a.
        step = Fraction(step.numerator) if step else Fraction(1)
    if step:
        yield from _numbers_on_grid(step, low, low_open, high, high_open, target, integer)
        return
    middle = _middle_of(low, high)
    for value in (Fraction(target), middle, low, high):
        if value is not None:
            yield _to_number(value, integer)
    # Bounds may lie closer together than their middle can be written exactly.
    if low is not None and high is not None:
        for eighth in range(1, 8):
            yield _to_number(low + (high - low) * eighth / 8, integer)


def _numbers_on_grid(
    step: Fraction,
    low: Fraction | None,
    low_open: bool,
    high: Fraction | None,
    high_open: bool,
    target: int,
    integer: bool,
) -> Iterator[int | float]:
    """Yield multiples of `step` inside the bounds, from the one nearest to `target` outwards."""
    first = None if low is None else math.ceil(low / step)
    last = None if high is None else math.floor(high / step)
    if first is not None and low_open and first * step == low:
        first += 1
    if last is not None and high_open and last * step == high:
        last -= 1
    center = target if integer else max(1, math.ceil(target / step))
    center = math.ceil(Fraction(center) / step) if integer else center
    center = center if last is None else min(center, last)
    center = center if first is None else max(center, first)
    for shift in range(16):
        for position in dict.fromkeys((center + shift, center - shift)):
            inside = (first is None or position >= first) and (last is None or position <= last)
            if inside:
                yield _to_number(position * step, integer)
    yield _to_number(center * step, integer)  # nothing lies inside: as near as can be


def _read_bound(
    schema: Json,
    inclusive_key: str,
    exclusive_key: str,
    tighter: Callable[[Fraction, Fraction], Fraction],
) -> tuple[Fraction | None, bool]:
    """Return the bound that counts, None if there is none, and whether it is exclusive.

    `tighter` chooses between two bounds: `max` of lower ones, `min` of upper ones.
    """
    limit, exclusive = _to_fraction(schema.get(inclusive_key)), schema.get(exclusive_key)
    if isinstance(exclusive, bool):  # draft 4
        return limit, exclusive
    exclusive_limit = _to_fraction(exclusive)
    if exclusive_limit is None:
        return limit, False
    if limit is None or tighter(limit, exclusive_limit) == exclusive_limit:
        return exclusive_limit, True
    return limit, False


def _to_fraction(value: object) -> Fraction | None:
    """Return a number as it is written, 0.1 as a tenth; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return Fraction(repr(value))


def _middle_of(low: Fraction | None, high: Fraction | None) -> Fraction | None:
    if low is not None and high is not None:
        return (low + high) / 2
    if low is not None:
        return low + 1
    return high - 1 if high is not None else None


def _to_number(value: Fraction, integer: bool) -> int | float:
    """Return an int where the value is one and JSON keeps it exact, else a float."""
    integral = value.denominator == 1 and (integer or abs(value) < _EXACT)
    return value.numerator if integral else float(value)
