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
from .exchange import Exchange, Recorded
from .meaning import key_of, meaning
from .server_names import REDACTED, named
from .tolerance import Tolerance

_VERSION = re.compile(r"^/v\d+\w*/")
_ID = re.compile(rb'"id"\s*:\s*"([^"]*)"')
_KEYS_OF_QUERY = frozenset({"key", "alt", "access_token"})


@dataclass(eq=False)
class Take:
    """One interaction of a recording: its create, and the gets, cancels and deletes of it.

    `create` is None for an interaction that began before the recording did, and `name` is then its
    id. `parent` is the take it continues. `key` is the same for all that were asked the same.
    """

    file: str
    name: str = ""
    create: Recorded | None = None
    parent: Take | None = None
    means: Json = field(default_factory=dict)
    key: str = ""
    later: list[Recorded] = field(default_factory=list)
    children: list[Take] = field(default_factory=list)

    @cached_property
    def id(self) -> str:
        """The interaction's id, empty where it has none; read when it is first asked for."""
        return _identity(self.create.exchange) if self.create else self.name

    @cached_property
    def known(self) -> dict[str, str]:
        """Each name the server made up to here in this conversation, and its place in it."""
        places = dict(self.parent.known) if self.parent else {}
        counts: dict[str, int] = defaultdict(int)
        for place in places.values():
            counts[place.partition(" ")[0]] += 1
        for recorded in (self.create, *self.later):
            for body in bodies(recorded.exchange) if recorded else ():
                for key, name in named(body):
                    kind = "call" if key in ("id", "call_id") else key.removesuffix("_id")
                    if name != self.id and name not in places:
                        counts[kind] += 1
                        places[name] = f"{kind} {counts[kind]}"
        return places

    @cached_property
    def aliases(self) -> dict[str, str]:
        """The call that a result means whose recorder replaced its `call_id`, and not the id."""
        ids: list[str] = []
        calls: list[str] = []
        for body in bodies(self.create.exchange) if self.create else ():
            for key, name in named(body):
                if key == "call_id" or (key == "id" and name != self.id):
                    (calls if key == "call_id" else ids).append(name)
        lost = dict.fromkeys(name for name in calls if name not in ids and REDACTED.search(name))
        open_calls = dict.fromkeys(name for name in ids if name not in calls)
        return dict(zip(lost, open_calls, strict=False))


class Takes:
    """All takes of some cassettes, found by what was asked."""

    def __init__(self, tolerance: Tolerance | None = None) -> None:
        self.tolerance = tolerance or Tolerance()
        self.all: list[Take] = []
        """In the order of the recording."""
        self.by_key: dict[str, list[Take]] = {}
        self.strays: dict[str, Take] = {}
        """Interactions that began before their recording did, by id."""
        self.others: dict[tuple[str, ...], list[Recorded]] = {}
        """What is no interaction: other resources of the API, by what was asked."""

    def add(self, file: str, exchanges: Iterable[Recorded]) -> None:
        """Read one cassette; its ids mean something in this cassette alone."""
        ids: dict[str, Take] = {}
        exchanges = list(exchanges)
        spoken_of = {name for recorded in exchanges for name in _spoken_of(recorded.exchange)}
        for recorded in exchanges:
            exchange = recorded.exchange
            if exchange.ours and exchange.operation == "create":
                take = self._create(file, recorded, ids)
                if _may_be(exchange, spoken_of) and take.id:
                    ids[take.id] = take
            elif exchange.ours and exchange.operation:
                name = exchange.identifier
                if name not in ids:
                    ids[name] = self.strays[name] = Take(file, name)
                    self.all.append(ids[name])
                ids[name].later.append(recorded)
            else:
                self.others.setdefault(other_key(exchange), []).append(recorded)

    def meaning(self, body: Any, parent: Take | None) -> Json:
        """What a request means under a parent; its names are those of the recording."""
        if not isinstance(body, dict):
            return {"body": body}
        return self.tolerance.applied(meaning(body, parent.known if parent else {}))

    def _create(self, file: str, recorded: Recorded, ids: dict[str, Take]) -> Take:
        body = asked(recorded.exchange)
        name = parent_of(body)
        parent = ids.get(name)
        means = self.meaning(body, parent)
        take = Take(file, "", recorded, parent, means, key_under(parent, name, means))
        if parent:
            parent.children.append(take)
        self.all.append(take)
        self.by_key.setdefault(take.key, []).append(take)
        return take


def key_under(parent: Take | None, name: str, means: Json) -> str:
    """The key of a request that continues `parent`, or an interaction called `name`, or nothing."""
    return key_of(parent.key if parent and parent.key else name, means)


def asked(exchange: Exchange) -> Any:
    """The JSON of a request, or its bytes as text where it is none."""
    try:
        return exchange.asked
    except ValueError:
        return exchange.request_body.decode("utf-8", "replace")


def parent_of(body: Any) -> str:
    """The `previous_interaction_id` of a request, or an empty string."""
    name = body.get("previous_interaction_id") if isinstance(body, dict) else None
    return name if isinstance(name, str) else ""


def bodies(exchange: Exchange) -> Iterator[Any]:
    """The JSON values of a response: its body, or each event of its stream."""
    if not exchange.streamed:
        try:
            yield exchange.answered
        except ValueError:
            return
        return
    for frame in exchange.frames[0]:
        try:
            yield frame.json()
        except ValueError:
            continue


def _spoken_of(exchange: Exchange) -> tuple[str, ...]:
    """The interactions that a request names."""
    if not exchange.ours or not exchange.operation:
        return ()
    if exchange.operation != "create":
        return (exchange.identifier,)
    return (parent_of(asked(exchange)),)  # read once, it is needed for its meaning anyway


def _may_be(exchange: Exchange, names: set[str]) -> bool:
    """Whether an answer may be one of these interactions; says yes where it takes reading to know.

    Most are not, and reading every answer of a large cassette takes longer than all the rest.
    """
    found = _ID.findall(exchange.response_body) if names else ()
    return any(b"\\" in name or name.decode("utf-8", "replace") in names for name in found)


def _identity(exchange: Exchange) -> str:
    for body in bodies(exchange):
        interaction = body.get("interaction", body) if isinstance(body, dict) else None
        if isinstance(interaction, dict) and isinstance(interaction.get("id"), str):
            name: str = interaction["id"]
            return name
        if exchange.streamed and isinstance(interaction, dict) and "interaction" in body:
            return ""  # the first event says whether there is one
    return ""


def other_key(exchange: Exchange) -> tuple[str, ...]:
    """What an exchange of another resource asked: method, path without version, query, body."""
    path = _VERSION.sub("/", urlsplit(exchange.uri).path)
    query = sorted(
        f"{name}={value}" for name, value in exchange.query.items() if name not in _KEYS_OF_QUERY
    )
    body = asked(exchange)
    text = key_of("", {"body": body}) if body is not None else ""
    return (exchange.method, path, "&".join(query), text)
