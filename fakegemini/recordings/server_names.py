"""Find and replace the names that the server makes: ids of interactions and calls, and others.

Signatures and environments are such names too. A recording holds the names of its day; a replay
hands out new ones and understands them when they come back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ..protocol.ids import NO_THOUGHT_SIGNATURE, IdSource

NameSwap: TypeAlias = Callable[[str, str], str]
"""A function from a member's key and the name in it to the name that takes its place."""

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
"""The members that hold a name of the server."""

_USER_MEMBERS = frozenset({"arguments", "result", "parameters", "schema", "metadata"})
"""The members in which nothing is a name: what the user's functions take and return, and so on."""

_CONSTANT_NAMES = frozenset({"", "remote", NO_THOUGHT_SIGNATURE})


def swap_names(value: Any, swap: NameSwap) -> Any:
    """Return a copy of a JSON value with every name in it swapped; members keep their order."""
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
    """Yield the key and the name of each name in a JSON value, in order; constants are left out."""
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
    """Make a new name of the kind that stands under `key`; not for the id of an interaction."""
    if key == "signature":
        return ids.signature()
    return ids.uuid() if key.startswith("environment") else ids.call_id()


def is_constant_name(name: str) -> bool:
    """Tell whether a name is the same for everybody, such as the environment `remote`."""
    return name in _CONSTANT_NAMES


REDACTED = re.compile(
    r"REDACT|REDACTED|SCRUB|FILTERED|MASKED|SANITI[SZ]|ANONYM|HIDDEN|DUMMY|[<>{}*]|\.\.\.|…",
    re.IGNORECASE,
)
"""Find what other recorders put in place of ids and signatures, of which nothing can be checked.

What we put in place of secrets is `scrub.spellings.SCRUBBED_VALUE`.
"""

_REDACTED_WORDS = tuple(
    "redact scrub filtered masked sanitis sanitiz anonym hidden dummy < > { } * ...".split()
)


def holds_redaction(text: str) -> bool:
    """Tell whether `REDACTED` is found in a text: the same, faster by far in a long signature."""
    if not text.isascii():
        return REDACTED.search(text) is not None
    lower_text = text.lower()
    return any([word in lower_text for word in _REDACTED_WORDS])
