"""A cassette as conversations: turns in their order, each with what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..contract.rules.legacy import legacy
from ..protocol.ask import steps_of, without_nulls
from ..recordings.answers import Answer, answer_of
from ..recordings.cassette import Cassette, load
from ..recordings.conversations import Take, Takes, asked
from ..recordings.exchange import Recorded
from ..wire.http import Json


@dataclass(frozen=True)
class Later:
    """A get, cancel or delete of an interaction; `from_event` where a stream was resumed."""

    number: int
    what: str
    answer: Answer
    from_event: str = ""


@dataclass(frozen=True)
class Turn:
    """One create and what followed it.

    `number` is that of the exchange, from 1. `after` is the number of the turn it continues, or
    the id of one that was not recorded, or None. `branch`: another turn continued the same before.
    `asked` are the steps of its input, `settings` all other members of the request.
    """

    number: int
    id: str
    after: int | str | None
    branch: bool
    asked: tuple[Json, ...]
    settings: Json
    answer: Answer
    later: tuple[Later, ...] = ()
    legacy: bool = False


@dataclass(frozen=True)
class Other:
    """An exchange that is no interaction, such as a list of models."""

    number: int
    asked: str
    answer: Answer


@dataclass(frozen=True)
class Told:
    """A whole cassette."""

    file: str
    head: Json
    exchanges: int
    conversations: tuple[tuple[Turn, ...], ...] = ()
    others: tuple[Other, ...] = field(default_factory=tuple)


def told(path: Path) -> Told:
    """The conversations of a file; raises `Unreadable`."""
    cassette = load(path)
    takes = Takes()
    takes.add(path.name, (item for item in cassette.recorded if item.exchange.uri))
    roots = [take for take in takes.all if take.parent is None]
    bodies = [(_body(item),) for item in cassette.recorded if not item.exchange.uri]
    return Told(
        str(path),
        cassette.head,
        len(cassette.recorded),
        (*(tuple(_turns(root)) for root in roots), *bodies),
        tuple(_others(cassette, takes)),
    )


def tree(root: Take) -> list[Take]:
    """A take and all that continue it, in the order of the recording."""
    found = [root]
    for take in found:
        found += take.children
    return sorted(found, key=_number)


def _turns(root: Take) -> Iterator[Turn]:
    for take in tree(root):
        body = _asked(take.create) if take.create else {}
        above = take.parent
        name = body.get("previous_interaction_id")
        yield Turn(
            _number(take),
            take.id,
            _number(above) if above else name if isinstance(name, str) and name else None,
            bool(above and above.children[0] is not take),
            tuple(_steps(body.get("input"))),
            {k: v for k, v in body.items() if k not in ("input", "previous_interaction_id")},
            answer_of(take.create) if take.create else Answer(None),
            tuple(_later(item) for item in take.later),
            bool(take.create and legacy(take.create.exchange)),
        )


def _body(item: Recorded) -> Turn:
    """An answer of which nobody kept the request."""
    answer, number = answer_of(item), item.exchange.number
    said = tuple(step for step in answer.steps if step not in answer.made)
    settings = {key: item for key, item in answer.rest.items() if key in ("model", "agent")}
    old = bool(legacy(item.exchange))
    return Turn(
        number, str(answer.rest.get("id", "")), None, False, said, settings, answer, legacy=old
    )


def _number(take: Take) -> int:
    first = take.create or (take.later[0] if take.later else None)
    return first.exchange.number if first else 0


def _later(item: Recorded) -> Later:
    exchange = item.exchange
    after = exchange.query.get("last_event_id", "")
    return Later(exchange.number, str(exchange.operation), answer_of(item), after)


def _others(cassette: Cassette, takes: Takes) -> Iterator[Other]:
    ours = {id(item) for items in takes.others.values() for item in items}
    for item in cassette.recorded:
        if id(item) in ours:
            exchange = item.exchange
            place = f"{exchange.method} /{'/'.join(exchange.parts)}"
            yield Other(exchange.number, place, answer_of(item))


def _asked(item: Recorded) -> Json:
    body = asked(item.exchange)
    return without_nulls(body) if isinstance(body, dict) else {"input": body}


def _steps(value: Any) -> list[Json]:
    try:
        return [step for step in steps_of(value) if isinstance(step, dict)]
    except (AttributeError, TypeError):  # no input that the server takes
        return steps_of(str(value))
