"""Conversations: requests that name the answer before them as their parent."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ..fake.state.store import history_after
from ..protocol.ask import Ask, steps_of, unanswered
from ..protocol.ids import Mint
from ..protocol.interaction import Interaction
from ..wire.http import Json
from .draw_answers import replies
from .draw_requests import bodies, granted, inputs, results, words
from .draw_steps import numbered, turns

_ALONE = ("background", "store", "stream")


def conversations(max_size: int = 4) -> SearchStrategy[list[tuple[Json, Json]]]:
    """Requests with their replies, each the child of the one before.

    A request that follows function calls answers all of them, in any order. To play one, script
    `fake.replies(*reply["steps"], id=reply["id"], status=reply["status"])` for each pair.
    """
    return _conversations(max_size)


@st.composite
def _conversations(draw: DrawFn, most: int) -> list[tuple[Json, Json]]:
    made: list[tuple[Json, Json]] = []
    mint, calls = Mint("conversation"), 0
    last: Interaction | None = None
    for _ in range(draw(st.integers(1, most))):
        body = draw(_bodies(last))
        ask = Ask(body, tuple(steps_of(body["input"])), history_after(last) if last else ())
        calls += len(ask.given)  # a resent history has calls of its own, and their numbers
        said = turns().map(partial(numbered, after=calls))
        last = draw(replies(ask, mint, said, last.id if last else None))
        calls += len(last.steps)
        made.append((body, last.resource()))
    return made


def _bodies(last: Interaction | None) -> SearchStrategy[Json]:
    """Requests that continue this interaction, or begin a conversation."""
    history = history_after(last) if last else ()
    parent = {"previous_interaction_id": str(last.id)} if last else {}

    def chained(body: Json) -> Json:
        return {key: value for key, value in body.items() if key not in _ALONE} | parent

    return bodies(_next(last)).map(chained).filter(lambda body: granted(body, history))


def _next(last: Interaction | None) -> SearchStrategy[Any]:
    if last is None:
        return inputs()
    waiting = unanswered(last.steps)
    if not waiting:
        return inputs() if not last.steps else st.lists(words(), min_size=1, max_size=2)
    return st.tuples(results(waiting), st.lists(words(), max_size=1)).map(
        lambda drawn: [*drawn[0], *drawn[1]]
    )
