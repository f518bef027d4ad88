"""A search among functions that the request declares but does not load (`defer_loading`)."""

from __future__ import annotations

from collections.abc import Sequence

from ...protocol.ask import Ask
from ...protocol.ids import Mint
from ...wire.http import Json
from ..situation import Scene
from .job import Job

_HIDDEN = ("defer_loading", "short_description")


def lookup(ask: Ask, scene: Scene, wanted: Sequence[Json], mint: Mint) -> tuple[list[Json], bool]:
    """The steps that load the wanted functions, and whether the client has to do it.

    Nothing where none of them is deferred, or no `tool_search` is declared. A search by the
    client leaves the call alone: its result is the next input.
    """
    tools = tuple(tool for tool in ask.tools if tool.get("type") == "tool_search")
    deferred = [function for function in wanted if function.get("defer_loading")]
    if not tools or not deferred:
        return [], False
    call, result = Job(ask, scene, tools, mint).pair(
        "tool_search",
        {"arguments": {"function_names": [function["name"] for function in deferred]}},
        {"result": [_loaded(function) for function in deferred]},
    )
    by_client = any(tool.get("execution") == "client" for tool in tools)
    return ([call], True) if by_client else ([call, result], False)


def found(ask: Ask) -> list[Json]:
    """The functions that searches of this conversation have loaded."""
    return [
        function
        for step in ask.conversation
        if step.get("type") == "tool_search_result"
        for function in step.get("result") or ()
        if isinstance(function, dict) and function.get("name")
    ]


def just_searched(ask: Ask) -> bool:
    """Whether this turn is the one after a search by the client."""
    return any(step.get("type") == "tool_search_result" for step in ask.conversation[-1:])


def _loaded(function: Json) -> Json:
    return {key: value for key, value in function.items() if key not in _HIDDEN}
