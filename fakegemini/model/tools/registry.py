"""Which tools the unscripted model uses by itself. A new one is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...protocol.ask import Ask
from ...protocol.ids import IdSource
from ..situation import Situation
from .code_execution import use_code_execution
from .file_search import use_file_search
from .google_maps import use_google_maps
from .google_search import use_google_search
from .job import ToolJob, ToolUse
from .mcp_server import use_mcp_server
from .processing import has_agentic_media, use_processing
from .retrieval import use_retrieval
from .url_context import names_pages, use_url_context


@dataclass(frozen=True, slots=True)
class Tool:
    """How a tool is used, and when. `needs_no_declaration`: the input calls for it."""

    use: Callable[[ToolJob], ToolUse]
    applies: Callable[[ToolJob], bool] = lambda job: True
    needs_no_declaration: bool = False


TOOLS: dict[str, Tool] = {
    "google_search": Tool(use_google_search),
    "code_execution": Tool(use_code_execution),
    "url_context": Tool(use_url_context, applies=names_pages),
    "google_maps": Tool(use_google_maps),
    "file_search": Tool(use_file_search),
    "retrieval": Tool(use_retrieval),
    "mcp_server": Tool(use_mcp_server),
    "processing": Tool(use_processing, applies=has_agentic_media, needs_no_declaration=True),
}

CLIENT_TOOLS = ("function", "computer_use", "tool_search")
"""Tools that end in a call which the client carries out, or lead to one."""


@dataclass(frozen=True, slots=True)
class ToolPlan:
    """The tools that this turn would use, in the order of their first declaration."""

    jobs: tuple[tuple[Tool, ToolJob], ...]

    def use_tools(self) -> list[ToolUse]:
        """Use them: each makes its ids and signatures now."""
        return [tool.use(job) for tool, job in self.jobs]


def plan_tools(ask: Ask, situation: Situation, ids: IdSource) -> ToolPlan:
    """Every declared tool that has something to do is used, and what the input calls for."""
    undeclared_types = [name for name, tool in TOOLS.items() if tool.needs_no_declaration]
    declared_types = [str(tool.get("type")) for tool in ask.tools]
    jobs = []
    for name in dict.fromkeys((*undeclared_types, *declared_types)):
        tool = TOOLS.get(name)
        if tool is None or (tool.needs_no_declaration and name in declared_types):
            continue
        declarations = tuple(
            declaration for declaration in ask.tools if declaration.get("type") == name
        )
        job = ToolJob(ask, situation, declarations, ids)
        if tool.applies(job):
            jobs.append((tool, job))
    return ToolPlan(tuple(jobs))


def find_unknown_tools(ask: Ask) -> list[str]:
    """The types of declared tools that the unscripted model knows nothing of."""
    known_types = {*TOOLS, *CLIENT_TOOLS}
    types = dict.fromkeys(str(tool.get("type")) for tool in ask.tools)
    return [name for name in types if name not in known_types]
