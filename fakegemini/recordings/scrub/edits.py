"""Edits of a text, and what they do to the chunks in which its bytes came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """What takes the place of a part of a text; `place` is how the digest calls it."""

    start: int
    end: int
    text: str
    place: str


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in order, those that overlap as one with the text of the first."""
    done: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, -one.end)):
        if done and edit.start < done[-1].end:
            done[-1] = replace(done[-1], end=max(edit.end, done[-1].end))
        else:
            done.append(edit)
    return done


def resized(sizes: tuple[int, ...], moves: list[tuple[int, int, int]]) -> tuple[int, ...]:
    """The sizes of chunks after edits: (place, bytes that go, bytes that come) of each."""
    ends, total = [], 0
    for size in sizes:
        total += size
        ends.append(total)
    moved = []
    for end in ends:
        new = end
        for start, gone, come in moves:
            if start + gone <= end:
                new += come - gone
            elif start < end:
                new += min(end - start, come) - (end - start)
        moved.append(new)
    return tuple(after - before for before, after in pairwise([0, *moved]))


def text_of(raw: bytes) -> str:
    """Bytes as text; what is no UTF-8 comes back unchanged through `bytes_of`."""
    return raw.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """The bytes of `text_of`."""
    return text.encode("utf-8", "surrogateescape")


def rewritten(text: str, edits: list[Edit]) -> tuple[bytes, list[tuple[int, int, int]]]:
    """The bytes of a text after edits that are in order, and the moves that `resized` takes."""
    made, moves, at = bytearray(), list[tuple[int, int, int]](), 0
    old = 0
    for edit in edits:
        before, gone = bytes_of(text[at : edit.start]), bytes_of(text[edit.start : edit.end])
        new = edit.text.encode()
        made += before + new
        old += len(before)
        moves.append((old, len(gone), len(new)))
        old += len(gone)
        at = edit.end
    made += bytes_of(text[at:])
    return bytes(made), moves
