"""Where a turn is divided that is told in several hops."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from ..wire.http import Json
from .usage import tokens

_WORDS = re.compile(r"\s*\S+\s*")

Part = tuple[Json, ...]
"""The steps of one hop."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What cannot be divided further: some words of a block, a block, or a whole step.

    `step` and `block` are where it stood; `block` is None for a whole step.
    """

    step: int
    block: int | None
    value: Json
    weight: int


def in_hops(steps: tuple[Json, ...], hops: int) -> list[Part]:
    """The steps in so many parts of nearly one size, or in fewer where there is less to divide.

    Divided between steps where there are enough of them, else between words as well; never
    behind a function call.
    """
    whole = _pieces(steps, words=False)
    pieces = whole if _heavy(whole) >= hops else _pieces(steps, words=True)
    many = _heavy(pieces)
    count = min(hops, many)
    return _parts(steps, pieces, [number * count // many for number in range(many)])


def by_limit(steps: tuple[Json, ...], limit: int) -> list[Part]:
    """The steps in parts of at most so many estimated tokens, where they can be divided."""
    pieces = _pieces(steps, words=True)
    hops, hop, filled = [], 0, 0
    for piece in pieces:
        if piece.weight:
            if filled and filled + piece.weight > limit:
                hop, filled = hop + 1, 0
            filled += piece.weight
            hops.append(hop)
    return _parts(steps, pieces, hops)


def _heavy(pieces: Iterable[_Piece]) -> int:
    return sum(1 for piece in pieces if piece.weight)


def _pieces(steps: tuple[Json, ...], *, words: bool) -> list[_Piece]:
    return [piece for at, step in enumerate(steps) for piece in _of_step(at, step, words)]


def _of_step(at: int, step: Json, words: bool) -> list[_Piece]:
    if step.get("type") == "thought":  # no output of its own: it goes with what follows it
        return [_Piece(at, None, step, 0)]
    content = step.get("content")
    if not words or step.get("type") != "model_output" or not isinstance(content, list):
        return [_Piece(at, None, step, max(1, tokens(json.dumps(step, ensure_ascii=False))))]
    return [
        _Piece(at, number, piece, max(1, tokens(str(piece.get("text", "")))))
        for number, block in enumerate(content)
        for piece in _of_block(block)
    ]


def _of_block(block: Json) -> list[Json]:
    plain = set(block) == {"text", "type"} and block["type"] == "text"
    found = _WORDS.findall(block["text"]) if plain else []
    return [{**block, "text": word} for word in found] or [block]


def _parts(steps: tuple[Json, ...], pieces: list[_Piece], hops: list[int]) -> list[Part]:
    """The pieces of each hop as steps again; `hops` is the hop of each piece that has a weight."""
    numbers, last = iter(_up_to_a_call(steps, pieces, hops)), 0
    rows: list[tuple[int, _Piece]] = []
    light: list[_Piece] = []
    for piece in pieces:
        if not piece.weight:
            light.append(piece)
            continue
        last = next(numbers)
        rows += [(last, one) for one in (*light, piece)]
        light = []
    rows += [(last, one) for one in light]
    return [
        tuple(_joined(steps, [piece for _, piece in row]))
        for _, row in groupby(rows, key=lambda row: row[0])
    ]


def _up_to_a_call(steps: tuple[Json, ...], pieces: list[_Piece], hops: list[int]) -> Iterable[int]:
    """The hops, with none behind a function call: who waits for a result has said all."""
    called = False
    most = 0
    heavy = (piece for piece in pieces if piece.weight)
    for hop, piece in zip(hops, heavy, strict=True):
        most = most if called else hop
        called = called or steps[piece.step].get("type") == "function_call"
        yield most


def _joined(steps: tuple[Json, ...], pieces: list[_Piece]) -> Iterable[Json]:
    for at, group in groupby(pieces, key=lambda piece: piece.step):
        row = list(group)
        if row[0].block is None:
            yield row[0].value
            continue
        blocks = []
        for _, same in groupby(row, key=lambda piece: piece.block):
            made = [piece.value for piece in same]
            text = {"text": "".join(one["text"] for one in made)} if len(made) > 1 else {}
            blocks.append({**made[0], **text})
        yield {**steps[at], "content": blocks}
