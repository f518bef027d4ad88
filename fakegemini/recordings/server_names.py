"""Names that the server makes: where they stand in a body, and how they are exchanged for others.

Interaction ids, the ids of calls, signatures and environments. A recording holds the names of its
day; a replay hands out fresh ones and understands them when they come back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from ..protocol.ids import NO_THOUGHT_SIGNATURE, Mint

if TYPE_CHECKING:
    pass

Swap: TypeAlias = Callable[[str, str], str]
"""The member's key and the name in it; gives the name to stand there instead."""

KEYS = frozenset(
    {
        "id",
        "call_id",
        "signature",
        "interaction_id",
        "previous_interaction_id",
        "environment",
        "environment_id",
    }
)
"""The members that hold a name. What a function is called with and gives back is the user's."""

_USERS = frozenset({"arguments", "result", "parameters", "schema", "metadata"})
_CONSTANT = frozenset({"", "remote", NO_THOUGHT_SIGNATURE})


def swapped(value: Any, swap: Swap) -> Any:
    """`value` with every name in it exchanged; the order of members is kept."""
    if isinstance(value, dict):
        return {
            key: swap(key, item)
            if key in KEYS and isinstance(item, str)
            else item
            if key in _USERS
            else swapped(item, swap)
            for key, item in value.items()
        }
    return [swapped(item, swap) for item in value] if isinstance(value, list) else value


def named(value: Any) -> Iterator[tuple[str, str]]:
    """Every key and name in `value`, in their order; constants are no names."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in KEYS and isinstance(item, str):
                if item not in _CONSTANT:
                    yield key, item
            elif key not in _USERS:
                yield from named(item)
    elif isinstance(value, list):
        for item in value:
            yield from named(item)


def fresh(key: str, mint: Mint) -> str:
    """A new name of the kind that stands under `key`, for anything but an interaction."""
    if key == "signature":
        return mint.signature()
    return mint.uuid() if key.startswith("environment") else mint.call_id()


def constant(name: str) -> bool:
    """Whether it is the same for everybody and always."""
    return name in _CONSTANT


REDACTED = re.compile(
    r"REDACT|REDACTED|SCRUB|FILTERED|MASKED|SANITI[SZ]|ANONYM|HIDDEN|DUMMY|[<>{}*]|\.\.\.|…",
    re.IGNORECASE,
)
"""Recorders put such words where ids and signatures stood; what they hide cannot be checked."""
