"""Use URL context: pages that the prompt names, as if they had been read. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from ...wire.http import Json
from ..citations import Statement
from ..step_builders import call_and_result
from ..task import Task
from ..values.links import find_links
from .tool_use import ToolUse

_FAILED_STATUSES = ("error", "paywall", "unsafe")
_MAX_PAGES = 20  # documented


def names_pages(task: Task) -> bool:
    """Return whether the prompt names a page to read."""
    return bool(find_links(task.situation.question))


def use_url_context(task: Task, _: Sequence[Json]) -> ToolUse:
    """Make one call for all pages. A page is read, unless its address has another status's word.

    That rule is our own: `https://example.com/paywall` lets a test meet a paywall.
    """
    pages = find_links(task.situation.question)[:_MAX_PAGES]
    statuses = {page: _page_status(page) for page in pages}
    steps = call_and_result(
        task.ids,
        "url_context",
        {"arguments": {"urls": pages}},
        {
            "result": [{"url": page, "status": status} for page, status in statuses.items()],
            "is_error": False,
        },
    )
    return ToolUse(steps, tuple(_cite_page(page) for page in pages if statuses[page] == "success"))


def _page_status(page: str) -> str:
    return next((status for status in _FAILED_STATUSES if status in page.lower()), "success")


def _cite_page(page: str) -> Statement:
    host = urlsplit(page).hostname or page
    return Statement(
        f"fakegemini stands in for the page of {host}, which nobody read.",
        {"type": "url_citation", "url": page, "title": host},
    )
