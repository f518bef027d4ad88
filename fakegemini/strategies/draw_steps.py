"""Steps of every type there is a schema for, and the turns that a model makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ..errors import BadScript
from ..protocol.ask import FROM_THE_USER
from ..protocol.schemas import document, names
from ..wire.http import Json
from . import from_schema
from .draw_values import signatures, texts

_FOLDER = "interactions/step/"
_DELTAS = "interactions/delta/"
_CALL, _RESULT = "_call", "_result"


def _needed(kind: str) -> tuple[int, str]:
    return len(document(_FOLDER + kind, closed=True).get("required", ())), kind


TYPES = tuple(sorted((name.removeprefix(_FOLDER) for name in names(_FOLDER)), key=_needed))
"""Every type of step, those that need the fewest members first."""


def steps(types: Iterable[str] | None = None) -> SearchStrategy[Json]:
    """Finished steps of these types, or of all, with any of their members.

    Raises `BadScript` for a type without a schema.
    """
    wanted = TYPES if types is None else tuple(types)
    unknown = [kind for kind in wanted if kind not in TYPES]
    if unknown or not wanted:
        raise BadScript(f"steps() takes types of steps ({', '.join(TYPES)}), not {unknown}")
    return st.one_of([from_schema.shown_or_made(_FOLDER + kind) for kind in wanted])


@st.composite
def turns(draw: DrawFn, *, ids: bool = True, min_size: int = 1, max_size: int = 4) -> list[Json]:
    """What a model may say in one turn: steps that a stream can tell, results behind their calls.

    Calls are numbered `call0001` and on. Without `ids` the steps have none and no signatures, as
    those that `say`, `call` and `think` build: the fake makes them.
    """
    groups = draw(st.lists(_said(), min_size=min_size, max_size=max_size))
    made = numbered([step for group in groups for step in group])
    return made if ids else _bare(made)


def numbered(turn: list[Json], after: int = 0) -> list[Json]:
    """The turn with ids counted on from `after`, each result with that of the call before it."""
    made, count, last = [], after, ""
    for step in turn:
        if step["type"].endswith(_CALL):
            count += 1
            last = f"call{count:04}"
            step = {**step, "id": last}
        elif step["type"].endswith(_RESULT):
            step = {**step, "call_id": last}
        made.append(step)
    return made


def _bare(turn: list[Json]) -> list[Json]:
    unsaid = ("id", "call_id", "signature")
    return [{key: step[key] for key in step if key not in unsaid} for step in turn]


@cache
def _said() -> SearchStrategy[list[Json]]:
    """A step, or a call of the server's own tool with its result."""
    groups: list[SearchStrategy[list[Json]]] = []
    for kind in TYPES:
        family = kind.removesuffix(_CALL)
        if kind in FROM_THE_USER or kind.endswith(_RESULT):
            continue
        if family != kind and family + _RESULT in TYPES and family + _RESULT not in FROM_THE_USER:
            groups.append(st.tuples(_step(kind), _step(family + _RESULT)).map(list))
        else:
            groups.append(_step(kind).map(lambda step: [step]))
    return st.one_of(groups)


def _step(kind: str) -> SearchStrategy[Json]:
    if kind in _SPOKEN:
        return _SPOKEN[kind]
    if _DELTAS + kind in names(_DELTAS):
        return from_schema.of_both(_FOLDER + kind, _DELTAS + kind)
    return from_schema.of(_FOLDER + kind)


@st.composite
def _outputs(draw: DrawFn) -> Json:
    """A `model_output` whose blocks a stream keeps apart: no empty text, no two in a row."""
    blocks = draw(st.lists(_blocks(), min_size=1, max_size=3))
    kept: list[Json] = []
    for block in blocks:
        if not (kept and kept[-1]["type"] == block["type"] == "text"):
            kept.append(block)
    step: Json = {"content": kept, "type": "model_output"}
    error = from_schema.members(_FOLDER + "model_output")["error"]
    return {**step, "error": draw(error)} if draw(st.integers(0, 9)) == 9 else step


@cache
def _blocks() -> SearchStrategy[Json]:
    text = from_schema.members("interactions/content/text")
    annotations = text["annotations"].filter(bool)
    spoken = st.fixed_dictionaries(
        {"text": texts(min_size=1), "type": st.just("text")}, optional={"annotations": annotations}
    )
    media = names("interactions/content/")
    others = [_medium(name.rpartition("/")[2]) for name in media if not name.endswith("/text")]
    return st.one_of(spoken, *others)


def _medium(kind: str) -> SearchStrategy[Json]:
    """A block of a medium, with what its delta can tell."""
    told = document(_DELTAS + kind, closed=True)["properties"].keys()

    def streamed(block: dict[str, Any]) -> Json:
        return {key: value for key, value in block.items() if key in told}

    return from_schema.of(f"interactions/content/{kind}").map(streamed)


@cache
def _thoughts() -> SearchStrategy[Json]:
    summary = st.lists(_blocks(), min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {"signature": signatures(), "type": st.just("thought")}, optional={"summary": summary}
    )


def _calls() -> SearchStrategy[Json]:
    call = from_schema.of(_FOLDER + "function_call")
    return call.map(lambda step: {key: step[key] for key in step if key != "signature"})


_SPOKEN: dict[str, SearchStrategy[Json]] = {
    "model_output": _outputs(),
    "thought": _thoughts(),
    "function_call": _calls(),
}
"""The steps of which a stream does not tell all that a schema allows."""
