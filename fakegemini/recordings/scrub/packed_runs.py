"""Find the parts of a body that hold a value inside of an archive, or another packing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from .body import Scalar, ScannedBody
from .packed_texts import MAX_DEPTH, OpenedText, open_texts

_Holds: TypeAlias = Callable[[str], bool]


class PackedRun(NamedTuple):
    """A part of a body that is packed; `start` and `end` are its place in the body."""

    scalar: Scalar
    start: int
    end: int
    run: str


def runs_that_hold(body: ScannedBody, holds: _Holds) -> Iterator[PackedRun]:
    """Yield the packed parts of which `holds` says that what is inside holds a value.

    Where the part shows the value itself, it can be replaced there, and is not yielded.
    """
    for scalar in body.scalars:
        for opened in open_texts(scalar.value) if scalar.is_string else ():
            if holds(opened.run) or not _holds_inside(opened, holds, 0):
                continue
            start = scalar.raw.find(opened.run)
            start, length = (start, len(opened.run)) if start >= 0 else (0, len(scalar.raw))
            begin = scalar.start + start
            yield PackedRun(scalar, begin, begin + length, opened.run)


def _holds_inside(opened: OpenedText, holds: _Holds, depth: int) -> bool:
    return holds(opened.inner) or (
        depth < MAX_DEPTH
        and any(_holds_inside(inner, holds, depth + 1) for inner in open_texts(opened.inner))
    )
