"""Calls to MCP servers: no server is reached, and none of its headers is shown."""

from __future__ import annotations

from ...wire.http import Json
from .job import Finding, Job, Use, named

_UNNAMED = "mcp"


def mcp_server(job: Job) -> Use:
    """A call and its result for each server; unsigned: their types have no signature.

    The tool is the first that the request allows. Nobody told us the names of the others.
    """
    steps: list[Json] = []
    findings = []
    for tool in job.tools:
        server = str(tool.get("name") or _UNNAMED)
        name = named(tool.get("allowed_tools") or (), "tools", "query")[0]
        about = {"name": name, "server_name": server}
        answer = f"fakegemini answers for {name} of {server}: no server was reached."
        steps += job.pair(
            "mcp_server_tool",
            {**about, "arguments": {"query": job.query}},
            {**about, "result": answer},
            signed=False,
        )
        findings.append(Finding(answer))
    return Use(tuple(steps), tuple(findings))
