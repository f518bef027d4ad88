"""Read `tool_choice`: how the model may call functions, and which."""

from __future__ import annotations

from ..protocol.ask import Ask
from ..wire.http import Json
from .tools.tool_search import follows_search, loaded_functions


def tool_choice_mode(ask: Ask) -> str:
    """Return how functions may be called: auto, any, none or validated."""
    allowed_tools = _allowed_tools(ask)
    mode = allowed_tools.get("mode") if allowed_tools else ask.config.get("tool_choice")
    return mode.lower() if isinstance(mode, str) else "auto"


def callable_functions(ask: Ask) -> list[Json]:
    """Return the functions that may be called: those a tool search loaded, then the declared."""
    functions = [tool for tool in ask.tools if tool.get("type") == "function" and tool.get("name")]
    loaded_by_name = {function["name"]: function for function in loaded_functions(ask)}
    if follows_search(ask):  # what the search did not find is not there: no second search for it
        functions = [tool for tool in functions if not tool.get("defer_loading")]
    functions = [
        *loaded_by_name.values(),
        *(tool for tool in functions if tool["name"] not in loaded_by_name),
    ]
    allowed_tools = _allowed_tools(ask)
    allowed_names = allowed_tools.get("tools") if allowed_tools else None
    return [tool for tool in functions if not allowed_names or tool["name"] in allowed_names]


def _allowed_tools(ask: Ask) -> Json | None:
    choice = ask.config.get("tool_choice")
    allowed_tools = choice.get("allowed_tools") if isinstance(choice, dict) else None
    return allowed_tools if isinstance(allowed_tools, dict) else None
