"""Join exchanges to conversations: each recorded create, its parent, and what was asked later."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from ..wire.http import Json
from .answers import interaction_in, response_values
from .exchange import Exchange, RecordedExchange
from .meaning import key_of, request_meaning
from .scrub.stand_ins import number_anew
from .server_names import REDACTED, names_in
from .tolerance import Tolerance

_VERSION = re.compile(r"^(/upload|/download)?/v\d+\w*/")
_ID_PATTERN = re.compile(rb'"id"\s*:\s*"([^"]*)"')
_IGNORED_PARAMETERS = frozenset({"key", "alt", "access_token"})


@dataclass(eq=False)
class RecordedInteraction:
    """One interaction of a recording: its create, and its gets, cancels and deletes.

    file: the cassette that holds it
    name: the id of an interaction that began before the recording did, else empty
    create: the exchange that made it; None for one that began before the recording did
    parent: the interaction that it continues
    meaning: what its request means, see `request_meaning`
    key: a digest of the parent's key and the meaning; two requests that mean the same share it
    follow_ups: its gets, cancels and deletes, in their order
    children: the interactions that continue it
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
        """Return the interaction's id, empty where it has none; reads the answer only once."""
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
        """Map each name that the server made so far in this conversation to its place in it.

        A place is a kind and a number, such as `call 2`.
        """
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
        """Map each `call_id` that a recorder redacted to the `id` of the call that it answers.

        Recorders replace such ids in the results and leave them in the calls; the first result
        without a call belongs to the first call without a result.
        """
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
    """The interactions of some cassettes, found by what was asked.

    interactions: all of them, in the order of the recording
    by_key: those whose create was recorded, by their key
    orphans: those that began before their recording did, by id
    other_resources: the exchanges of other resources, by `other_resource_key`
    """

    def __init__(self, tolerance: Tolerance | None = None) -> None:
        self.tolerance = tolerance or Tolerance()
        self.interactions: list[RecordedInteraction] = []
        self.by_key: dict[str, list[RecordedInteraction]] = {}
        self.orphans: dict[str, RecordedInteraction] = {}
        self.other_resources: dict[tuple[str, ...], list[RecordedExchange]] = {}

    def add_cassette(self, file: str, exchanges: Iterable[RecordedExchange]) -> None:
        """Add the exchanges of one cassette; its ids are not looked up in any other.

        A create may stand before its parent, where somebody merged or sorted them.
        """
        count_before = len(self.interactions)
        ids: dict[str, RecordedInteraction] = {}
        early_children: list[RecordedExchange] = []
        exchanges = list(exchanges)
        named_ids = {name for recorded in exchanges for name in _ids_named_by(recorded.exchange)}
        named_ids.discard("")
        for recorded in exchanges:
            exchange = recorded.exchange
            if exchange.targets_interactions and exchange.operation == "create":
                parent_id = parent_id_of(request_content(exchange))
                if parent_id and parent_id not in ids:
                    early_children.append(recorded)
                    continue
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
        if early_children:
            self._add_early_children(file, early_children, ids)
            of_file = sorted(self.interactions[count_before:], key=lambda each: each.number)
            self.interactions[count_before:] = of_file

    def _add_early_children(
        self, file: str, children: list[RecordedExchange], ids: dict[str, RecordedInteraction]
    ) -> None:
        """Add the creates that stand before what they continue, and those that continue nothing."""
        while children:
            ready = [
                recorded
                for recorded in children
                if parent_id_of(request_content(recorded.exchange)) in ids
            ] or children  # their parents are in no exchange of this file
            for recorded in ready:
                interaction = self._create(file, recorded, ids)
                if interaction.id:
                    ids.setdefault(interaction.id, interaction)
            added = set(map(id, ready))
            children = [recorded for recorded in children if id(recorded) not in added]

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
        """Return what a request means, without what is tolerated.

        body: the request's JSON, with the ids of the recording
        parent: the interaction that it continues, whose names count by their places
        """
        if not isinstance(body, dict):
            return {"body": body}
        return self.tolerance.apply(request_meaning(body, parent.name_places if parent else {}))

    def _create(
        self, file: str, recorded: RecordedExchange, ids: dict[str, RecordedInteraction]
    ) -> RecordedInteraction:
        """Add the interaction that a create made, under its parent if `ids` has it."""
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
    """Build the key of a create from its meaning and what it continues.

    That is the recorded `parent`, or an unknown interaction called `name`, or nothing.
    """
    return key_of(parent.key if parent and parent.key else name, meaning)


def request_content(exchange: Exchange) -> Any:
    """Return the JSON of a request, or the body as text where it is not JSON."""
    try:
        return exchange.request_json
    except ValueError:
        return exchange.request_body.decode("utf-8", "replace")


def parent_id_of(body: Any) -> str:
    """Return the `previous_interaction_id` of a request, or an empty string."""
    name = body.get("previous_interaction_id") if isinstance(body, dict) else None
    return name if isinstance(name, str) else ""


def _ids_named_by(exchange: Exchange) -> tuple[str, ...]:
    """Return the ids of the interactions that a request names: its own, or its parent's."""
    if not exchange.targets_interactions or not exchange.operation:
        return ()
    if exchange.operation != "create":
        return (exchange.interaction_id,)
    return (parent_id_of(request_content(exchange)),)


def _may_hold_one_of(exchange: Exchange, ids: set[str]) -> bool:
    """Tell whether an answer may be one of these interactions; True where only parsing could tell.

    Most are not, and parsing every answer of a large cassette takes longer than everything else.
    """
    found_ids = _ID_PATTERN.findall(exchange.response_body) if ids else ()
    return any(
        b"\\" in found_id or found_id.decode("utf-8", "replace") in ids for found_id in found_ids
    )


def _id_in_response(exchange: Exchange) -> str:
    """Return the id of the interaction in an answer, empty where it has none."""
    for value in response_values(exchange):
        interaction = interaction_in(value)
        if interaction and isinstance(interaction.get("id"), str):
            identifier: str = interaction["id"]
            return identifier
        if exchange.is_stream and interaction is not None and "interaction" in value:
            return ""  # the first interaction of a stream has the id, or none has
    return ""


def other_resource_key(exchange: Exchange) -> tuple[str, ...]:
    """Build the key of an exchange of another resource: method, path, query, digest of the body.

    The path is without its version, and the query without keys and `alt`. Of placeholders counts
    which ones are equal.
    """
    path = _VERSION.sub(r"\1/", urlsplit(exchange.uri).path)
    query = sorted(
        f"{name}={value}"
        for name, value in exchange.query.items()
        if name not in _IGNORED_PARAMETERS
    )
    body = request_content(exchange)
    text = key_of("", {"body": body}) if body is not None else ""
    path, parameters = number_anew("\0".join([path, "&".join(query)])).split("\0")
    return (exchange.method, path, parameters, text)
