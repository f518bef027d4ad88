"""Pages that the prompt names, as if they had been read: nothing is fetched."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..values.links import links
from .job import Finding, Job, Use

_STATUSES = ("error", "paywall", "unsafe")
_MOST = 20  # documented


def names_pages(job: Job) -> bool:
    """Whether there is anything to read."""
    return bool(links(job.scene.question))


def url_context(job: Job) -> Use:
    """One call for all pages. A page is read, unless its address has the word of another status.

    That is ours: `https://example.com/paywall` lets a test meet a paywall.
    """
    pages = links(job.scene.question)[:_MOST]
    statuses = {page: _status(page) for page in pages}
    steps = job.pair(
        "url_context",
        {"arguments": {"urls": pages}},
        {
            "result": [{"url": page, "status": status} for page, status in statuses.items()],
            "is_error": False,
        },
    )
    return Use(steps, tuple(_read(page) for page in pages if statuses[page] == "success"))


def _status(page: str) -> str:
    return next((status for status in _STATUSES if status in page.lower()), "success")


def _read(page: str) -> Finding:
    host = urlsplit(page).hostname or page
    return Finding(
        f"fakegemini stands in for the page of {host}, which nobody read.",
        {"type": "url_citation", "url": page, "title": host},
    )
