"""Draw conversations: requests that name the answer before them as their parent."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ..protocol.ask import build_ask
from ..protocol.ids import IdSource
from ..protocol.interaction import Interaction, history_after
from ..protocol.step_reading import unanswered_calls
from ..wire.http import Json
from .draw_answers import interactions_for
from .draw_requests import bodies, inputs, is_granted, results, user_inputs
from .draw_steps import number_calls, turns

_NOT_IN_CONVERSATIONS = ("background", "store", "stream")


@st.composite
def conversations(draw: DrawFn, max_size: int = 4) -> list[tuple[Json, Json]]:
    """Draw pairs of a request and its reply, at most `max_size`, each the child of the one before.

    A request that follows function calls answers all of them, in any order. To play one, script
    `fake.replies(*reply["steps"], id=reply["id"], status=reply["status"])` for each pair.
    """
    conversation: list[tuple[Json, Json]] = []
    ids, call_count = IdSource("conversation"), 0
    last_interaction: Interaction | None = None
    for _ in range(draw(st.integers(1, max_size))):
        body = draw(_linked_bodies(last_interaction))
        history = history_after(last_interaction) if last_interaction else ()
        ask = build_ask(body, history=history)
        # A history that is sent again has calls of its own, with numbers of their own.
        call_count += len(ask.input_steps)
        numbered_turns = turns().map(partial(number_calls, previous_count=call_count))
        last_interaction = draw(
            interactions_for(
                ask, ids, numbered_turns, last_interaction.id if last_interaction else None
            )
        )
        call_count += len(last_interaction.steps)
        conversation.append((body, last_interaction.resource()))
    return conversation


def _linked_bodies(last_interaction: Interaction | None) -> SearchStrategy[Json]:
    """Draw requests that continue an interaction, or begin a conversation where it is None."""
    history = history_after(last_interaction) if last_interaction else ()
    parent_member = (
        {"previous_interaction_id": str(last_interaction.id)} if last_interaction else {}
    )

    def link_to_parent(body: Json) -> Json:
        return {
            key: value for key, value in body.items() if key not in _NOT_IN_CONVERSATIONS
        } | parent_member

    return (
        bodies(_next_inputs(last_interaction))
        .map(link_to_parent)
        .filter(lambda body: is_granted(body, history))
    )


def _next_inputs(last_interaction: Interaction | None) -> SearchStrategy[Any]:
    """Draw what a request may send next: the results of all open calls, or anything."""
    if last_interaction is None:
        return inputs()
    open_calls = unanswered_calls(last_interaction.steps)
    if not open_calls:
        return (
            inputs()
            if not last_interaction.steps
            else st.lists(user_inputs(), min_size=1, max_size=2)
        )
    return st.tuples(results(open_calls), st.lists(user_inputs(), max_size=1)).map(
        lambda pair: [*pair[0], *pair[1]]
    )
