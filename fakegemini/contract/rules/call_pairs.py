"""What holds of the calls and results among the steps of one turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

from ...wire.http import Json
from ...wire.json_paths import join_path
from ...wording import brief_json
from ..findings import Kind, Problem
from .recorder_marks import is_redacted
from .registry import CHAINS, REPLIES, add_rule, problem

_TEXT_MEMBERS = frozenset(("type", "id", "call_id"))
_SPEECH_STEPS = ("thought", "model_output", "user_input")

add_rule(
    "call-id",
    "a call has an id of its own",
    bears_on="calls",
    evidence=(REPLIES,),
    example='response.body.steps[2].id: "k3v9q2zt"; expected an id of its own',
)
add_rule(
    "call-unknown",
    "a result answers a call that is there",
    otherwise="drift for a server tool whose results were never recorded beside its calls",
    bears_on="calls",
    evidence=(REPLIES, CHAINS),
    example='response.body.steps[0].call_id: "x"; expected the id of a call before it',
)


def are_well_formed(steps: Any) -> TypeGuard[list[Json]]:
    """Say whether these are steps whose tags and ids are texts.

    What else may be wrong with them is for their schemas to say.
    """
    if not isinstance(steps, list):
        return False
    for step in steps:
        if not isinstance(step, dict):
            return False
        for name in _TEXT_MEMBERS & step.keys():
            if not isinstance(step[name], str):
                return False
    return True


def check_call_pairs(steps: list[Json], place: Callable[[int], str]) -> Iterator[Problem]:
    """Find calls that share an id, and results of the server's tools that answer no call.

    `place` gives the path of a step from its number.
    """
    calls: dict[str, str] = {}
    for number, step in enumerate(steps):
        step_type = step.get("type", "")
        if step_type in _SPEECH_STEPS:
            continue
        step_id, call_id = step.get("id"), step.get("call_id")
        if step_type.endswith("_call") and step_id:
            if step_id in calls and not is_redacted(step_id):
                path = join_path(place(number), "id")
                yield problem("call-id", path, brief_json(step_id), "an id of its own")
            calls[step_id] = step_type
        # The call of a client's result lies in an earlier turn.
        if not step_type.endswith("_result") or step_type == "function_result":
            continue
        if call_id and call_id not in calls and not is_redacted(call_id):
            sure = step_type == "google_search_result" and "google_search_call" in calls.values()
            yield problem(
                "call-unknown",
                join_path(place(number), "call_id"),
                brief_json(call_id),
                ", ".join(map(brief_json, calls)) or "the id of a call before it",
                kind=Kind.VIOLATION if sure else Kind.DRIFT,
            )
