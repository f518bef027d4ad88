"""Make the ids of a create, from what is asked and how often it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from ..protocol.ask import Ask
from ..protocol.ids import IdSource
from ..wording import dumper

dump_sorted = dumper(sort_keys=True)


def digest_of(sorted_body: str) -> str:
    """Return what tells a body from others, of its JSON with sorted members."""
    return hashlib.sha256(sorted_body.encode()).hexdigest()


_PIECE, _PART_LENGTH, _DEEPEST = 1_000_000, 64, 20
"""How many characters and members are written before others have a turn, and how deep."""


def digest_long(body: Any) -> str:
    """Return the same of a body that may be long, by pieces: no other request waits for all."""
    digest = hashlib.sha256()
    for piece in _write_pieces(body):
        digest.update(piece.encode())
    return digest.hexdigest()


def _write_pieces(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield what `dump_sorted` writes, cut up."""
    if depth > _DEEPEST:
        yield dump_sorted(value)
        return
    if isinstance(value, str):
        yield '"'
        for start in range(0, len(value), _PIECE):
            yield dump_sorted(value[start : start + _PIECE])[1:-1]
        yield '"'
    elif isinstance(value, list):
        yield "["
        for start in range(0, len(value), _PART_LENGTH):
            yield ", " * bool(start)
            part = value[start : start + _PART_LENGTH]
            if len(value) > _PART_LENGTH:
                yield dump_sorted(part)[1:-1]
                continue
            for index, element in enumerate(part):
                yield ", " * bool(index)
                yield from _write_pieces(element, depth + 1)
        yield "]"
    elif isinstance(value, dict) and len(value) <= _PART_LENGTH:
        yield "{"
        for index, name in enumerate(sorted(value)):
            yield f"{', ' * bool(index)}{dump_sorted(name)}: "
            yield from _write_pieces(value[name], depth + 1)
        yield "}"
    else:
        yield dump_sorted(value)


def make_ids(seed: str, digest: str, number: int, ask: Ask) -> IdSource:
    """Make the ids of the `number`-th create of a body.

    They depend on nothing else, so requests that race do not change others' ids.
    """
    model = None if ask.store else ask.capability
    return IdSource(
        f"{seed} {digest} {number}", call_digits=model.unstored_call_digits if model else 0
    )
