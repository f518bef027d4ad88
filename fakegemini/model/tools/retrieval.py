"""Use retrieval from a company's own stores: the live server has it on Vertex alone (measured)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...wire.http import Json
from ..citations import Statement
from ..step_builders import call_and_result
from ..task import Task
from .tool_use import ToolUse, collect_names

_CONFIG_SUFFIX = "_config"
_WEB_SEARCHES = ("exa_ai_search", "parallel_ai_search")
_DEFAULT_TYPE = "vertex_ai_search"


def use_retrieval(task: Task, tools: Sequence[Json]) -> ToolUse:
    """Make a call and its result for each retrieval type; the answer cites files or web pages.

    A declaration that lists no types has those that it configures.
    """
    config_names = {key for tool in tools for key in tool if key.endswith(_CONFIG_SUFFIX)}
    configured_types = sorted(key.removesuffix(_CONFIG_SUFFIX) for key in config_names)
    retrieval_types = collect_names(
        tools, "retrieval_types", *(configured_types or [_DEFAULT_TYPE])
    )
    steps: list[Json] = []
    for retrieval_type in retrieval_types:
        steps += call_and_result(
            task.ids,
            "retrieval",
            {"retrieval_type": retrieval_type, "arguments": {"queries": [task.subject]}},
            {"is_error": False},
        )
    statements = [
        Statement(
            f'A document that fakegemini invented for {retrieval_type} is about "{task.subject}".',
            _cite_source(tools, retrieval_type),
        )
        for retrieval_type in retrieval_types
    ]
    return ToolUse(tuple(steps), tuple(statements), "retrieval")


def _cite_source(tools: Sequence[Json], retrieval_type: str) -> Json:
    if retrieval_type in _WEB_SEARCHES:
        host = f"{retrieval_type.partition('_')[0]}.example"
        return {"type": "url_citation", "url": f"https://{host}/", "title": host}
    store = next(_store_names(tools), "invented")
    return {
        "type": "file_citation",
        "document_uri": f"{store}/invented",
        "file_name": "invented.pdf",
    }


def _store_names(tools: Iterable[Json]) -> Iterator[str]:
    for tool in tools:
        vertex = tool.get("vertex_ai_search_config") or {}
        rag_store = tool.get("rag_store_config") or {}
        yield from vertex.get("datastores") or ()
        yield from (
            resource["rag_corpus"]
            for resource in rag_store.get("rag_resources") or ()
            if "rag_corpus" in resource
        )
