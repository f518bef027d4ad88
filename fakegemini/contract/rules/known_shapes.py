"""Know of which shapes no rule found anything, so that exchanges like these are judged quickly.

Where no rule finds anything in an exchange, its shape is remembered. Of the next exchange of that
shape only those rules are asked that weigh what a shape leaves open and the exchange has: the
texts and counts that `Rule.weighs` names; of a rule that does not say so, always. If one of them
finds something, the whole exchange is checked in the ordinary way: a known shape hides nothing
and words nothing. What holds between exchanges is no matter of shape, and is always looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...protocol.ask import without_nulls
from ...recordings.exchange import Exchange
from ..findings import Problem
from .answer_envelope import is_stored, wants_stream
from .call_pairs import check_call_pairs
from .exchange_shape import ExchangeShape, ExchangeShapes
from .ids_and_times import check_id
from .registry import (
    ANSWER,
    FINDERS,
    REQUEST,
    RESOURCE,
    RULES,
    RUNNING,
    STREAM_END,
    TURN,
    AnswerView,
    Finder,
    InteractionView,
    RequestView,
    TurnView,
)
from .sound_turns import read_sound_turn

_MOST_KNOWN = 512


class KnownShape(NamedTuple):
    """The rules that are to be asked of each exchange of a shape, by what they look at."""

    requests: tuple[Finder, ...]
    answers: tuple[Finder, ...]
    interactions: tuple[Finder, ...]
    turns: tuple[Finder, ...]
    has_step_ids: bool


class KnownShapes:
    """The shapes of exchanges in which no rule found anything."""

    def __init__(self, *, is_live: bool) -> None:
        self.rule_count = len(RULES)
        self._is_live = is_live
        self._shapes = ExchangeShapes()
        self._rows: dict[ExchangeShape, KnownShape] = {}

    def read(self, exchange: Exchange) -> ExchangeShape | None:
        """Return the shape of an exchange, None where it has none."""
        return self._shapes.read(exchange)

    def read_sound(self, exchange: Exchange, shape: ExchangeShape) -> TurnView | None:
        """Return what an exchange says, if its shape is known and no rule finds anything in it."""
        known = self._rows.get(shape)
        if known is None:
            return None
        turn = read_sound_turn(exchange)
        return None if turn is None or any(_ask(known, turn)) else turn

    def remember(self, exchange: Exchange, shape: ExchangeShape) -> None:
        """Remember the shape of an exchange in which no rule found anything."""
        turn = read_sound_turn(exchange)
        if turn is None or b"null" in exchange.response_body:
            return
        if turn.request and without_nulls(turn.request) != turn.request:
            return
        if any(step.get("arguments") and step["type"] != "function_call" for step in turn.steps):
            return  # the arguments of other calls have schemas, and a shape leaves them open
        members = _members_of(turn)
        views = [RESOURCE, RUNNING]
        if exchange.is_stream:
            views = [STREAM_END]
        if len(self._rows) >= _MOST_KNOWN:
            self._rows = {}
        self._rows[shape] = KnownShape(
            self._finders(members, REQUEST) if turn.request else (),
            self._finders(members, ANSWER),
            self._finders(members, *views),
            self._finders(members, TURN),
            "steps.id" in members,
        )

    def _finders(self, members: set[str], *views: str) -> tuple[Finder, ...]:
        """Return the functions of the rules that weigh one of these members."""
        return tuple(
            finder
            for view in views
            for name, finder in FINDERS[view].items()
            if not (self._is_live and RULES[name].recordings_only and view in (REQUEST, TURN))
            and (RULES[name].weighs is None or not members.isdisjoint(RULES[name].weighs or ()))
        )


_BY_LIVENESS: dict[bool, KnownShapes] = {}


def known_shapes(*, is_live: bool) -> KnownShapes:
    """Return what is known of shapes, in recordings or live; nothing once rules were added."""
    known = _BY_LIVENESS.get(is_live)
    if known is None or known.rule_count != len(RULES):
        known = _BY_LIVENESS[is_live] = KnownShapes(is_live=is_live)
    return known


def _ask(known: KnownShape, turn: TurnView) -> Iterator[Problem]:
    """Find what is wrong with an exchange of a known shape: what is open in it."""
    exchange, body, steps = turn.exchange, turn.body, turn.steps
    identifier = body.get("id")
    if identifier:
        yield from check_id(identifier, "id", body)
    if known.has_step_ids:
        yield from check_call_pairs(steps, str)
    for finder in known.turns:
        yield from finder(turn)
    if known.interactions:
        view = _view_interaction(turn)
        for finder in known.interactions:
            yield from finder(view)
    for finder in known.requests:
        yield from finder(RequestView(exchange, turn.request))
    for finder in known.answers:
        request = turn.request or None
        yield from finder(AnswerView(exchange, request, wants_stream(exchange, request)))


def _view_interaction(turn: TurnView) -> InteractionView:
    """Return what rules about an interaction are given, as the ordinary way gives it to them."""
    body, is_background = turn.body, turn.request.get("background") is True
    by_agent = "agent" in turn.heads[0][1]
    stored = is_stored(turn.request) if turn.request else True
    if turn.exchange.is_stream:
        is_kept = bool(body.get("id")) if stored is None else stored
        return InteractionView(body, turn.steps, is_kept, sure=not (by_agent or is_background))
    steps = turn.steps if "steps" in body else None
    operation = turn.exchange.operation
    return InteractionView(body, steps, stored, operation, is_background, not by_agent)


def _members_of(turn: TurnView) -> set[str]:
    """Name the members of a turn with the part, or the type of step, in which they stand."""
    body = {name: value for name, value in turn.body.items() if name != "steps"}
    parts = [("request", turn.request), ("body", body)]
    for step in turn.steps:
        parts += [("steps", step), (str(step.get("type")), step)]
    return {f"{part}.{name}" for part, value in parts for name in _names_in(value)}


def _names_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for member in value.values():
            yield from _names_in(member)
    elif isinstance(value, list):
        for element in value:
            yield from _names_in(element)
