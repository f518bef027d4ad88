"""A web search that never took place: the steps of one, and an answer that cites it (recorded)."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from ...wire.http import Json
from .job import Finding, Job, Use, named

_HOSTS = ("example.com", "encyclopedia.example")


def google_search(job: Job) -> Use:
    """A call and its result for each search type: one pair each (measured)."""
    query = job.query
    steps: list[Json] = []
    for kind in named(job.tools, "search_types", "web_search"):
        steps += job.pair(
            "google_search",
            {"search_type": kind, "arguments": {"queries": [query]}},
            {"result": [{"search_suggestions": _suggestions(query)}], "is_error": False},
        )
    return Use(tuple(steps), tuple(_found(host, query) for host in _HOSTS), "google_search")


def _found(host: str, query: str) -> Finding:
    return Finding(
        f'A page that fakegemini invented on {host} is about "{query}".',
        {"type": "url_citation", "url": f"https://{host}/{quote(query, safe='')}", "title": host},
    )


def _suggestions(query: str) -> str:
    link = f"https://example.com/search?q={quote(query, safe='')}"
    return f'<div class="fakegemini-search"><a href="{link}">{escape(query)}</a></div>'
