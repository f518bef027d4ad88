"""Use a search of file stores: the steps show neither query nor findings (measured)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...wire.http import Json
from ..citations import Statement
from ..step_builders import call_and_result
from ..task import Task
from .tool_use import ToolUse, collect_names

_MAX_STORES = 4  # stores that are cited
_FILTER = re.compile(r"""([\w.]+)\s*=\s*["']([^"']*)["']""")


def use_file_search(task: Task, tools: Sequence[Json]) -> ToolUse:
    """Make one call for all stores; the answer cites an invented file of each."""
    stores = collect_names(tools, "file_search_store_names", "fileSearchStores/invented")
    filters = " ".join(str(tool.get("metadata_filter") or "") for tool in tools)
    statements = (
        _cite_store(task.subject, store, page, dict(_FILTER.findall(filters)))
        for page, store in enumerate(stores[:_MAX_STORES], 1)
    )
    return ToolUse(call_and_result(task.ids, "file_search"), tuple(statements))


def _cite_store(subject: str, store: str, page: int, metadata: Json) -> Statement:
    annotation: Json = {
        "type": "file_citation",
        "document_uri": f"{store}/documents/invented",
        "file_name": "invented.pdf",
        "source": f'fakegemini invented this passage about "{subject}".',
        "page_number": page,
    }
    if metadata:
        annotation["custom_metadata"] = metadata
    return Statement(f'invented.pdf in {store} is about "{subject}".', annotation)
