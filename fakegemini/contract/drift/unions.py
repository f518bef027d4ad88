"""Tell the unions of events of the SDKs apart, and hold what is known of each.

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
class EventUnion:
    """One union of events.

    root: the root of an outline, and the place that people are told
    name: what it is called in every release that has it
    telltale_type: an event type that no other union has, should a release call it otherwise
    event_types: its event types, where no schema of ours says them: known, and not emulated
    """

    root: str
    name: str
    telltale_type: str
    event_types: frozenset[str] = frozenset()


EVENT_UNIONS = (
    # What `Stream[…]` holds in the answer of a create, from 2.0.0 to 3.6.1.
    EventUnion("event", "InteractionSSEEvent", "interaction.status_update"),
    # Live Interactions, since 3.5.0: another transport, with other bodies under some shared names.
    EventUnion(
        "live/client",
        "ClientEvent",
        "interaction.connect",
        frozenset(
            "input interaction.cancel interaction.complete interaction.connect interaction.create "
            "interaction.disconnect user_action world_setup".split()
        ),
    ),
    EventUnion(
        "live/server",
        "ServerEvent",
        "interaction.connected",
        frozenset(
            "error interaction.cancelled interaction.completed interaction.connected "
            "interaction.created step.delta step.start step.stop".split()
        ),
    ),
)


def nodes_without_schema() -> dict[str, Node]:
    """Return root -> what is known of the unions that no schema describes."""
    return {
        row.root: event_node(row.root, row.event_types) for row in EVENT_UNIONS if row.event_types
    }


def event_node(place: str, event_types: Iterable[str]) -> Node:
    """Return a place where events of these types may stand, of which nothing else is compared."""
    return Node(place, objects=dict.fromkeys(sorted(event_types), ""))


def identify_unions(
    types_by_name: Mapping[str, AbstractSet[str]],
) -> tuple[dict[str, str], list[str]]:
    """Return root -> the name of the union that is it, and the names of those without a row.

    `types_by_name` is the name of each union of events -> its event types. Raises `AmbiguousUnion`
    where telltale types do not settle what names do not.
    """
    unmatched = dict(types_by_name)
    names_by_root = {
        row.root: row.name for row in EVENT_UNIONS if unmatched.pop(row.name, None) is not None
    }
    for row in EVENT_UNIONS:
        candidates = [
            name for name, event_types in unmatched.items() if row.telltale_type in event_types
        ]
        if row.root in names_by_root or not candidates:
            continue
        if len(candidates) > 1:
            raise AmbiguousUnion(f"{' and '.join(sorted(candidates))} could each be {row.name}")
        names_by_root[row.root] = candidates[0]
        del unmatched[candidates[0]]
    return names_by_root, sorted(unmatched)
