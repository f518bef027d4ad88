"""What holds between the tools of a request and the calls in its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...protocol.status import Status
from ...protocol.tool_types import FUNCTION, HIDDEN_FUNCTIONS, tool_of_step
from ...wire.http import Json
from ...wire.json_paths import join_path
from ...wording import brief_json
from ..findings import Kind, Problem
from .json_fit import find_misfit
from .recorder_marks import is_redacted
from .registry import (
    REPLIES,
    TURN,
    Evidence,
    TurnView,
    problem,
    rule,
)
from .step_places import StepPlace

_RECORDED_TOOLS = frozenset(("google_search", "code_execution"))
_FUNCTION_DOCS = Evidence("D", "function calling", "2026-09")
_CALLS = Evidence("C", "every recorded function call", "2026-05 to 2026-10")


def _function_calls(view: TurnView) -> Iterator[tuple[Json, StepPlace]]:
    """Yield the calls of the client's functions; those of agents are the server's own."""
    if not view.request or view.request.get("agent"):
        return
    for step, place in zip(view.steps, view.places, strict=True):
        if step.get("type") == "function_call":
            yield step, place


def _declared(view: TurnView) -> dict[str, Json]:
    return {str(tool.get("name")): tool for tool in view.tools if tool.get("type") == FUNCTION}


@rule(
    "call-declared",
    "a function that is called was declared",
    looks_at=(TURN,),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="function calls",
    evidence=(_CALLS,),
    example='response.body.steps[1].name: "read_tide"; expected "read_moon", as declared',
    recordings_only=True,
)
def check_declared(view: TurnView) -> Iterator[Problem]:
    """Find calls of functions that the request does not declare."""
    functions = _declared(view)
    if not HIDDEN_FUNCTIONS.isdisjoint(str(tool.get("type")) for tool in view.tools):
        return
    for call, place in _function_calls(view):
        if str(call.get("name")) not in functions:
            names = " or ".join(map(brief_json, functions))
            expected = f"{names}, as declared" if names else "no call: no function is declared"
            observed = brief_json(call.get("name"))
            yield problem("call-declared", place.path_of("name"), observed, expected)


@rule(
    "call-arguments",
    "the arguments of a call fit the parameters of its function",
    looks_at=(TURN,),
    weighs=("function_call.arguments",),
    kind=Kind.DRIFT,
    bears_on="function calls",
    evidence=(_CALLS,),
    example='response.body.steps[1].arguments: "harbour" is a required property; expected what '
    "fits the parameters of read_tide",
    recordings_only=True,
)
def check_arguments(view: TurnView) -> Iterator[Problem]:
    """Find arguments that the declared schema does not take."""
    functions = _declared(view)
    for call, place in _function_calls(view):
        name = str(call.get("name"))
        fault = find_misfit(functions.get(name, {}).get("parameters"), call.get("arguments", {}))
        if fault:
            expected = f"what fits the parameters of {name}"
            yield problem("call-arguments", place.path_of("arguments"), fault, expected)


@rule(
    "call-choice",
    "calls are as `tool_choice` says: none, one of the allowed, at least one",
    looks_at=(TURN,),
    weighs=(),
    kind=Kind.DRIFT,
    bears_on="answers under a tool_choice",
    evidence=(REPLIES, _FUNCTION_DOCS),
    example='response.body.steps[1].name: "read_tide"; expected no call: tool_choice is none',
    recordings_only=True,
)
def check_choice(view: TurnView) -> Iterator[Problem]:
    """Find calls that `tool_choice` forbids, and none where it demands one."""
    mode, allowed = _read_choice(view.config.get("tool_choice"))
    calls = list(_function_calls(view))
    for call, place in calls:
        name = call.get("name")
        is_allowed = mode != "none" and (allowed is None or name in allowed)
        if not is_allowed:
            names = " or ".join(map(brief_json, allowed or ()))
            expected = f"{names}, the allowed" if mode != "none" else "no call: tool_choice is none"
            yield problem("call-choice", place.path_of("name"), brief_json(name), expected)
    if mode == "any" and not calls and view.body.get("status") == Status.COMPLETED:
        path = join_path(view.body_path, "status")
        expected = "requires_action and a call: tool_choice is any"
        if not view.request.get("agent"):
            yield problem("call-choice", path, "completed without a call", expected)


def _read_choice(choice: Any) -> tuple[str, list[str] | None]:
    """Return the mode of a `tool_choice`, and the names of the allowed functions, if it has any."""
    if not isinstance(choice, dict):
        return str(choice or "").lower(), None
    allowed = choice.get("allowed_tools")
    if not isinstance(allowed, dict):
        return "", None
    tools = allowed.get("tools")
    names = [str(name) for name in tools] if isinstance(tools, list) else None
    return str(allowed.get("mode", "")).lower(), names or None


@rule(
    "tool-declared",
    "the steps of a built-in tool come where it was declared",
    looks_at=(TURN,),
    weighs=(),
    bears_on="steps of built-in tools",
    otherwise="drift for chained turns, and tools whose steps were not recorded",
    evidence=(REPLIES,),
    example="response.body.steps[0].type: google_search_call; expected no step of google_search: "
    "the request does not declare it",
    recordings_only=True,
)
def check_tools(view: TurnView) -> Iterator[Problem]:
    """Find steps of a tool that the request did not offer."""
    if not view.request or view.request.get("agent"):
        return  # agents have tools of their own
    types = {str(tool.get("type")) for tool in view.tools}
    for step, place in zip(view.steps, view.places, strict=True):
        tool = tool_of_step(str(step.get("type")))
        if not tool or tool == FUNCTION or tool in types:
            continue
        sure = tool in _RECORDED_TOOLS and not view.request.get("previous_interaction_id")
        yield problem(
            "tool-declared",
            place.path_of("type"),
            str(step.get("type")),
            f"no step of {tool}: the request does not declare it",
            kind=Kind.VIOLATION if sure else Kind.DRIFT,
        )


@rule(
    "call-answered",
    "a call of a built-in tool has its result in the same answer, and of the same tool",
    looks_at=(TURN,),
    weighs=("steps.id",),
    kind=Kind.DRIFT,
    bears_on="steps of built-in tools",
    evidence=(REPLIES,),
    example='response.body.steps[0].id: "k3v9q2zt" without a result; expected a '
    "google_search_result of it",
)
def check_answered(view: TurnView) -> Iterator[Problem]:
    """Find calls that the server made and did not answer, and results of another tool."""
    if view.body.get("status") != Status.COMPLETED:
        return
    results = {
        step.get("call_id"): step
        for step in view.steps
        if str(step.get("type")).endswith("_result")
    }
    redacted = any(is_redacted(str(call_id)) for call_id in results)
    for step, place in zip(view.steps, view.places, strict=True):
        step_type = str(step.get("type"))
        tool = tool_of_step(step_type)
        if not step_type.endswith("_call") or not tool or tool in (FUNCTION, "tool_search"):
            continue
        expected_type = step_type.removesuffix("_call") + "_result"
        result = results.get(step.get("id"))
        if result is None and not redacted and not is_redacted(str(step.get("id"))):
            observed = f"{brief_json(step.get('id'))} without a result"
            expected = f"a {expected_type} of it"
            yield problem("call-answered", place.path_of("id"), observed, expected)
        elif result is not None and result.get("type") != expected_type:
            path = view.places[view.steps.index(result)].path_of("type")
            observed = f"{result.get('type')} for a {step_type}"
            yield problem("call-answered", path, observed, expected_type)
