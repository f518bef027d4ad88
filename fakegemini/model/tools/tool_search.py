"""A search among functions that the request declares but does not load (`defer_loading`)."""

from __future__ import annotations

from collections.abc import Sequence

from ...protocol.ask import Ask
from ...protocol.ids import IdSource
from ...wire.http import Json
from ..situation import Situation
from .job import ToolJob

_HIDDEN_MEMBERS = ("defer_loading", "short_description")


def load_deferred(
    ask: Ask, situation: Situation, functions: Sequence[Json], ids: IdSource
) -> tuple[list[Json], bool]:
    """The steps that load the wanted functions, and whether the client has to do it.

    Nothing where none of them is deferred, or no `tool_search` is declared. A search by the
    client leaves the call alone: its result is the next input.
    """
    tools = tuple(tool for tool in ask.tools if tool.get("type") == "tool_search")
    deferred_functions = [function for function in functions if function.get("defer_loading")]
    if not tools or not deferred_functions:
        return [], False
    call, result = ToolJob(ask, situation, tools, ids).make_steps(
        "tool_search",
        {"arguments": {"function_names": [function["name"] for function in deferred_functions]}},
        {"result": [_load_function(function) for function in deferred_functions]},
    )
    by_client = any(tool.get("execution") == "client" for tool in tools)
    return ([call], True) if by_client else ([call, result], False)


def loaded_functions(ask: Ask) -> list[Json]:
    """The functions that searches of this conversation have loaded."""
    return [
        function
        for step in ask.conversation
        if step.get("type") == "tool_search_result"
        for function in step.get("result") or ()
        if isinstance(function, dict) and function.get("name")
    ]


def follows_search(ask: Ask) -> bool:
    """Whether this turn is the one after a search by the client."""
    return any(step.get("type") == "tool_search_result" for step in ask.conversation[-1:])


def _load_function(function: Json) -> Json:
    return {key: value for key, value in function.items() if key not in _HIDDEN_MEMBERS}
