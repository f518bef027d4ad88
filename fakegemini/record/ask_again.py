"""Recorded requests asked anew: the same words, with the names that the server gives this time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any, TypeAlias

from ..errors import WentOtherwise
from ..fake.replay.miss import where
from ..protocol.status import running
from ..recordings.conversations import Take, Takes, asked, bodies, other_key, parent_of
from ..recordings.exchange import Exchange, Recorded
from ..recordings.server_names import named, swapped
from ..wire.http import RETRIED, Json
from ..wire.json_text import dumps

Asking: TypeAlias = Generator[tuple[Take, Exchange], Exchange, None]
"""Yields each request with the take it belongs to, and is sent the exchange that it became."""


def conversation(root: Take) -> list[Take]:
    """A take and all that continue it, each after what it continues."""
    return [root, *(take for child in root.children for take in conversation(child))]


def again(takes: Iterable[Take]) -> Asking:
    """Ask what was recorded; raises `WentOtherwise`.

    `takes` are in the order in which they are to be asked. What was refused for a moment is not
    asked again, since its retry is in the recording as well. A run that goes on is polled until
    it ends: whoever sends decides how long to wait between two polls.
    """
    names: dict[str, str] = {}
    for take in takes:
        if take.create is None or take.create.exchange.status in RETRIED:
            continue
        body = asked(take.create.exchange)
        missing = [name for name in _sent(body) if name in _made(take) and name not in names]
        if missing:
            raise WentOtherwise(
                f"{where(take)} refers to {missing[0]!r}, which the server did not give this time: "
                "the model answered otherwise. Fix: run the program again and record it."
            )
        renamed = swapped(body, lambda _, name: names.get(name, name))
        answer = yield take, _request(take.create.exchange, renamed)
        _learn(names, take.create.exchange, answer)
        yield from _later(take, answer, names)


def _later(take: Take, answer: Exchange, names: dict[str, str]) -> Asking:
    """The recorded gets, cancels and deletes; polls as many as the run needs today."""
    status = _status(answer)
    live = names.get(take.id, "")
    for recorded in take.later:
        exchange = recorded.exchange
        if not live:
            return
        old = _status(exchange)
        polled = exchange.operation == "get" and old is not None
        if polled and running(str(old)) and not running(str(status)):
            continue  # it ran longer when it was recorded
        asked_anew = Exchange(
            exchange.number,
            exchange.method,
            exchange.uri.replace(take.id, live),
            exchange.request_headers,
            status=exchange.status,
        )
        answer = yield take, asked_anew
        status = _status(answer) or status
        while polled and _went_on(old, status):
            answer = yield take, asked_anew
            status = _status(answer)
        _learn(names, exchange, answer)


def _went_on(recorded: str | None, status: str | None) -> bool:
    """Whether it still runs today where it had ended when it was recorded."""
    return bool(recorded and status and not running(recorded) and running(status))


def _request(exchange: Exchange, body: Any) -> Exchange:
    text = dumps(body) if not isinstance(body, str) else body
    return Exchange(
        exchange.number,
        exchange.method,
        exchange.uri,
        exchange.request_headers,
        text.encode(),
        exchange.status,
    )


def _sent(body: Any) -> list[str]:
    """The server's names that a request brings back: its parent, and the calls it answers."""
    parent = parent_of(body)
    steps: Any = body.get("input") if isinstance(body, dict) else None
    results = [name for key, name in named(steps) if key == "call_id"]
    return [name for name in (parent, *results) if name]


def _made(take: Take) -> set[str]:
    """Every name that the server made in this conversation before the take."""
    made: set[str] = set()
    above = take.parent
    while above:
        made |= {above.id, *above.known}
        above = above.parent
    return made


def _learn(names: dict[str, str], recorded: Exchange, answered: Exchange) -> None:
    """What the names of the recording are called today: the first of a kind by the first."""
    before, after = _by_key(recorded), _by_key(answered)
    for key, old in before.items():
        for name, fresh in zip(old, after.get(key, ()), strict=False):
            names.setdefault(name, fresh)


def _by_key(exchange: Exchange) -> dict[str, dict[str, None]]:
    """The names in an answer by the member they stand under, each once, in their order."""
    found: dict[str, dict[str, None]] = {}
    for body in bodies(exchange):
        for key, name in named(body):
            found.setdefault(key, {})[name] = None
    return found


def _status(exchange: Exchange) -> str | None:
    last: Json = {}
    for body in bodies(exchange):
        if isinstance(body, dict):
            inner = body.get("interaction", body)
            if isinstance(inner, dict) and isinstance(inner.get("status"), str):
                last = inner
    return last.get("status")


def renewed(old: Sequence[Recorded], new: Sequence[Recorded]) -> list[Recorded]:
    """The old exchanges, those that were asked again replaced, and what nobody had asked behind.

    The same question is what means the same at the same place of its conversation; with it go the
    gets, cancels and deletes of its interaction.
    """
    before, after = _groups(old), _groups(new)
    made: list[Recorded] = []
    asked = set(after.values())
    placed: set[str] = set()
    for recorded in old:
        group = before[id(recorded)]
        if group not in asked:
            made.append(recorded)
        elif group not in placed:
            placed.add(group)
            made += [one for one in new if after[id(one)] == group]
    return [*made, *(one for one in new if after[id(one)] not in placed)]


def _groups(exchanges: Sequence[Recorded]) -> dict[int, str]:
    """For each exchange, by identity, a name of what it asks."""
    takes = Takes()
    takes.add("", exchanges)
    groups = {id(one): "\0".join(other_key(one.exchange)) for one in exchanges}
    for take in takes.all:
        for one in _all(take):
            groups[id(one)] = take.key or f"stray {take.id}"
    return groups


def _all(take: Take) -> list[Recorded]:
    return [*([take.create] if take.create else []), *take.later]
