"""The unions of events that the SDKs have: which is which, and what is known of each.

A row is told by what the union is, never by how large it is or where it stands: all unions of
events look alike. What has no row is not compared with anything; that it exists is news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ...errors import AmbiguousUnion
from .outline import Node


@dataclass(frozen=True)
class Union:
    """One union of events.

    root: the root of an outline, and the place that people are told
    name: what it is called in every release that has it
    mark: an event type that no other union has, should a release call it otherwise
    types: its event types, where no schema of ours says them: known, and not emulated
    """

    root: str
    name: str
    mark: str
    types: frozenset[str] = frozenset()


UNIONS = (
    # What `Stream[…]` holds in the answer of a create, from 2.0.0 to 3.6.1.
    Union("event", "InteractionSSEEvent", "interaction.status_update"),
    # Live Interactions, since 3.5.0: another transport, with other bodies under some shared names.
    Union(
        "live/client",
        "ClientEvent",
        "interaction.connect",
        frozenset(
            "input interaction.cancel interaction.complete interaction.connect interaction.create "
            "interaction.disconnect user_action world_setup".split()
        ),
    ),
    Union(
        "live/server",
        "ServerEvent",
        "interaction.connected",
        frozenset(
            "error interaction.cancelled interaction.completed interaction.connected "
            "interaction.created step.delta step.start step.stop".split()
        ),
    ),
)


def known() -> dict[str, Node]:
    """Root -> what is known of the unions that no schema describes."""
    return {row.root: listed(row.root, row.types) for row in UNIONS if row.types}


def listed(where: str, types: Iterable[str]) -> Node:
    """A place where events of these types may stand, of which nothing else is compared."""
    return Node(where, objects=dict.fromkeys(sorted(types), ""))


def told_apart(
    found: Mapping[str, AbstractSet[str]],
) -> tuple[dict[str, str], list[str]]:
    """Root -> the name of the union that is it, and the names of those without a row.

    `found` is the name of each union of events -> its event types. Raises `Ambiguous` where marks
    do not settle what names do not.
    """
    rest = dict(found)
    told = {row.root: row.name for row in UNIONS if rest.pop(row.name, None) is not None}
    for row in UNIONS:
        marked = [name for name, types in rest.items() if row.mark in types]
        if row.root in told or not marked:
            continue
        if len(marked) > 1:
            raise AmbiguousUnion(f"{' and '.join(sorted(marked))} could each be {row.name}")
        told[row.root] = marked[0]
        del rest[marked[0]]
    return told, sorted(rest)
