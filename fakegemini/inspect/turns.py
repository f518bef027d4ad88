"""Read a cassette as conversations: turns in their order, with answers and what came later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..contract.rules.legacy import find_legacy
from ..protocol.ask import steps_of, without_nulls
from ..recordings.answers import RecordedAnswer, read_answer
from ..recordings.cassette import Cassette, load_cassette
from ..recordings.conversations import (
    RecordedConversations,
    RecordedInteraction,
    parent_id_of,
    request_content,
)
from ..recordings.exchange import RecordedExchange
from ..wire.http import Json


@dataclass(frozen=True)
class FollowUpView:
    """A get, cancel or delete of an interaction.

    what: the operation
    from_event: the id of the event behind which a stream was resumed
    """

    number: int
    what: str
    answer: RecordedAnswer
    from_event: str = ""


@dataclass(frozen=True)
class TurnView:
    """One create and what followed it.

    number: that of its exchange in the recording, from 1
    after: the number of the turn that it continues, or the id of one that was not recorded
    branch: whether an earlier turn continues the same
    asked: the steps of its input
    settings: the other members of its request
    later: its gets, cancels and deletes
    legacy: whether it is in the schema before 2026-05-20
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
    """An exchange of another resource, such as a list of models; `asked` is method and path."""

    number: int
    asked: str
    answer: RecordedAnswer


@dataclass(frozen=True)
class CassetteView:
    """A whole cassette: its conversations, and the exchanges of other resources."""

    file: str
    head: Json
    exchanges: int
    conversations: tuple[tuple[TurnView, ...], ...] = ()
    others: tuple[ExchangeView, ...] = field(default_factory=tuple)


def view_cassette(path: Path) -> CassetteView:
    """Read a file as conversations; raises `Unreadable`."""
    cassette = load_cassette(path)
    conversations = read_conversations(cassette, path.name)
    bodies = [
        (_view_bare_answer(recorded),)
        for recorded in cassette.exchanges
        if not recorded.exchange.uri
    ]
    return CassetteView(
        str(path),
        cassette.head,
        len(cassette.exchanges),
        (*(tuple(_view_turns(root)) for root in conversations.roots), *bodies),
        tuple(map(_view_other_exchange, conversations.other_exchanges)),
    )


def read_conversations(cassette: Cassette, name: str = "") -> RecordedConversations:
    """Return the conversations of a cassette, which errors call `name`.

    An answer without its request is in none of them.
    """
    conversations = RecordedConversations()
    conversations.add_cassette(
        name, (recorded for recorded in cassette.exchanges if recorded.exchange.uri)
    )
    return conversations


def _view_turns(root: RecordedInteraction) -> Iterator[TurnView]:
    for interaction in root.with_descendants():
        body = _request_body(interaction.create) if interaction.create else {}
        parent = interaction.parent
        yield TurnView(
            interaction.number,
            interaction.id,
            parent.number if parent else parent_id_of(body) or None,
            bool(parent and parent.children[0] is not interaction),
            tuple(_input_steps(body.get("input"))),
            {k: v for k, v in body.items() if k not in ("input", "previous_interaction_id")},
            read_answer(interaction.create) if interaction.create else RecordedAnswer(None),
            tuple(_view_follow_up(recorded) for recorded in interaction.follow_ups),
            bool(interaction.create and find_legacy(interaction.create.exchange)),
        )


def _view_bare_answer(recorded: RecordedExchange) -> TurnView:
    """Return the turn of an answer whose request was not recorded."""
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


def _view_follow_up(recorded: RecordedExchange) -> FollowUpView:
    exchange = recorded.exchange
    last_event_id = exchange.query.get("last_event_id", "")
    return FollowUpView(
        exchange.number, str(exchange.operation), read_answer(recorded), last_event_id
    )


def _view_other_exchange(recorded: RecordedExchange) -> ExchangeView:
    exchange = recorded.exchange
    method_and_path = f"{exchange.method} /{'/'.join(exchange.path_parts)}"
    return ExchangeView(exchange.number, method_and_path, read_answer(recorded))


def _request_body(recorded: RecordedExchange) -> Json:
    """Return the members of a request without nulls; one that is no object counts as an input."""
    body = request_content(recorded.exchange)
    return without_nulls(body) if isinstance(body, dict) else {"input": body}


def _input_steps(value: Any) -> list[Json]:
    """Return an input as steps; one that the server would refuse as a text."""
    try:
        return [step for step in steps_of(value) if isinstance(step, dict)]
    except (AttributeError, TypeError):
        return steps_of(str(value))
