"""Names that the server makes: where they stand in a body, and how they are exchanged for others.

Interaction ids, the ids of calls, signatures and environments. A recording holds the names of its
day; a replay hands out fresh ones and understands them when they come back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from ..protocol.ids import NO_THOUGHT_SIGNATURE, IdSource

if TYPE_CHECKING:
    pass

NameSwap: TypeAlias = Callable[[str, str], str]
"""The member's key and the name in it; gives the name to stand there instead."""

NAME_KEYS = frozenset(
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

_USER_MEMBERS = frozenset({"arguments", "result", "parameters", "schema", "metadata"})
_CONSTANT_NAMES = frozenset({"", "remote", NO_THOUGHT_SIGNATURE})


def swap_names(value: Any, swap: NameSwap) -> Any:
    """`value` with every name in it exchanged; the order of members is kept."""
    if isinstance(value, dict):
        return {
            key: swap(key, member)
            if key in NAME_KEYS and isinstance(member, str)
            else member
            if key in _USER_MEMBERS
            else swap_names(member, swap)
            for key, member in value.items()
        }
    return [swap_names(element, swap) for element in value] if isinstance(value, list) else value


def names_in(value: Any) -> Iterator[tuple[str, str]]:
    """Every key and name in `value`, in their order; constants are no names."""
    if isinstance(value, dict):
        for key, child in value.items():
            if key in NAME_KEYS and isinstance(child, str):
                if child not in _CONSTANT_NAMES:
                    yield key, child
            elif key not in _USER_MEMBERS:
                yield from names_in(child)
    elif isinstance(value, list):
        for child in value:
            yield from names_in(child)


def new_name(key: str, ids: IdSource) -> str:
    """A new name of the kind that stands under `key`, for anything but an interaction."""
    if key == "signature":
        return ids.signature()
    return ids.uuid() if key.startswith("environment") else ids.call_id()


def is_constant_name(name: str) -> bool:
    """Whether it is the same for everybody and always."""
    return name in _CONSTANT_NAMES


REDACTED = re.compile(
    r"REDACT|REDACTED|SCRUB|FILTERED|MASKED|SANITI[SZ]|ANONYM|HIDDEN|DUMMY|[<>{}*]|\.\.\.|…",
    re.IGNORECASE,
)
"""Recorders put such words where ids and signatures stood; what they hide cannot be checked."""
