"""Choose the tools that the unscripted model uses. A new one is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from ...protocol.ask import Ask
from ...wire.http import Json
from ..late_function import late_function
from ..task import Task
from .processing import has_agentic_media, use_processing
from .tool_use import ToolUse


class Tool(NamedTuple):
    """One tool that the server runs itself: how it is used, when, and what the turn then has.

    `use` gets the task and the tool's declarations. `adds` is what the pages say of it.
    `applies` says whether there is anything to do in this turn. `input_sign` is set for a tool
    that is not declared: what in the input calls for it, as the pages write it.
    """

    use: Callable[[Task, Sequence[Json]], ToolUse]
    adds: str
    applies: Callable[[Task], bool] = lambda task: True
    input_sign: str = ""


_in = partial(late_function, __package__ or "")
"""Names a file of this folder, which loads when its tool is first declared."""

TOOLS: dict[str, Tool] = {
    "google_search": Tool(
        _in("google_search", "use_google_search"),
        "a pair of call and result for each search type; `url_citation`s",
    ),
    "code_execution": Tool(
        _in("code_execution", "use_code_execution"),
        "the sum in the prompt as Python, and what Python prints for it",
    ),
    "url_context": Tool(
        _in("url_context", "use_url_context"),
        "the pages in the prompt; those with `error`, `paywall` or `unsafe` in their address have"
        " that status; `url_citation`s",
        applies=_in("url_context", "names_pages"),
    ),
    "google_maps": Tool(
        _in("google_maps", "use_google_maps"),
        "two places, a widget token on request; `place_citation`s",
    ),
    "file_search": Tool(
        _in("file_search", "use_file_search"), "a bare pair; a `file_citation` for each store"
    ),
    "retrieval": Tool(
        _in("retrieval", "use_retrieval"),
        "a pair for each retrieval type; `file_citation`s or `url_citation`s",
    ),
    "mcp_server": Tool(
        _in("mcp_server", "use_mcp_server"), "a pair for each server, with its first allowed tool"
    ),
    "processing": Tool(
        use_processing,
        "a bare pair of processing steps",
        applies=has_agentic_media,
        input_sign='media with `processing: "agentic"`',
    ),
}
"""By the `type` of their declarations."""

CLIENT_TOOLS: dict[str, str] = {
    "function": "calls, with arguments that satisfy its schema",
    "computer_use": "a function call: `navigate`, `click` or `take_screenshot`, with its `intent`",
    "tool_search": "the deferred functions that fit, then their calls; with"
    ' `execution: "client"`, the search alone',
}
"""What the turn has of a tool that ends in a call which the client carries out."""

ToolPlan = list[tuple[Tool, tuple[Json, ...]]]


def plan_tools(task: Task) -> ToolPlan:
    """Return the tools that this turn would use, each with its declarations.

    First come those that the input calls for, then the declared in the order of their first
    declaration; a tool with nothing to do is left out.
    """
    undeclared_types = [name for name, tool in TOOLS.items() if tool.input_sign]
    declared_types = [str(tool.get("type")) for tool in task.ask.tools]
    plan: ToolPlan = []
    for name in dict.fromkeys((*undeclared_types, *declared_types)):
        tool = TOOLS.get(name)
        if tool is None or (tool.input_sign and name in declared_types):
            continue
        if tool.applies(task):
            declarations = tuple(
                declaration for declaration in task.ask.tools if declaration.get("type") == name
            )
            plan.append((tool, declarations))
    return plan


def use_tools(task: Task, plan: ToolPlan) -> list[ToolUse]:
    """Use the tools of a plan, in its order: ids and signatures are made now."""
    return [tool.use(task, declarations) for tool, declarations in plan]


def find_unknown_tools(ask: Ask) -> list[str]:
    """Return the types of declared tools that the unscripted model knows nothing of, each once."""
    known_types = {*TOOLS, *CLIENT_TOOLS}
    types = dict.fromkeys(str(tool.get("type")) for tool in ask.tools)
    return [name for name in types if name not in known_types]
