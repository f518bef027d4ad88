"""Make the ids of a create, from what is asked and how often it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from ..protocol.ask import Ask, has_bare_content
from ..protocol.ids import IdSource, InteractionId
from ..protocol.interaction import Interaction
from ..wording import cut_pieces, dumper

dump_sorted = dumper(sort_keys=True)


def digest_of(sorted_body: str) -> str:
    """Return what tells a body from others, of its JSON with sorted members."""
    return hashlib.sha256(sorted_body.encode()).hexdigest()


_PART_LENGTH, _DEEPEST = 64, 20
"""How many members are written before others have a turn, and how deep."""


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
        for piece in cut_pieces(value):
            yield dump_sorted(piece)[1:-1]
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


def make_interaction_id(
    ask: Ask, fixed_id: str | None, own_half: str, parent: Interaction | None
) -> InteractionId | None:
    """Make the id of an interaction with this own half; None where it has none.

    A turn may fix it. `parent` is what it goes on with, where that is at hand.
    """
    # Recorded in May, August and October 2026: without store there is no id. But the only source
    # for a `user_input` whose content is a bare string, the quickstart's stateless REST samples,
    # expects one in the answer. Nobody captured that form; the id names nothing that is kept.
    if not (ask.store or has_bare_content(ask.body.get("input"))):
        return None
    parsed_id = InteractionId.parse(fixed_id) if fixed_id else None
    parent_id = parent.id if parent else InteractionId.parse(ask.parent or "")
    return parsed_id or InteractionId(parent_id.root if parent_id else own_half, own_half)
