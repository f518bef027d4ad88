"""Bodies of creates that the server grants, in every form in which clients send them."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ..protocol.ask import CONTENT_TYPES, Ask, steps_of, unanswered
from ..protocol.ids import Mint
from ..protocol.known_models import AGENTS, MODELS
from ..protocol.refusals import CAPABILITIES, FIELDS, HISTORY, Look, first
from ..protocol.refusals.shape import refuse
from ..wire.http import Json
from . import from_schema
from .draw_steps import numbered, turns
from .draw_values import texts

_CREATE = "interactions/create"
_RESULT = "function_result"
_FEW = 3
_OF_STATE = ("previous_interaction_id", "continuation_token")
_OF_AGENTS = ("agent_config", "environment")
_OF_MODELS = ("generation_config", "response_format", "response_mime_type", "response_modalities")
_USUAL = [model.name for model in MODELS.values() if model.thinks and model.background]
_NAMES = list(dict.fromkeys([*_USUAL, *MODELS]))


def requests() -> SearchStrategy[Json]:
    """Bodies of creates that begin a conversation, of models and agents, with any options.

    The input is a text, a block, a list of blocks, or a history of steps with every call answered.
    """
    return bodies(inputs()).filter(granted)


def granted(body: Json, history: tuple[Json, ...] = ()) -> bool:
    """Whether the server takes it: its shape, what the model can do, and the order of its steps."""
    if refuse(body):
        return False
    ask = Ask(body, tuple(steps_of(body["input"])), history)
    look = Look(ask, MODELS, AGENTS)
    return first((*FIELDS, *CAPABILITIES, *HISTORY), look) is None


@st.composite
def bodies(draw: DrawFn, given: SearchStrategy[Any]) -> Json:
    """Bodies with this input and any options; what does not go together is left out."""
    body: Json = draw(_subjects())
    body["input"] = draw(given)
    other = _OF_AGENTS if "model" in body else _OF_MODELS
    body |= {key: value for key, value in draw(_options()).items() if key not in other}
    if body.get("background"):
        body.pop("store", None)
        if "model" in body and not MODELS[body["model"]].background:
            del body["background"]
    return body


@cache
def inputs() -> SearchStrategy[Any]:
    """What a request may ask, in each of its forms."""
    return st.one_of(
        texts(min_size=1),
        _blocks(),
        st.lists(_blocks(), min_size=1, max_size=3),
        _histories(),
    )


@cache
def words() -> SearchStrategy[Json]:
    """A `user_input` step: a text, or blocks."""
    content = texts(min_size=1) | st.lists(_tagged(), min_size=1, max_size=2)
    return st.fixed_dictionaries({"type": st.just("user_input"), "content": content})


@st.composite
def results(draw: DrawFn, calls: list[Json]) -> list[Json]:
    """The results of these calls, in any order, as steps or inside a `user_input`."""
    made = from_schema.by_tag("interactions/input/item")[_RESULT]
    answers = [
        {**draw(made), "name": call["name"], "call_id": call["id"]}
        for call in draw(st.permutations(calls))
    ]
    inside = draw(st.booleans())
    return [{"type": "user_input", "content": answers}] if inside and answers else answers


@st.composite
def _histories(draw: DrawFn) -> list[Json]:
    """A whole conversation as a client without a parent resends it."""
    said = [draw(words())]
    count = 0
    for turn in draw(st.lists(turns(), max_size=2)):
        turn = numbered(turn, count)
        count += len(turn)
        said += [_signed(step) for step in turn]
        waiting = unanswered(turn)
        said += draw(results(waiting)) if waiting else [draw(words())]
    return said


def _signed(step: Json) -> Json:
    """A call of a resent history carries a signature, of the form that the server's have."""
    if step["type"] != "function_call":
        return step
    return {**step, "signature": Mint(step["id"]).signature()}


@cache
def _blocks() -> SearchStrategy[Json]:
    """Blocks as they may stand in the input itself: there a text needs no type."""
    return from_schema.by_tag("interactions/input/item")[""] | _tagged()


@cache
def _tagged() -> SearchStrategy[Json]:
    items = from_schema.by_tag("interactions/input/item")
    return st.one_of([items["text"], *(items[tag] for tag in sorted(CONTENT_TYPES))])


@cache
def _subjects() -> SearchStrategy[Json]:
    model = st.sampled_from(_NAMES).map(lambda name: {"model": name})
    return model | st.sampled_from(list(AGENTS)).map(lambda name: {"agent": name})


@cache
def _options() -> SearchStrategy[Json]:
    apart = ("model", "agent", "input", *_OF_STATE)
    every = {name: one for name, one in from_schema.members(_CREATE).items() if name not in apart}
    chosen = st.lists(st.sampled_from(list(every)), unique=True, max_size=_FEW)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({n: every[n] for n in names}))
