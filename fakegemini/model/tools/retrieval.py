"""Retrieval from a company's own stores: the live server has it on Vertex alone (measured)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...wire.http import Json
from .job import Statement, ToolJob, ToolUse, collect_names

_CONFIG_SUFFIX = "_config"
_WEB_SEARCHES = ("exa_ai_search", "parallel_ai_search")


def use_retrieval(job: ToolJob) -> ToolUse:
    """A call and its result for each type; documents are cited as files, pages as pages."""
    config_names = {key for tool in job.tools for key in tool if key.endswith(_CONFIG_SUFFIX)}
    default_types = sorted(key.removesuffix(_CONFIG_SUFFIX) for key in config_names) or [
        "vertex_ai_search"
    ]
    retrieval_types = collect_names(job.tools, "retrieval_types", *default_types)
    steps: list[Json] = []
    for retrieval_type in retrieval_types:
        steps += job.make_steps(
            "retrieval",
            {"retrieval_type": retrieval_type, "arguments": {"queries": [job.query]}},
            {"is_error": False},
        )
    return ToolUse(
        tuple(steps),
        tuple(_cite_document(job, retrieval_type) for retrieval_type in retrieval_types),
        "retrieval",
    )


def _cite_document(job: ToolJob, retrieval_type: str) -> Statement:
    if retrieval_type in _WEB_SEARCHES:
        annotation = {
            "type": "url_citation",
            "url": f"https://{_web_host(retrieval_type)}/",
            "title": _web_host(retrieval_type),
        }
    else:
        store = next(_store_names(job.tools), "invented")
        annotation = {
            "type": "file_citation",
            "document_uri": f"{store}/invented",
            "file_name": "invented.pdf",
        }
    return Statement(
        f'A document that fakegemini invented for {retrieval_type} is about "{job.query}".',
        annotation,
    )


def _web_host(retrieval_type: str) -> str:
    return f"{retrieval_type.partition('_')[0]}.example"


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
