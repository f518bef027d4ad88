"""Retrieval from a company's own stores: the live server has it on Vertex alone (measured)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...wire.http import Json
from .job import Finding, Job, Use, named

_CONFIG = "_config"
_ON_THE_WEB = ("exa_ai_search", "parallel_ai_search")


def retrieval(job: Job) -> Use:
    """A call and its result for each type; documents are cited as files, pages as pages."""
    configured = {key for tool in job.tools for key in tool if key.endswith(_CONFIG)}
    otherwise = sorted(key.removesuffix(_CONFIG) for key in configured) or ["vertex_ai_search"]
    kinds = named(job.tools, "retrieval_types", *otherwise)
    steps: list[Json] = []
    for kind in kinds:
        steps += job.pair(
            "retrieval",
            {"retrieval_type": kind, "arguments": {"queries": [job.query]}},
            {"is_error": False},
        )
    return Use(tuple(steps), tuple(_found(job, kind) for kind in kinds), "retrieval")


def _found(job: Job, kind: str) -> Finding:
    if kind in _ON_THE_WEB:
        note = {"type": "url_citation", "url": f"https://{_host(kind)}/", "title": _host(kind)}
    else:
        place = next(_stores(job.tools), "invented")
        note = {
            "type": "file_citation",
            "document_uri": f"{place}/invented",
            "file_name": "invented.pdf",
        }
    return Finding(f'A document that fakegemini invented for {kind} is about "{job.query}".', note)


def _host(kind: str) -> str:
    return f"{kind.partition('_')[0]}.example"


def _stores(tools: Iterable[Json]) -> Iterator[str]:
    for tool in tools:
        vertex = tool.get("vertex_ai_search_config") or {}
        store = tool.get("rag_store_config") or {}
        yield from vertex.get("datastores") or ()
        yield from (
            one["rag_corpus"] for one in store.get("rag_resources") or () if "rag_corpus" in one
        )
