"""Draw steps of every type that there is a schema for, and the turns that a model makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ..contract.rules.media_bytes import begins_as
from ..errors import BadScript
from ..protocol.schemas import document, schema_names
from ..protocol.step_reading import FROM_THE_USER
from ..wire.http import Json
from . import from_schema
from .draw_values import signatures, texts

_STEP_FOLDER = "interactions/step/"
_DELTA_FOLDER = "interactions/delta/"
_CALL, _RESULT = "_call", "_result"


def _sort_key(kind: str) -> tuple[int, str]:
    return len(document(_STEP_FOLDER + kind, closed=True).get("required", ())), kind


TYPES = tuple(
    sorted((name.removeprefix(_STEP_FOLDER) for name in schema_names(_STEP_FOLDER)), key=_sort_key)
)
"""Every type of step, those that need the fewest members first."""


def steps(types: Iterable[str] | None = None) -> SearchStrategy[Json]:
    """Draw finished steps of these types, or of all, with any of their members.

    Raises `BadScript` for a type without a schema.
    """
    wanted_types = TYPES if types is None else tuple(types)
    unknown_types = [kind for kind in wanted_types if kind not in TYPES]
    if unknown_types or not wanted_types:
        raise BadScript(f"steps() takes types of steps ({', '.join(TYPES)}), not {unknown_types}")
    return st.one_of(
        [from_schema.strategy_with_examples(_STEP_FOLDER + kind) for kind in wanted_types]
    )


@st.composite
def turns(draw: DrawFn, *, ids: bool = True, min_size: int = 1, max_size: int = 4) -> list[Json]:
    """Draw turns of a model: steps that a stream can transmit, results behind their calls.

    Calls are numbered from `call0001`. Without `ids` the steps have neither ids nor signatures, as
    those that `say`, `call` and `think` build: the fake adds them.
    """
    groups = draw(st.lists(_step_groups(), min_size=min_size, max_size=max_size))
    turn = number_calls([step for group in groups for step in group])
    return turn if ids else _without_ids(turn)


def number_calls(turn: list[Json], previous_count: int = 0) -> list[Json]:
    """Number the calls of a turn after `previous_count` others; a result gets its call's id.

    A call that is signed has the signature of the thought before it, as recorded; without a
    thought it has none.
    """
    numbered_steps, count, last_id = [], previous_count, ""
    thought_signature = ""
    for step in turn:
        if "signature" in step and not step["type"].endswith((_CALL, _RESULT)):
            thought_signature = step["signature"]
        elif step["type"].endswith(_CALL) and "signature" in step:
            step = {**step, "signature": thought_signature}
            if not thought_signature:  # the fake puts a thought before it, and signs both
                del step["signature"]
        if step["type"].endswith(_CALL):
            count += 1
            last_id = f"call{count:04}"
            step = {**step, "id": last_id}
        elif step["type"].endswith(_RESULT):
            step = {**step, "call_id": last_id}
        numbered_steps.append(step)
    return numbered_steps


def _without_ids(turn: list[Json]) -> list[Json]:
    id_members = ("id", "call_id", "signature")
    return [{key: step[key] for key in step if key not in id_members} for step in turn]


@cache
def _step_groups() -> SearchStrategy[list[Json]]:
    """Draw a step alone, or a call of one of the server's own tools with its result."""
    groups: list[SearchStrategy[list[Json]]] = []
    for kind in TYPES:
        stem = kind.removesuffix(_CALL)
        if kind in FROM_THE_USER or kind.endswith(_RESULT):
            continue
        if stem != kind and stem + _RESULT in TYPES and stem + _RESULT not in FROM_THE_USER:
            groups.append(st.tuples(_steps_of_type(kind), _steps_of_type(stem + _RESULT)).map(list))
        else:
            groups.append(_steps_of_type(kind).map(lambda step: [step]))
    return st.one_of(groups)


def _steps_of_type(kind: str) -> SearchStrategy[Json]:
    """Draw steps of a type with only the members that its delta can transmit, if it has one."""
    if kind in _NARROWED_STEPS:
        return _NARROWED_STEPS[kind]
    if _DELTA_FOLDER + kind in schema_names(_DELTA_FOLDER):
        return from_schema.strategy_for_both(_STEP_FOLDER + kind, _DELTA_FOLDER + kind)
    return from_schema.strategy_for(_STEP_FOLDER + kind)


@st.composite
def _model_outputs(draw: DrawFn) -> Json:
    """Draw a `model_output` whose blocks a stream keeps apart: no empty text, no two in a row."""
    blocks = draw(st.lists(_blocks(), min_size=1, max_size=3))
    separate_blocks: list[Json] = []
    for block in blocks:
        if not (separate_blocks and separate_blocks[-1]["type"] == block["type"] == "text"):
            separate_blocks.append(block)
    step: Json = {"content": separate_blocks, "type": "model_output"}
    error = from_schema.member_strategies(_STEP_FOLDER + "model_output")["error"]
    return {**step, "error": draw(error)} if draw(st.integers(0, 9)) == 9 else step


@cache
def _blocks() -> SearchStrategy[Json]:
    """Draw blocks of text and of every medium as a stream can transmit them."""
    text_members = from_schema.member_strategies("interactions/content/text")
    annotations = text_members["annotations"].filter(bool)
    text_blocks = st.fixed_dictionaries(
        {"text": texts(min_size=1), "type": st.just("text")}, optional={"annotations": annotations}
    )
    content_names = schema_names("interactions/content/")
    media_blocks = [
        _media_blocks(name.rpartition("/")[2])
        for name in content_names
        if not name.endswith("/text")
    ]
    sound_media = (blocks.filter(_has_right_bytes) for blocks in media_blocks)
    return st.one_of(text_blocks.map(_cite_inside), *sound_media)


def _cite_inside(block: Json) -> Json:
    """Move the citations of a text block to spans of its bytes, on the boundaries of characters."""
    if "annotations" not in block:
        return block
    sizes = [len(char.encode("utf-8", "surrogatepass")) for char in block["text"]]
    offsets = [0, *accumulate(sizes)]
    return {**block, "annotations": [_move_span(each, offsets) for each in block["annotations"]]}


def _move_span(annotation: Json, offsets: list[int]) -> Json:
    """Return the annotation with its span at offsets of characters, at least one of them."""
    start_at = min(annotation.get("start_index", 0), len(offsets) - 2)
    end_at = max(start_at + 1, min(annotation.get("end_index", 0), len(offsets) - 1))
    span = {"start_index": offsets[start_at], "end_index": offsets[end_at]}
    return {key: span.get(key, value) for key, value in annotation.items()}


def _has_right_bytes(block: Json) -> bool:
    data, mime_type = block.get("data"), block.get("mime_type")
    return not (data and mime_type) or begins_as(data, mime_type) is not False


def _media_blocks(kind: str) -> SearchStrategy[Json]:
    """Draw blocks of a medium, with the members that its delta can transmit."""
    delta_members = document(_DELTA_FOLDER + kind, closed=True)["properties"].keys()

    def keep_delta_members(block: dict[str, Any]) -> Json:
        return {key: value for key, value in block.items() if key in delta_members}

    return from_schema.strategy_for(f"interactions/content/{kind}").map(keep_delta_members)


@cache
def _thoughts() -> SearchStrategy[Json]:
    summary = st.lists(_blocks(), min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {"signature": signatures(), "type": st.just("thought")}, optional={"summary": summary}
    )


def _function_calls() -> SearchStrategy[Json]:
    call = from_schema.strategy_for(_STEP_FOLDER + "function_call")
    return call.map(lambda step: {key: step[key] for key in step if key != "signature"})


_NARROWED_STEPS: dict[str, SearchStrategy[Json]] = {
    "model_output": _model_outputs(),
    "thought": _thoughts(),
    "function_call": _function_calls(),
}
"""The steps of which a stream does not transmit all that a schema allows."""
