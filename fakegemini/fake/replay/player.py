"""A cassette as a server: each request gets the recorded answer to what it means, under fresh ids.

Order matters only inside a conversation. Polls and retries are elastic: what was recorded once may
be asked again, and what is known of an interaction answers a get that nobody recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from ...errors import BadBody
from ...protocol.ids import InteractionId, Mint
from ...recordings.conversations import Take, Takes, key_under, other_key, parent_of
from ...recordings.exchange import Exchange
from ...recordings.server_names import constant, fresh, swapped
from ...wire.http import Json, Reply, Request
from ...wire.json_text import dumps
from .beats import Change, Pace, replayed
from .follow_ups import Known
from .miss import missing, nothing_left, unknown


@dataclass(eq=False)
class _Live:
    """One interaction as the client knows it: its take, its id, the names handed out so far."""

    take: Take
    id: str
    names: dict[str, str]
    known: Known = field(init=False)

    def __post_init__(self) -> None:
        self.known = Known(self.take)


class Player:
    """Answers from `takes`.

    `seed` makes the ids. With `repeats` a conversation may be had again when all its recordings
    were played. `made` is told of each interaction that was replayed: the request, its id, its
    take, and what gives a recorded body the names of the replay.
    """

    def __init__(
        self,
        takes: Takes,
        *,
        seed: str = "0",
        pace: Pace | None = None,
        repeats: bool = False,
        made: Callable[[Json, str, Take, Change], object] = lambda *_: None,
    ) -> None:
        self._takes = takes
        self._seed = seed
        self._pace = pace or Pace()
        self._repeats = repeats
        self._made = made
        self._live: dict[str, _Live] = {}
        self._back: dict[str, str] = {}
        self._played: Counter[int] = Counter()
        self._asked: Counter[str] = Counter()

    def handle(self, request: Request) -> Reply:
        """The recorded answer; raises `NotOnTape`."""
        exchange = _as_exchange(request)
        if not exchange.ours or not exchange.operation:
            return self._other(exchange)
        return self._create(request) if exchange.operation == "create" else self._later(exchange)

    def as_recorded(self, request: Request) -> Request:
        """The request with the names of the recording, as the recorded server knows them."""
        path = "/".join(self._back.get(part, part) for part in request.path.split("/"))
        try:
            body = request.json()
        except BadBody:
            return replace(request, path=path)
        renamed = swapped(body, lambda _, name: self._back.get(name, name))
        payload = request.body if renamed == body else dumps(renamed).encode()
        return replace(request, path=path, body=payload)

    def unplayed(self) -> list[Take]:
        """The recorded conversations' turns that nobody asked for."""
        return [take for take in self._takes.all if take.create and not self._played[id(take)]]

    def _create(self, request: Request) -> Reply:
        try:
            body = request.json()
        except BadBody:
            body = request.body.decode("utf-8", "replace")
        name = parent_of(body)
        parent = self._live.get(name)
        recorded_body = swapped(body, lambda _, value: self._back.get(value, value))
        above = parent.take if parent else None
        means = self._takes.meaning(recorded_body, above)
        key = key_under(above, self._back.get(name, name), means)
        take = self._chosen(key, above)
        if take is None:
            spent = self._takes.by_key.get(key)
            raise nothing_left(body, spent) if spent else missing(body, means, above, self._takes)
        self._played[id(take)] += 1
        return self._answered(body, take, parent)

    def _chosen(self, key: str, parent: Take | None) -> Take | None:
        takes = self._takes.by_key.get(key, [])
        waiting = [take for take in takes if not self._played[id(take)]]
        if not waiting and takes and self._repeats:
            for take in takes:
                self._played[id(take)] = 0
            waiting = takes
        # Conversations that began alike may have been recorded side by side: the one whose
        # beginning this client saw goes first, its twin is as good by what was asked.
        waiting = [take for take in waiting if take.parent is parent] or waiting
        if waiting:
            return waiting[0]
        last = takes[-1].create if takes else None
        return takes[-1] if last and (last.exchange.status or 0) >= 400 else None

    def _answered(self, body: Any, take: Take, parent: _Live | None) -> Reply:
        assert take.create is not None
        self._asked[take.key] += 1
        mint = Mint(f"{self._seed} {take.file} {take.key} {self._asked[take.key]}")
        identity = _identity(take, parent, mint)
        live = _Live(take, identity, dict(parent.names) if parent else {})
        if take.id:
            live.names[take.id] = identity
            self._live[identity] = live
            self._back[identity] = take.id
        change = self._renamed(live, mint)
        reply = replayed(take.create, change, self._pace)
        if reply.status == 200 and isinstance(body, dict):
            self._made(body, identity, take, change)
        return reply

    def _renamed(self, live: _Live, mint: Mint) -> Change:
        def swap(key: str, name: str) -> str:
            name = live.take.aliases.get(name, name)
            if constant(name):
                return name
            if name not in live.names:
                if key in ("interaction_id", "previous_interaction_id"):
                    return name
                live.names[name] = fresh(key, mint)
                self._back[live.names[name]] = name
            return live.names[name]

        def change(body: Any) -> Any:
            made = swapped(body, swap)
            return _reworded(made, live) if "error" in made else made

        return change

    def _later(self, exchange: Exchange) -> Reply:
        name = exchange.identifier
        live = self._live.get(name) or self._stray(name)
        if live is None:
            raise unknown(exchange, self._takes, [live.id for live in self._live.values()])
        mint = Mint(f"{self._seed} {live.id} later")
        found = live.known.answer(exchange)
        if found is None:
            raise unknown(exchange, self._takes, [item.id for item in self._live.values()])
        if isinstance(found, Reply):
            return found
        recorded, after = found
        return replayed(recorded, self._renamed(live, mint), self._pace, after)

    def _stray(self, name: str) -> _Live | None:
        """An interaction that began before the recording did keeps its name."""
        take = self._takes.strays.get(name)
        if take:
            self._live[name] = _Live(take, name, {name: name})
        return self._live.get(name)

    def _other(self, exchange: Exchange) -> Reply:
        key = other_key(exchange)
        recordings = self._takes.others.get(key)
        if not recordings:
            raise unknown(exchange, self._takes, [])
        self._asked["\0".join(key)] += 1
        number = min(self._asked["\0".join(key)], len(recordings))
        return replayed(recordings[number - 1], lambda body: body, self._pace)


def _as_exchange(request: Request) -> Exchange:
    query = f"?{urlencode(request.query)}" if request.query else ""
    headers = {name.lower(): value for name, value in request.headers}
    uri = f"http://127.0.0.1{request.path}{query}"
    return Exchange(0, request.method, uri, headers, request.body)


def _identity(take: Take, parent: _Live | None, mint: Mint) -> str:
    """A fresh id, of the second of the recorded one, with the root of the live parent."""
    recorded = InteractionId.parse(take.id)
    own = mint.own(recorded.second if recorded else 0)
    above = InteractionId.parse(parent.id) if parent else None
    return str(InteractionId(above.root if above else own, own))


def _reworded(body: Json, live: _Live) -> Json:
    """An error whose message speaks of the client's ids."""
    error = body.get("error")
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return body
    message = error["message"]
    for recorded, name in live.names.items():
        message = message.replace(recorded, name)
    return {**body, "error": {**error, "message": message}}
