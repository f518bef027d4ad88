"""Calls to MCP servers: no server is reached, and none of its headers is shown."""

from __future__ import annotations

from ...wire.http import Json
from .job import Statement, ToolJob, ToolUse, collect_names

_DEFAULT_NAME = "mcp"


def use_mcp_server(job: ToolJob) -> ToolUse:
    """A call and its result for each server; unsigned: their types have no signature.

    The tool is the first that the request allows. Nobody told us the names of the others.
    """
    steps: list[Json] = []
    statements = []
    for tool in job.tools:
        server = str(tool.get("name") or _DEFAULT_NAME)
        name = collect_names(tool.get("allowed_tools") or (), "tools", "query")[0]
        identity = {"name": name, "server_name": server}
        answer = f"fakegemini answers for {name} of {server}: no server was reached."
        steps += job.make_steps(
            "mcp_server_tool",
            {**identity, "arguments": {"query": job.query}},
            {**identity, "result": answer},
            signed=False,
        )
        statements.append(Statement(answer))
    return ToolUse(tuple(steps), tuple(statements))
