"""Edit texts, and compute what that does to the chunks in which their bytes came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """A part of a text, from `start` to `end`, and the text that takes its place.

    place: how the count of what was taken out calls it; empty if it does not count
    """

    start: int
    end: int
    text: str
    place: str


def merge_edits(edits: Iterable[Edit]) -> list[Edit]:
    """Sort edits, and merge those that overlap into one with the text of the first."""
    merged_edits: list[Edit] = []
    for edit in sorted(edits, key=lambda each_edit: (each_edit.start, -each_edit.end)):
        if merged_edits and edit.start < merged_edits[-1].end:
            merged_edits[-1] = replace(merged_edits[-1], end=max(edit.end, merged_edits[-1].end))
        else:
            merged_edits.append(edit)
    return merged_edits


def resize_chunks(sizes: tuple[int, ...], moves: list[tuple[int, int, int]]) -> tuple[int, ...]:
    """Compute the sizes of chunks after edits.

    moves: of each edit the byte at which it starts, the bytes that go and those that come, as
        `byte_moves` returns them
    """
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
    """Decode bytes so that `encode_text` gives them back, also those that are not UTF-8."""
    return raw.decode("utf-8", "surrogateescape")


def encode_text(text: str) -> bytes:
    """Encode what `decode_bytes` returned."""
    return text.encode("utf-8", "surrogateescape")


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return a text after edits, which are in order and do not overlap."""
    pieces, position = [], 0
    for edit in edits:
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*pieces, text[position:]])


def byte_moves(text: str, edits: Iterable[Edit]) -> list[tuple[int, int, int]]:
    """Measure edits in the bytes of a text: where each starts, how many bytes go, how many come."""
    moves, position, byte_position = list[tuple[int, int, int]](), 0, 0
    for edit in edits:
        byte_position += len(encode_text(text[position : edit.start]))
        removed_size = len(encode_text(text[edit.start : edit.end]))
        moves.append((byte_position, removed_size, len(encode_text(edit.text))))
        byte_position += removed_size
        position = edit.end
    return moves
