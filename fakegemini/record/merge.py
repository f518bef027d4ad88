"""What a recording makes of an existing cassette: all of it stays, a part of it, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..recordings.conversations import (
    RecordedConversations,
    RecordedInteraction,
    other_resource_key,
)
from ..recordings.exchange import RecordedExchange
from .ask_again import learn_names
from .modes import Keeps

_SHORTEST_ID = 4
"""Shorter ids are not replaced: they could be part of any word."""


def merge_exchanges(
    old: Sequence[RecordedExchange], new: Sequence[RecordedExchange], keeps: Keeps
) -> list[RecordedExchange]:
    """Return the exchanges of the cassette to write, of those it has and those just recorded."""
    if keeps is Keeps.UNREPEATED:
        return replace_conversations(old, new)
    return [*old, *new] if keeps is Keeps.EVERYTHING else [*new]


def replace_conversations(
    old: Sequence[RecordedExchange], new: Sequence[RecordedExchange]
) -> list[RecordedExchange]:
    """Return the old exchanges with those replaced that were asked again, then the other new ones.

    Two creates ask the same if they mean the same at the same place of their conversations. The
    gets, cancels and deletes of an interaction are replaced together with its create. What stays
    and continues a replaced one gets its new ids, or nobody could ask for it any more.
    """
    old_groups, new_groups = _group_names(old), _group_names(new)
    names = _new_names(old, new, old_groups, new_groups)
    exchanges: list[RecordedExchange] = []
    rerecorded = set(new_groups.values())
    inserted: set[str] = set()
    for recorded in old:
        group = old_groups[id(recorded)]
        if group not in rerecorded:
            exchanges.append(_with_names(recorded, names))
        elif group not in inserted:
            inserted.add(group)
            exchanges += [
                replacement for replacement in new if new_groups[id(replacement)] == group
            ]
    return [*exchanges, *(added for added in new if new_groups[id(added)] not in inserted)]


def _new_names(
    old: Sequence[RecordedExchange],
    new: Sequence[RecordedExchange],
    old_groups: dict[int, str],
    new_groups: dict[int, str],
) -> dict[bytes, bytes]:
    """Map the ids in replaced answers to those in the answers that replace them."""
    names: dict[str, str] = {}
    new_by_group = {new_groups[id(recorded)]: recorded for recorded in reversed(new)}
    for recorded in old:
        replacement = new_by_group.get(old_groups[id(recorded)])
        if replacement and recorded.exchange.operation == "create":
            learn_names(names, recorded.exchange, replacement.exchange)
    return {
        name.encode(): new_name.encode()
        for name, new_name in names.items()
        if len(name) >= _SHORTEST_ID
        and name != new_name
        and _is_plain(name)
        and _is_plain(new_name)
    }


def _is_plain(name: str) -> bool:
    """Tell whether a name is spelt the same in an address and in JSON; a hostile one is not."""
    return name.isascii() and name.isprintable() and not set(name) & set(' "\\%?#')


def _with_names(recorded: RecordedExchange, names: dict[bytes, bytes]) -> RecordedExchange:
    """Return an exchange with other ids in its request."""
    exchange = recorded.exchange
    uri, body = exchange.uri.encode(), exchange.request_body
    for name, new_name in names.items():
        uri, body = uri.replace(name, new_name), body.replace(name, new_name)
    if (uri, body) == (exchange.uri.encode(), exchange.request_body):
        return recorded
    return replace(recorded, exchange=replace(exchange, uri=uri.decode(), request_body=body))


def _group_names(exchanges: Sequence[RecordedExchange]) -> dict[int, str]:
    """Name the question that each exchange belongs to; the keys are the `id()` of the exchanges."""
    conversations = RecordedConversations()
    conversations.add_cassette("", exchanges)
    groups = {
        id(recorded): "\0".join(other_resource_key(recorded.exchange)) for recorded in exchanges
    }
    for interaction in conversations.interactions:
        for recorded in _exchanges_of(interaction):
            groups[id(recorded)] = interaction.key or f"stray {interaction.id}"
    return groups


def _exchanges_of(interaction: RecordedInteraction) -> list[RecordedExchange]:
    return [*([interaction.create] if interaction.create else []), *interaction.follow_ups]
