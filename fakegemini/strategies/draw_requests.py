"""Draw bodies of creates that the server grants, in every form in which clients send them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ..protocol.ask import build_ask
from ..protocol.ids import IdSource
from ..protocol.known_models import AGENTS, MODELS
from ..protocol.refusals import CAPABILITIES, FIELDS, HISTORY, Subject, first_refusal
from ..protocol.refusals.shape import check_shape
from ..protocol.step_reading import CONTENT_TYPES, unanswered_calls
from ..wire.http import Json
from . import from_schema
from .draw_steps import number_calls, turns
from .draw_values import texts

_CREATE = "interactions/create"
_RESULT = "function_result"
_MAX_OPTIONS = 3
_STATE_MEMBERS = ("previous_interaction_id", "continuation_token")
_AGENT_MEMBERS = ("agent_config", "environment")
_MODEL_MEMBERS = (
    "generation_config",
    "response_format",
    "response_mime_type",
    "response_modalities",
)
_CAPABLE_MODELS = [model.name for model in MODELS.values() if model.thinks and model.background]
_MODEL_NAMES = list(dict.fromkeys([*_CAPABLE_MODELS, *MODELS]))


def requests() -> SearchStrategy[Json]:
    """Draw bodies of creates that begin a conversation, of models and agents, with any options.

    The input is a text, a block, a list of blocks, or a history of steps with every call answered.
    """
    return bodies(inputs()).filter(is_granted)


def is_granted(body: Json, history: Sequence[Json] = ()) -> bool:
    """Return whether the server takes a body: its shape, its options, the order of its steps."""
    if check_shape(body):
        return False
    subject = Subject(build_ask(body, history=history), MODELS, AGENTS)
    return first_refusal((*FIELDS, *CAPABILITIES, *HISTORY), subject) is None


@st.composite
def bodies(draw: DrawFn, input_values: SearchStrategy[Any]) -> Json:
    """Draw bodies with this input and any options that go together."""
    body: Json = draw(_models_or_agents())
    body["input"] = draw(input_values)
    foreign_members = _AGENT_MEMBERS if "model" in body else _MODEL_MEMBERS
    body |= {key: value for key, value in draw(_options()).items() if key not in foreign_members}
    if body.get("background"):
        body.pop("store", None)
        if "model" in body and not MODELS[body["model"]].background:
            del body["background"]
    return body


@cache
def inputs() -> SearchStrategy[Any]:
    """Draw the input of a request, in each of its forms."""
    return st.one_of(
        texts(min_size=1),
        _blocks(),
        st.lists(_blocks(), min_size=1, max_size=3),
        _histories(),
    )


@cache
def user_inputs() -> SearchStrategy[Json]:
    """Draw `user_input` steps: a text, or blocks."""
    content = texts(min_size=1) | st.lists(_tagged_blocks(), min_size=1, max_size=2)
    return st.fixed_dictionaries({"type": st.just("user_input"), "content": content})


@st.composite
def results(draw: DrawFn, calls: list[Json]) -> list[Json]:
    """Draw the results of these calls, in any order, as steps or inside a `user_input`."""
    result_values = from_schema.strategies_by_tag("interactions/input/item")[_RESULT]
    result_steps = [
        {**draw(result_values), "name": call["name"], "call_id": call["id"]}
        for call in draw(st.permutations(calls))
    ]
    inside_user_input = draw(st.booleans())
    return (
        [{"type": "user_input", "content": result_steps}]
        if inside_user_input and result_steps
        else result_steps
    )


@st.composite
def _histories(draw: DrawFn) -> list[Json]:
    """Draw whole conversations as clients send them again that name no parent."""
    history = [draw(user_inputs())]
    step_count = 0
    for turn in draw(st.lists(turns(), max_size=2)):
        turn = number_calls(turn, step_count)
        step_count += len(turn)
        history += [_sign_call(step) for step in turn]
        open_calls = unanswered_calls(turn)
        history += draw(results(open_calls)) if open_calls else [draw(user_inputs())]
    return history


def _sign_call(step: Json) -> Json:
    """Sign a function call as the server does: a history that is sent again has signed calls."""
    if step["type"] != "function_call":
        return step
    return {**step, "signature": IdSource(step["id"]).signature()}


@cache
def _blocks() -> SearchStrategy[Json]:
    """Draw blocks as they may stand in the input itself: there a text needs no type."""
    return from_schema.strategies_by_tag("interactions/input/item")[""] | _tagged_blocks()


@cache
def _tagged_blocks() -> SearchStrategy[Json]:
    blocks_by_type = from_schema.strategies_by_tag("interactions/input/item")
    return st.one_of(
        [blocks_by_type["text"], *(blocks_by_type[tag] for tag in sorted(CONTENT_TYPES))]
    )


@cache
def _models_or_agents() -> SearchStrategy[Json]:
    models = st.sampled_from(_MODEL_NAMES).map(lambda name: {"model": name})
    return models | st.sampled_from(list(AGENTS)).map(lambda name: {"agent": name})


@cache
def _options() -> SearchStrategy[Json]:
    """Draw a few members of a create besides its model, its input and what it continues."""
    excluded_names = ("model", "agent", "input", *_STATE_MEMBERS)
    options = {
        name: option
        for name, option in from_schema.member_strategies(_CREATE).items()
        if name not in excluded_names
    }
    chosen_names = st.lists(st.sampled_from(list(options)), unique=True, max_size=_MAX_OPTIONS)
    return chosen_names.flatmap(lambda names: st.fixed_dictionaries({n: options[n] for n in names}))
