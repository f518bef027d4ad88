"""Recorded requests asked anew: the same words, with the names that the server gives this time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any, TypeAlias

from ..errors import ConversationDiverged
from ..fake.replay.miss import describe_place
from ..protocol.status import is_running
from ..recordings.answers import interaction_in, response_values
from ..recordings.conversations import (
    RecordedConversations,
    RecordedInteraction,
    other_resource_key,
    parent_id_of,
    request_content,
)
from ..recordings.exchange import Exchange, RecordedExchange
from ..recordings.server_names import names_in, swap_names
from ..wire.http import RETRIED, Json
from ..wire.json_text import dump_json

RequestGenerator: TypeAlias = Generator[tuple[RecordedInteraction, Exchange], Exchange, None]
"""Yields each request with the take it belongs to, and is sent the exchange that it became."""


def conversation_of(root: RecordedInteraction) -> list[RecordedInteraction]:
    """A take and all that continue it, each after what it continues."""
    return [
        root,
        *(interaction for child in root.children for interaction in conversation_of(child)),
    ]


def ask_again(interactions: Iterable[RecordedInteraction]) -> RequestGenerator:
    """Ask what was recorded; raises `ConversationDiverged`.

    `interactions` are in the order in which to ask them. What was refused for a moment is not
    asked again, since its retry is in the recording as well. A run that goes on is polled until
    it ends: whoever sends decides how long to wait between two polls.
    """
    names: dict[str, str] = {}
    for interaction in interactions:
        if interaction.create is None or interaction.create.exchange.status in RETRIED:
            continue
        body = request_content(interaction.create.exchange)
        missing = [
            name
            for name in _names_sent_back(body)
            if name in _names_made_before(interaction) and name not in names
        ]
        if missing:
            raise ConversationDiverged(
                f"{describe_place(interaction)} refers to {missing[0]!r}, which the server did not "
                "give this time: the model answered otherwise. Fix: run the program again and "
                "record it."
            )
        renamed = swap_names(body, lambda _, name: names.get(name, name))
        answer = yield interaction, _build_request(interaction.create.exchange, renamed)
        _learn_names(names, interaction.create.exchange, answer)
        yield from _ask_follow_ups(interaction, answer, names)


def _ask_follow_ups(
    interaction: RecordedInteraction, answer: Exchange, names: dict[str, str]
) -> RequestGenerator:
    """The recorded gets, cancels and deletes; polls as many as the run needs today."""
    status = _status_of(answer)
    live_id = names.get(interaction.id, "")
    for recorded in interaction.follow_ups:
        exchange = recorded.exchange
        if not live_id:
            return
        recorded_status = _status_of(exchange)
        is_poll = exchange.operation == "get" and recorded_status is not None
        if is_poll and is_running(str(recorded_status)) and not is_running(str(status)):
            continue  # it ran longer when it was recorded
        request = Exchange(
            exchange.number,
            exchange.method,
            exchange.uri.replace(interaction.id, live_id),
            exchange.request_headers,
            status=exchange.status,
        )
        answer = yield interaction, request
        status = _status_of(answer) or status
        while is_poll and _still_runs(recorded_status, status):
            answer = yield interaction, request
            status = _status_of(answer)
        _learn_names(names, exchange, answer)


def _still_runs(recorded: str | None, status: str | None) -> bool:
    """Whether it still runs today where it had ended when it was recorded."""
    return bool(recorded and status and not is_running(recorded) and is_running(status))


def _build_request(exchange: Exchange, body: Any) -> Exchange:
    text = dump_json(body) if not isinstance(body, str) else body
    return Exchange(
        exchange.number,
        exchange.method,
        exchange.uri,
        exchange.request_headers,
        text.encode(),
        exchange.status,
    )


def _names_sent_back(body: Any) -> list[str]:
    """The server's names that a request brings back: its parent, and the calls it answers."""
    parent = parent_id_of(body)
    steps: Any = body.get("input") if isinstance(body, dict) else None
    results = [name for key, name in names_in(steps) if key == "call_id"]
    return [name for name in (parent, *results) if name]


def _names_made_before(interaction: RecordedInteraction) -> set[str]:
    """Every name that the server made in this conversation before the take."""
    names: set[str] = set()
    parent = interaction.parent
    while parent:
        names |= {parent.id, *parent.name_places}
        parent = parent.parent
    return names


def _learn_names(names: dict[str, str], recorded: Exchange, live: Exchange) -> None:
    """What the names of the recording are called today: the first of a kind by the first."""
    recorded_names, live_names = _names_by_key(recorded), _names_by_key(live)
    for key, recorded_group in recorded_names.items():
        for name, live_name in zip(recorded_group, live_names.get(key, ()), strict=False):
            names.setdefault(name, live_name)


def _names_by_key(exchange: Exchange) -> dict[str, dict[str, None]]:
    """The names in an answer by the member they stand under, each once, in their order."""
    names: dict[str, dict[str, None]] = {}
    for body in response_values(exchange):
        for key, name in names_in(body):
            names.setdefault(key, {})[name] = None
    return names


def _status_of(exchange: Exchange) -> str | None:
    last: Json = {}
    for value in response_values(exchange):
        interaction = interaction_in(value) or {}
        if isinstance(interaction.get("status"), str):
            last = interaction
    return last.get("status")


def replace_conversations(
    old: Sequence[RecordedExchange], new: Sequence[RecordedExchange]
) -> list[RecordedExchange]:
    """The old exchanges, those that were asked again replaced, and what nobody had asked behind.

    The same question is what means the same at the same place of its conversation; with it go the
    gets, cancels and deletes of its interaction.
    """
    old_groups, new_groups = _group_names(old), _group_names(new)
    exchanges: list[RecordedExchange] = []
    rerecorded = set(new_groups.values())
    inserted: set[str] = set()
    for recorded in old:
        group = old_groups[id(recorded)]
        if group not in rerecorded:
            exchanges.append(recorded)
        elif group not in inserted:
            inserted.add(group)
            exchanges += [
                replacement for replacement in new if new_groups[id(replacement)] == group
            ]
    return [*exchanges, *(added for added in new if new_groups[id(added)] not in inserted)]


def _group_names(exchanges: Sequence[RecordedExchange]) -> dict[int, str]:
    """For each exchange, by identity, a name of what it asks."""
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
