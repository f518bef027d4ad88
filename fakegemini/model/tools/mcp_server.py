"""Use MCP servers: no server is reached, and none of its headers is repeated in an answer."""

from __future__ import annotations

from collections.abc import Sequence

from ...wire.http import Json
from ..citations import Statement
from ..step_builders import call_and_result
from ..task import Task
from .tool_use import ToolUse, collect_names

_DEFAULT_NAME = "mcp"


def use_mcp_server(task: Task, tools: Sequence[Json]) -> ToolUse:
    """Make a call and its result for each server; unsigned: their types have no signature.

    The tool is the first that the declaration allows, `query` where it lists none: only the
    server itself knows the names of its tools.
    """
    steps: list[Json] = []
    statements = []
    for tool in tools:
        server = str(tool.get("name") or _DEFAULT_NAME)
        name = collect_names(tool.get("allowed_tools") or (), "tools", "query")[0]
        identity = {"name": name, "server_name": server}
        answer = f"fakegemini answers for {name} of {server}: no server was reached."
        steps += call_and_result(
            task.ids,
            "mcp_server_tool",
            {**identity, "arguments": {"query": task.subject}},
            {**identity, "result": answer},
            signed=False,
        )
        statements.append(Statement(answer))
    return ToolUse(tuple(steps), tuple(statements))
