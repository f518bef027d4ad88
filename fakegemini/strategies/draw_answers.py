"""Draw what the server answers: interactions, and their streams."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ..protocol import events as event
from ..protocol.ask import Ask, build_ask
from ..protocol.clock import START
from ..protocol.finish_turn import finish
from ..protocol.ids import IdSource, InteractionId
from ..protocol.interaction import Interaction
from ..protocol.status import Status
from ..protocol.step_reading import unanswered_calls
from ..protocol.turn import Turn
from ..wire.http import Json
from ..wire.sse import DONE_FRAME, encode_frame
from . import draw_values, from_schema
from .draw_requests import requests
from .draw_steps import number_calls, turns

_FINAL_STATUSES = (Status.COMPLETED, Status.INCOMPLETE, Status.FAILED)
_RUN_STATUSES = (Status.IN_PROGRESS, Status.QUEUED, Status.CANCELLED)


@st.composite
def interactions(draw: DrawFn) -> Json:
    """Draw interactions as a create or a get answers them: finished, running, cancelled, failed."""
    interaction = draw(finished_interactions())
    if interaction.ask.background and draw(st.booleans()):
        interaction.status = draw(st.sampled_from(_RUN_STATUSES))
    is_fetched = interaction.id is not None and draw(st.booleans())
    return interaction.resource(
        timeline=is_fetched, include_input=is_fetched and draw(st.booleans())
    )


def events() -> SearchStrategy[list[Json]]:
    """Draw whole streams as their events, from `interaction.created` to `interaction.completed`.

    Texts and arguments come in pieces of any size. The events of background runs have an
    `event_id`.
    """
    streamed_interactions = finished_interactions().filter(
        lambda interaction: interaction.status != Status.FAILED
    )  # the errors of a failed one are in no stream: a later get has them
    return st.tuples(streamed_interactions, st.integers(0, 28)).map(
        lambda pair: _list_events(*pair)
    )


def streams() -> SearchStrategy[bytes]:
    """Draw whole streams as their bytes, `[DONE]` included."""
    return events().map(
        lambda stream_events: b"".join(map(encode_frame, stream_events)) + DONE_FRAME
    )


@st.composite
def finished_interactions(draw: DrawFn) -> Interaction:
    """Draw finished interactions, each with its request."""
    body = draw(requests())
    ask = build_ask(body)
    numbered_turns = turns().map(partial(number_calls, previous_count=len(ask.dialogue)))
    return draw(interactions_for(ask, IdSource("strategies"), numbered_turns))


@st.composite
def interactions_for(
    draw: DrawFn,
    ask: Ask,
    ids: IdSource,
    turn_strategy: SearchStrategy[list[Json]],
    parent: InteractionId | None = None,
) -> Interaction:
    """Draw the interactions that the server makes of a request.

    `turn_strategy` draws the steps that the model answers with; `parent` is the interaction that
    the request continues.
    """
    start_seconds = START + draw(st.integers(0, 10**6))
    turn = draw(st.builds(Turn, turn_strategy.map(tuple), thought_tokens=draw_values.counts()))
    if not unanswered_calls(turn.steps):
        status = draw(st.sampled_from(_FINAL_STATUSES))
        errors = (draw(from_schema.member_strategies("interactions/error")["error"]),)
        turn = Turn(turn.steps, status, errors=errors if status is Status.FAILED else ())
    turn = finish(turn, ask, ids, thinks=ask.capability is None or ask.capability.thinks)
    own_id = ids.own_half(int(start_seconds))
    return Interaction(
        id=InteractionId(parent.root if parent else own_id, own_id) if ask.store else None,
        ask=ask,
        turn=turn,
        started_at=start_seconds,
        status=turn.outcome,
    )


def _list_events(interaction: Interaction, piece_size: int) -> list[Json]:
    """List the events of a stream, its texts in pieces of so many characters; 0 is one piece."""
    whole_events = [
        *interaction.opening_events(),
        *event.step_events(interaction.steps),
        interaction.closing_event(),
    ]
    pieces = (
        [piece for whole_event in whole_events for piece in _split_event(whole_event, piece_size)]
        if piece_size
        else whole_events
    )
    if not interaction.ask.background:
        return pieces
    return [event.with_id(piece, f"evt_{at}") for at, piece in enumerate(pieces)]


_TEXT_MEMBERS = {"text": "text", "arguments_delta": "arguments"}
"""The deltas whose text may come in several pieces, and the member that holds it."""


def _split_event(whole_event: Json, piece_size: int) -> list[Json]:
    """Split a delta with text into several; any other event stays as it is."""
    delta = whole_event.get("delta", {})
    member = _TEXT_MEMBERS.get(delta.get("type"))
    if member is None:
        return [whole_event]
    text = delta[member]
    parts = [text[at : at + piece_size] for at in range(0, len(text), piece_size)]
    return [event.step_delta(whole_event["index"], {**delta, member: part}) for part in parts]
