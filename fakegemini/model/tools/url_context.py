"""Pages that the prompt names, as if they had been read: nothing is fetched."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..values.links import find_links
from .job import Statement, ToolJob, ToolUse

_STATUSES = ("error", "paywall", "unsafe")
_MAX_PAGES = 20  # documented


def names_pages(job: ToolJob) -> bool:
    """Whether there is anything to read."""
    return bool(find_links(job.situation.question))


def use_url_context(job: ToolJob) -> ToolUse:
    """One call for all pages. A page is read, unless its address has the word of another status.

    That is ours: `https://example.com/paywall` lets a test meet a paywall.
    """
    pages = find_links(job.situation.question)[:_MAX_PAGES]
    statuses = {page: _page_status(page) for page in pages}
    steps = job.make_steps(
        "url_context",
        {"arguments": {"urls": pages}},
        {
            "result": [{"url": page, "status": status} for page, status in statuses.items()],
            "is_error": False,
        },
    )
    return ToolUse(steps, tuple(_cite_page(page) for page in pages if statuses[page] == "success"))


def _page_status(page: str) -> str:
    return next((status for status in _STATUSES if status in page.lower()), "success")


def _cite_page(page: str) -> Statement:
    host = urlsplit(page).hostname or page
    return Statement(
        f"fakegemini stands in for the page of {host}, which nobody read.",
        {"type": "url_citation", "url": page, "title": host},
    )
