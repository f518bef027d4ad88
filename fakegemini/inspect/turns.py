"""A cassette as conversations: turns in their order, each with what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..contract.rules.legacy import find_legacy
from ..protocol.ask import steps_of, without_nulls
from ..recordings.answers import RecordedAnswer, read_answer
from ..recordings.cassette import Cassette, load_cassette
from ..recordings.conversations import RecordedConversations, RecordedInteraction, request_content
from ..recordings.exchange import RecordedExchange
from ..wire.http import Json


@dataclass(frozen=True)
class FollowUpView:
    """A get, cancel or delete of an interaction; `from_event` where a stream was resumed."""

    number: int
    what: str
    answer: RecordedAnswer
    from_event: str = ""


@dataclass(frozen=True)
class TurnView:
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
    answer: RecordedAnswer
    later: tuple[FollowUpView, ...] = ()
    legacy: bool = False


@dataclass(frozen=True)
class ExchangeView:
    """An exchange that is no interaction, such as a list of models."""

    number: int
    asked: str
    answer: RecordedAnswer


@dataclass(frozen=True)
class CassetteView:
    """A whole cassette."""

    file: str
    head: Json
    exchanges: int
    conversations: tuple[tuple[TurnView, ...], ...] = ()
    others: tuple[ExchangeView, ...] = field(default_factory=tuple)


def view_cassette(path: Path) -> CassetteView:
    """The conversations of a file; raises `Unreadable`."""
    cassette = load_cassette(path)
    conversations = RecordedConversations()
    conversations.add_cassette(
        path.name, (recorded for recorded in cassette.exchanges if recorded.exchange.uri)
    )
    roots = [
        interaction for interaction in conversations.interactions if interaction.parent is None
    ]
    bodies = [
        (_view_bare_answer(recorded),)
        for recorded in cassette.exchanges
        if not recorded.exchange.uri
    ]
    return CassetteView(
        str(path),
        cassette.head,
        len(cassette.exchanges),
        (*(tuple(_view_turns(root)) for root in roots), *bodies),
        tuple(_view_other_exchanges(cassette, conversations)),
    )


def with_descendants(root: RecordedInteraction) -> list[RecordedInteraction]:
    """A take and all that continue it, in the order of the recording."""
    members = [root]
    for member in members:
        members += member.children
    return sorted(members, key=_number_of)


def _view_turns(root: RecordedInteraction) -> Iterator[TurnView]:
    for interaction in with_descendants(root):
        body = _request_body(interaction.create) if interaction.create else {}
        parent = interaction.parent
        parent_id = body.get("previous_interaction_id")
        yield TurnView(
            _number_of(interaction),
            interaction.id,
            _number_of(parent)
            if parent
            else parent_id
            if isinstance(parent_id, str) and parent_id
            else None,
            bool(parent and parent.children[0] is not interaction),
            tuple(_input_steps(body.get("input"))),
            {k: v for k, v in body.items() if k not in ("input", "previous_interaction_id")},
            read_answer(interaction.create) if interaction.create else RecordedAnswer(None),
            tuple(_view_follow_up(recorded) for recorded in interaction.follow_ups),
            bool(interaction.create and find_legacy(interaction.create.exchange)),
        )


def _view_bare_answer(recorded: RecordedExchange) -> TurnView:
    """An answer of which nobody kept the request."""
    answer, number = read_answer(recorded), recorded.exchange.number
    input_steps = tuple(step for step in answer.steps if step not in answer.output_steps)
    settings = {key: value for key, value in answer.members.items() if key in ("model", "agent")}
    is_legacy = bool(find_legacy(recorded.exchange))
    return TurnView(
        number,
        str(answer.members.get("id", "")),
        None,
        False,
        input_steps,
        settings,
        answer,
        legacy=is_legacy,
    )


def _number_of(interaction: RecordedInteraction) -> int:
    first = interaction.create or (interaction.follow_ups[0] if interaction.follow_ups else None)
    return first.exchange.number if first else 0


def _view_follow_up(recorded: RecordedExchange) -> FollowUpView:
    exchange = recorded.exchange
    last_event_id = exchange.query.get("last_event_id", "")
    return FollowUpView(
        exchange.number, str(exchange.operation), read_answer(recorded), last_event_id
    )


def _view_other_exchanges(
    cassette: Cassette, conversations: RecordedConversations
) -> Iterator[ExchangeView]:
    other_ids = {
        id(recorded)
        for exchanges in conversations.other_resources.values()
        for recorded in exchanges
    }
    for recorded in cassette.exchanges:
        if id(recorded) in other_ids:
            exchange = recorded.exchange
            method_and_path = f"{exchange.method} /{'/'.join(exchange.path_parts)}"
            yield ExchangeView(exchange.number, method_and_path, read_answer(recorded))


def _request_body(recorded: RecordedExchange) -> Json:
    body = request_content(recorded.exchange)
    return without_nulls(body) if isinstance(body, dict) else {"input": body}


def _input_steps(value: Any) -> list[Json]:
    try:
        return [step for step in steps_of(value) if isinstance(step, dict)]
    except (AttributeError, TypeError):  # no input that the server takes
        return steps_of(str(value))
