"""What the server answers: interactions, and the streams that tell them."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ..protocol import events as event
from ..protocol.ask import Ask, steps_of, unanswered
from ..protocol.clock import START
from ..protocol.finish_turn import finish
from ..protocol.ids import InteractionId, Mint
from ..protocol.interaction import Interaction
from ..protocol.status import Status
from ..protocol.turn import Turn
from ..protocol.usage import count
from ..wire.http import Json
from ..wire.sse import DONE, encode
from . import draw_values, from_schema
from .draw_requests import requests
from .draw_steps import numbered, turns

_ENDS = (Status.COMPLETED, Status.INCOMPLETE, Status.FAILED)
_LATER = (Status.IN_PROGRESS, Status.QUEUED, Status.CANCELLED)


def interactions() -> SearchStrategy[Json]:
    """Interactions as a create or a get answers them: finished, running, cancelled, failed."""
    return _interactions()


@st.composite
def _interactions(draw: DrawFn) -> Json:
    made = draw(answers())
    if made.ask.background and draw(st.booleans()):
        made.status = draw(st.sampled_from(_LATER))
    got = made.id is not None and draw(st.booleans())
    return made.resource(timeline=got, include_input=got and draw(st.booleans()))


def events() -> SearchStrategy[list[Json]]:
    """Whole streams as their events, from `interaction.created` to `interaction.completed`.

    Texts and arguments come in pieces of any size. Those of background runs have an `event_id`.
    """
    told = answers().filter(lambda made: made.status != Status.FAILED)  # its errors are got later
    return st.tuples(told, st.integers(0, 28)).map(lambda drawn: _told(*drawn))


def streams() -> SearchStrategy[bytes]:
    """Whole streams as their bytes, `[DONE]` included."""
    return events().map(lambda told: b"".join(map(encode, told)) + DONE)


@st.composite
def answers(draw: DrawFn) -> Interaction:
    """A finished interaction with its request."""
    body = draw(requests())
    ask = Ask(body, tuple(steps_of(body["input"])))
    said = turns().map(partial(numbered, after=len(ask.conversation)))
    return draw(replies(ask, Mint("strategies"), said))


@st.composite
def replies(
    draw: DrawFn,
    ask: Ask,
    mint: Mint,
    said: SearchStrategy[list[Json]],
    parent: InteractionId | None = None,
) -> Interaction:
    """What the server makes of this request if the model says that."""
    began = START + draw(st.integers(0, 10**6))
    turn = draw(st.builds(Turn, said.map(tuple), thought_tokens=draw_values.counts()))
    if not unanswered(turn.steps):
        status = draw(st.sampled_from(_ENDS))
        errors = (draw(from_schema.members("interactions/error")["error"]),)
        turn = Turn(turn.steps, status, errors=errors if status is Status.FAILED else ())
    turn = finish(turn, ask, mint, thinks=ask.capability is None or ask.capability.thinks)
    own = mint.own(int(began))
    return Interaction(
        id=InteractionId(parent.root if parent else own, own) if ask.store else None,
        ask=ask,
        turn=turn,
        usage=count(ask, turn),
        began=began,
        status=turn.outcome,
    )


def _told(made: Interaction, size: int) -> list[Json]:
    told = [*made.opening(), *event.of_steps(made.steps), made.closing()]
    pieces = [piece for each in told for piece in _cut(each, size)] if size else told
    if not made.ask.background:
        return pieces
    return [event.with_id(each, f"evt_{at}") for at, each in enumerate(pieces)]


_TEXTS = {"text": "text", "arguments_delta": "arguments"}
"""The deltas whose text may come in several pieces, and the member that holds it."""


def _cut(each: Json, size: int) -> list[Json]:
    delta = each.get("delta", {})
    member = _TEXTS.get(delta.get("type"))
    if member is None:
        return [each]
    text = delta[member]
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    return [event.step_delta(each["index"], {**delta, member: part}) for part in parts]
