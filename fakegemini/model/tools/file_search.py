"""A search of file stores: the steps show neither query nor findings (measured)."""

from __future__ import annotations

import re

from ...wire.http import Json
from .job import Statement, ToolJob, ToolUse, collect_names

_MAX_STORES = 4  # stores that are cited
_FILTER = re.compile(r"""([\w.]+)\s*=\s*["']([^"']*)["']""")


def use_file_search(job: ToolJob) -> ToolUse:
    """One call for all stores; the answer cites a file of each."""
    stores = collect_names(job.tools, "file_search_store_names", "fileSearchStores/invented")[
        :_MAX_STORES
    ]
    filters = " ".join(str(tool.get("metadata_filter") or "") for tool in job.tools)
    statements = (
        _cite_store(job, store, page, dict(_FILTER.findall(filters)))
        for page, store in enumerate(stores, 1)
    )
    return ToolUse(job.make_steps("file_search"), tuple(statements))


def _cite_store(job: ToolJob, store: str, page: int, metadata: Json) -> Statement:
    annotation: Json = {
        "type": "file_citation",
        "document_uri": f"{store}/documents/invented",
        "file_name": "invented.pdf",
        "source": f'fakegemini invented this passage about "{job.query}".',
        "page_number": page,
    }
    if metadata:
        annotation["custom_metadata"] = metadata
    return Statement(f'invented.pdf in {store} is about "{job.query}".', annotation)
