"""Which tools the unscripted model uses by itself. A new one is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...protocol.ask import Ask
from ...protocol.ids import Mint
from ..situation import Scene
from .code_execution import code_execution
from .file_search import file_search
from .google_maps import google_maps
from .google_search import google_search
from .job import Job, Use
from .mcp_server import mcp_server
from .processing import is_agentic, processing
from .retrieval import retrieval
from .url_context import names_pages, url_context


@dataclass(frozen=True, slots=True)
class Tool:
    """How a tool is used, and when. `unasked`: it has no declaration, the input calls for it."""

    use: Callable[[Job], Use]
    when: Callable[[Job], bool] = lambda job: True
    unasked: bool = False


TOOLS: dict[str, Tool] = {
    "google_search": Tool(google_search),
    "code_execution": Tool(code_execution),
    "url_context": Tool(url_context, when=names_pages),
    "google_maps": Tool(google_maps),
    "file_search": Tool(file_search),
    "retrieval": Tool(retrieval),
    "mcp_server": Tool(mcp_server),
    "processing": Tool(processing, when=is_agentic, unasked=True),
}

BY_CLIENT = ("function", "computer_use", "tool_search")
"""Tools that end in a call which the client carries out, or lead to one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The tools that this turn would use, in the order of their first declaration."""

    jobs: tuple[tuple[Tool, Job], ...]

    def carried_out(self) -> list[Use]:
        """Use them: each makes its ids and signatures now."""
        return [tool.use(job) for tool, job in self.jobs]


def plan(ask: Ask, scene: Scene, mint: Mint) -> Plan:
    """Every declared tool that has something to do is used, and what the input calls for."""
    unasked = [name for name, tool in TOOLS.items() if tool.unasked]
    declared = [str(tool.get("type")) for tool in ask.tools]
    jobs = []
    for name in dict.fromkeys((*unasked, *declared)):
        tool = TOOLS.get(name)
        if tool is None or (tool.unasked and name in declared):
            continue
        mine = tuple(one for one in ask.tools if one.get("type") == name)
        job = Job(ask, scene, mine, mint)
        if tool.when(job):
            jobs.append((tool, job))
    return Plan(tuple(jobs))


def idle(ask: Ask) -> list[str]:
    """The types of declared tools that the unscripted model knows nothing of."""
    known = {*TOOLS, *BY_CLIENT}
    types = dict.fromkeys(str(tool.get("type")) for tool in ask.tools)
    return [name for name in types if name not in known]
