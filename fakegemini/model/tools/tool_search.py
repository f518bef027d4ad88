"""Search among functions that the request declares but does not load (`defer_loading`)."""

from __future__ import annotations

from collections.abc import Sequence

from ...protocol.ask import Ask
from ...wire.http import Json
from ..step_builders import call_and_result
from ..task import Task

_HIDDEN_MEMBERS = ("defer_loading", "short_description")


def load_deferred(task: Task, functions: Sequence[Json]) -> tuple[list[Json], bool]:
    """Return the steps that load these functions, and whether the client has to load them.

    There are none where none of the functions is deferred, or no `tool_search` is declared. Of a
    search by the client there is the call alone: its result is the next input.
    """
    tools = [tool for tool in task.ask.tools if tool.get("type") == "tool_search"]
    deferred_functions = [function for function in functions if function.get("defer_loading")]
    if not tools or not deferred_functions:
        return [], False
    call, result = call_and_result(
        task.ids,
        "tool_search",
        {"arguments": {"function_names": [function["name"] for function in deferred_functions]}},
        {"result": [_load_function(function) for function in deferred_functions]},
    )
    by_client = any(tool.get("execution") == "client" for tool in tools)
    return ([call], True) if by_client else ([call, result], False)


def loaded_functions(ask: Ask) -> list[Json]:
    """Return the functions that searches of this conversation have loaded."""
    return [
        function
        for step in ask.dialogue.facts.loading_steps
        for function in step.get("result") or ()
        if isinstance(function, dict) and function.get("name")
    ]


def follows_search(ask: Ask) -> bool:
    """Return whether this turn is the one after a search by the client."""
    last_step: Json = next(reversed(ask.dialogue), {})
    return last_step.get("type") == "tool_search_result"


def _load_function(function: Json) -> Json:
    return {key: value for key, value in function.items() if key not in _HIDDEN_MEMBERS}
