"""A search of file stores: the steps show neither query nor findings (measured)."""

from __future__ import annotations

import re

from ...wire.http import Json
from .job import Finding, Job, Use, named

_MOST = 4  # stores that are cited
_FILTER = re.compile(r"""([\w.]+)\s*=\s*["']([^"']*)["']""")


def file_search(job: Job) -> Use:
    """One call for all stores; the answer cites a file of each."""
    stores = named(job.tools, "file_search_store_names", "fileSearchStores/invented")[:_MOST]
    filters = " ".join(str(tool.get("metadata_filter") or "") for tool in job.tools)
    findings = (
        _found(job, store, page, dict(_FILTER.findall(filters)))
        for page, store in enumerate(stores, 1)
    )
    return Use(job.pair("file_search"), tuple(findings))


def _found(job: Job, store: str, page: int, metadata: Json) -> Finding:
    note: Json = {
        "type": "file_citation",
        "document_uri": f"{store}/documents/invented",
        "file_name": "invented.pdf",
        "source": f'fakegemini invented this passage about "{job.query}".',
        "page_number": page,
    }
    if metadata:
        note["custom_metadata"] = metadata
    return Finding(f'invented.pdf in {store} is about "{job.query}".', note)
