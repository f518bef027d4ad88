"""Ask recorded requests again, with the ids that the server gives this time in place of the old."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any, TypeAlias
from urllib.parse import quote

from ..errors import ConversationDiverged
from ..fake.replay.nearest_create import describe_place
from ..protocol.status import is_running
from ..recordings.answers import interaction_in, response_values
from ..recordings.conversations import (
    RecordedInteraction,
    parent_id_of,
    request_content,
)
from ..recordings.exchange import Exchange
from ..recordings.server_names import names_in, swap_names
from ..wire.http import RETRIED, Json
from ..wire.json_text import dump_json

RequestGenerator: TypeAlias = Generator[tuple[RecordedInteraction, Exchange], Exchange, None]
"""Yields each request with its interaction, and is sent the exchange with the answer."""


def ask_again(interactions: Iterable[RecordedInteraction]) -> RequestGenerator:
    """Yield the requests of recorded interactions, rewritten for what was answered so far.

    `interactions` are in the order in which to ask them. A create that was refused with a status
    that SDKs retry is skipped, since the recording holds its retry as well. A background run is
    polled until it ends: the caller decides how long to wait between two polls. Raises
    `ConversationDiverged` where a request needs an id that the server did not give this time.
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
        learn_names(names, interaction.create.exchange, answer)
        yield from _ask_follow_ups(interaction, answer, names)


def _ask_follow_ups(
    interaction: RecordedInteraction, answer: Exchange, names: dict[str, str]
) -> RequestGenerator:
    """Yield the recorded gets, cancels and deletes of an interaction.

    A run is polled as often as it takes today, which may be more or less than was recorded.
    """
    status = _status_of(answer)
    live_id = names.get(interaction.id, "")
    for recorded in interaction.follow_ups:
        exchange = recorded.exchange
        if not live_id:
            return
        recorded_status = _status_of(exchange)
        is_poll = exchange.operation == "get" and recorded_status is not None
        if is_poll and is_running(str(recorded_status)) and not is_running(str(status)):
            continue  # the run has ended already; it took longer when it was recorded
        request = Exchange(
            exchange.number,
            exchange.method,
            exchange.uri.replace(interaction.id, quote(live_id, safe="=+:,~", errors="replace")),
            exchange.request_headers,
            status=exchange.status,
        )
        answer = yield interaction, request
        status = _status_of(answer) or status
        while is_poll and _still_runs(recorded_status, status):
            answer = yield interaction, request
            status = _status_of(answer)
        learn_names(names, exchange, answer)


def _still_runs(recorded: str | None, status: str | None) -> bool:
    """Tell whether the run goes on today at a poll where it had ended in the recording."""
    return bool(recorded and status and not is_running(recorded) and is_running(status))


def _build_request(exchange: Exchange, body: Any) -> Exchange:
    """Return the recorded request with another body, JSON or a text that is none."""
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
    """Return the ids of the server in a request: its parent, and the calls it answers."""
    parent = parent_id_of(body)
    steps: Any = body.get("input") if isinstance(body, dict) else None
    results = [name for key, name in names_in(steps) if key == "call_id"]
    return [name for name in (parent, *results) if name]


def _names_made_before(interaction: RecordedInteraction) -> set[str]:
    """Return every id that the server made in this conversation before the interaction."""
    names: set[str] = set()
    parent = interaction.parent
    while parent:
        names |= {parent.id, *parent.name_places}
        parent = parent.parent
    return names


def learn_names(names: dict[str, str], recorded: Exchange, live: Exchange) -> None:
    """Add to `names` what each recorded id is today: they are paired by member, in their order."""
    recorded_names, live_names = _names_by_key(recorded), _names_by_key(live)
    for key, recorded_group in recorded_names.items():
        for name, live_name in zip(recorded_group, live_names.get(key, ()), strict=False):
            names.setdefault(name, live_name)


def _names_by_key(exchange: Exchange) -> dict[str, dict[str, None]]:
    """Return the ids in an answer by the member they stand under, each once, in their order."""
    names: dict[str, dict[str, None]] = {}
    for body in response_values(exchange):
        for key, name in names_in(body):
            names.setdefault(key, {})[name] = None
    return names


def _status_of(exchange: Exchange) -> str | None:
    """Return the last status that an answer gives its interaction."""
    last: Json = {}
    for value in response_values(exchange):
        interaction = interaction_in(value) or {}
        if isinstance(interaction.get("status"), str):
            last = interaction
    return last.get("status")
