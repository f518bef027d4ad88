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


def merge_edits(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in order, those that overlap as one with the text of the first."""
    merged_edits: list[Edit] = []
    for edit in sorted(edits, key=lambda each_edit: (each_edit.start, -each_edit.end)):
        if merged_edits and edit.start < merged_edits[-1].end:
            merged_edits[-1] = replace(merged_edits[-1], end=max(edit.end, merged_edits[-1].end))
        else:
            merged_edits.append(edit)
    return merged_edits


def resize_chunks(sizes: tuple[int, ...], moves: list[tuple[int, int, int]]) -> tuple[int, ...]:
    """The sizes of chunks after edits: (place, bytes that go, bytes that come) of each."""
    ends, total = [], 0
    for size in sizes:
        total += size
        ends.append(total)
    new_ends = []
    for end in ends:
        new_end = end
        for start, old_size, new_size in moves:
            if start + old_size <= end:
                new_end += new_size - old_size
            elif start < end:
                new_end += min(end - start, new_size) - (end - start)
        new_ends.append(new_end)
    return tuple(end - start for start, end in pairwise([0, *new_ends]))


def decode_bytes(raw: bytes) -> str:
    """Bytes as text; what is no UTF-8 comes back unchanged through `encode_text`."""
    return raw.decode("utf-8", "surrogateescape")


def encode_text(text: str) -> bytes:
    """The bytes of `decode_bytes`."""
    return text.encode("utf-8", "surrogateescape")


def apply_edits(text: str, edits: list[Edit]) -> tuple[bytes, list[tuple[int, int, int]]]:
    """The bytes of a text after edits in order, and the moves that `resize_chunks` takes."""
    new_bytes, moves, position = bytearray(), list[tuple[int, int, int]](), 0
    old_position = 0
    for edit in edits:
        unchanged, removed = (
            encode_text(text[position : edit.start]),
            encode_text(text[edit.start : edit.end]),
        )
        inserted = edit.text.encode()
        new_bytes += unchanged + inserted
        old_position += len(unchanged)
        moves.append((old_position, len(removed), len(inserted)))
        old_position += len(removed)
        position = edit.end
    new_bytes += encode_text(text[position:])
    return bytes(new_bytes), moves
