"""Say what the types of tools have to do with functions and steps, beyond their schemas."""

from __future__ import annotations

from functools import lru_cache

from .schemas import schema_names

FUNCTION = "function"
"""The type of a tool that declares one function."""

HIDDEN_FUNCTIONS = frozenset({"mcp_server", "computer_use", "tool_search"})
"""The tools whose functions are known only to the server."""


@lru_cache(maxsize=256)  # the check asks for each step of a recording
def tool_of_step(step_type: str) -> str:
    """Return the tool whose call or result a step of that type is; empty for any other type.

    A `google_search_call` is of `google_search`, an `mcp_server_tool_result` of `mcp_server`.
    """
    kind, _, ending = step_type.rpartition("_")
    tool = kind.removesuffix("_tool")
    is_known = f"interactions/tool/{tool}" in schema_names()
    return tool if ending in ("call", "result") and is_known else ""
