"""Exchanges read into chains: each recorded create, with what was asked about it afterwards."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from ..wire.http import Json
from .exchange import Exchange, RecordedExchange
from .meaning import key_of, request_meaning
from .server_names import REDACTED, names_in
from .tolerance import Tolerance

_VERSION = re.compile(r"^/v\d+\w*/")
_ID_PATTERN = re.compile(rb'"id"\s*:\s*"([^"]*)"')
_IGNORED_PARAMETERS = frozenset({"key", "alt", "access_token"})


@dataclass(eq=False)
class RecordedInteraction:
    """One interaction of a recording: its create, and the gets, cancels and deletes of it.

    `create` is None for an interaction that began before the recording did, and `name` is then its
    id. `parent` is the one it continues. `key` is the same for all that were asked the same.
    """

    file: str
    name: str = ""
    create: RecordedExchange | None = None
    parent: RecordedInteraction | None = None
    meaning: Json = field(default_factory=dict)
    key: str = ""
    follow_ups: list[RecordedExchange] = field(default_factory=list)
    children: list[RecordedInteraction] = field(default_factory=list)

    @cached_property
    def id(self) -> str:
        """The interaction's id, empty where it has none; read when it is first asked for."""
        return _id_in_response(self.create.exchange) if self.create else self.name

    @property
    def number(self) -> int:
        """The number of its first exchange in the recording, from 1; 0 where it has none."""
        first = self.create or next(iter(self.follow_ups), None)
        return first.exchange.number if first else 0

    @property
    def conversation_start(self) -> RecordedInteraction:
        """The first interaction of its conversation whose create was recorded."""
        interaction = self
        while interaction.parent and interaction.parent.create:
            interaction = interaction.parent
        return interaction

    def with_descendants(self) -> list[RecordedInteraction]:
        """Return it and all interactions that continue it, in the order of the recording."""
        members = [self]
        for member in members:
            members += member.children
        return sorted(members, key=lambda member: member.number)

    @cached_property
    def name_places(self) -> dict[str, str]:
        """Each name the server made up to here in this conversation, and its place in it."""
        places = dict(self.parent.name_places) if self.parent else {}
        counts: dict[str, int] = defaultdict(int)
        for place in places.values():
            counts[place.partition(" ")[0]] += 1
        for recorded in (self.create, *self.follow_ups):
            for body in response_values(recorded.exchange) if recorded else ():
                for key, name in names_in(body):
                    kind = "call" if key in ("id", "call_id") else key.removesuffix("_id")
                    if name != self.id and name not in places:
                        counts[kind] += 1
                        places[name] = f"{kind} {counts[kind]}"
        return places

    @cached_property
    def call_aliases(self) -> dict[str, str]:
        """The call that a result means whose recorder replaced its `call_id`, and not the id."""
        call_ids: list[str] = []
        result_call_ids: list[str] = []
        for body in response_values(self.create.exchange) if self.create else ():
            for key, name in names_in(body):
                if key == "call_id" or (key == "id" and name != self.id):
                    (result_call_ids if key == "call_id" else call_ids).append(name)
        unmatched_ids = dict.fromkeys(
            name for name in result_call_ids if name not in call_ids and REDACTED.search(name)
        )
        open_calls = dict.fromkeys(name for name in call_ids if name not in result_call_ids)
        return dict(zip(unmatched_ids, open_calls, strict=False))


class RecordedConversations:
    """All interactions of some cassettes, found by what was asked."""

    def __init__(self, tolerance: Tolerance | None = None) -> None:
        self.tolerance = tolerance or Tolerance()
        self.interactions: list[RecordedInteraction] = []
        """In the order of the recording."""
        self.by_key: dict[str, list[RecordedInteraction]] = {}
        self.orphans: dict[str, RecordedInteraction] = {}
        """Interactions that began before their recording did, by id."""
        self.other_resources: dict[tuple[str, ...], list[RecordedExchange]] = {}
        """What is no interaction: other resources of the API, by what was asked."""

    def add_cassette(self, file: str, exchanges: Iterable[RecordedExchange]) -> None:
        """Read one cassette; its ids mean something in this cassette alone."""
        ids: dict[str, RecordedInteraction] = {}
        exchanges = list(exchanges)
        named_ids = {name for recorded in exchanges for name in _ids_named_by(recorded.exchange)}
        for recorded in exchanges:
            exchange = recorded.exchange
            if exchange.targets_interactions and exchange.operation == "create":
                interaction = self._create(file, recorded, ids)
                if _may_hold_one_of(exchange, named_ids) and interaction.id:
                    ids[interaction.id] = interaction
            elif exchange.targets_interactions and exchange.operation:
                name = exchange.interaction_id
                if name not in ids:
                    ids[name] = self.orphans[name] = RecordedInteraction(file, name)
                    self.interactions.append(ids[name])
                ids[name].follow_ups.append(recorded)
            else:
                self.other_resources.setdefault(other_resource_key(exchange), []).append(recorded)

    @property
    def roots(self) -> list[RecordedInteraction]:
        """The interactions that continue no recorded one, in the order of the recording."""
        return [interaction for interaction in self.interactions if interaction.parent is None]

    @property
    def other_exchanges(self) -> list[RecordedExchange]:
        """The exchanges of other resources, in the order of the recording."""
        exchanges = (recorded for group in self.other_resources.values() for recorded in group)
        return sorted(exchanges, key=lambda recorded: recorded.exchange.number)

    def meaning_of(self, body: Any, parent: RecordedInteraction | None) -> Json:
        """What a request means under a parent; its names are those of the recording."""
        if not isinstance(body, dict):
            return {"body": body}
        return self.tolerance.apply(request_meaning(body, parent.name_places if parent else {}))

    def _create(
        self, file: str, recorded: RecordedExchange, ids: dict[str, RecordedInteraction]
    ) -> RecordedInteraction:
        body = request_content(recorded.exchange)
        name = parent_id_of(body)
        parent = ids.get(name)
        meaning = self.meaning_of(body, parent)
        interaction = RecordedInteraction(
            file, "", recorded, parent, meaning, key_under_parent(parent, name, meaning)
        )
        if parent:
            parent.children.append(interaction)
        self.interactions.append(interaction)
        self.by_key.setdefault(interaction.key, []).append(interaction)
        return interaction


def key_under_parent(parent: RecordedInteraction | None, name: str, meaning: Json) -> str:
    """The key of a request that continues `parent`, or an interaction called `name`, or nothing."""
    return key_of(parent.key if parent and parent.key else name, meaning)


def request_content(exchange: Exchange) -> Any:
    """The JSON of a request, or its bytes as text where it is none."""
    try:
        return exchange.request_json
    except ValueError:
        return exchange.request_body.decode("utf-8", "replace")


def parent_id_of(body: Any) -> str:
    """The `previous_interaction_id` of a request, or an empty string."""
    name = body.get("previous_interaction_id") if isinstance(body, dict) else None
    return name if isinstance(name, str) else ""


def response_values(exchange: Exchange) -> Iterator[Any]:
    """The JSON values of a response: its body, or each event of its stream."""
    if not exchange.is_stream:
        try:
            yield exchange.response_json
        except ValueError:
            return
        return
    for frame in exchange.frames[0]:
        try:
            yield frame.json()
        except ValueError:
            continue


def _ids_named_by(exchange: Exchange) -> tuple[str, ...]:
    """The interactions that a request names."""
    if not exchange.targets_interactions or not exchange.operation:
        return ()
    if exchange.operation != "create":
        return (exchange.interaction_id,)
    return (
        parent_id_of(request_content(exchange)),
    )  # read once, it is needed for its meaning anyway


def _may_hold_one_of(exchange: Exchange, ids: set[str]) -> bool:
    """Whether an answer may be one of these interactions; says yes where it takes reading to know.

    Most are not, and reading every answer of a large cassette takes longer than all the rest.
    """
    found_ids = _ID_PATTERN.findall(exchange.response_body) if ids else ()
    return any(
        b"\\" in found_id or found_id.decode("utf-8", "replace") in ids for found_id in found_ids
    )


def _id_in_response(exchange: Exchange) -> str:
    for body in response_values(exchange):
        interaction = body.get("interaction", body) if isinstance(body, dict) else None
        if isinstance(interaction, dict) and isinstance(interaction.get("id"), str):
            name: str = interaction["id"]
            return name
        if exchange.is_stream and isinstance(interaction, dict) and "interaction" in body:
            return ""  # the first event says whether there is one
    return ""


def other_resource_key(exchange: Exchange) -> tuple[str, ...]:
    """What an exchange of another resource asked: method, path without version, query, body."""
    path = _VERSION.sub("/", urlsplit(exchange.uri).path)
    query = sorted(
        f"{name}={value}"
        for name, value in exchange.query.items()
        if name not in _IGNORED_PARAMETERS
    )
    body = request_content(exchange)
    text = key_of("", {"body": body}) if body is not None else ""
    return (exchange.method, path, "&".join(query), text)
