"""Use a web search that never took place: its steps, and an answer that cites it (recorded)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from ...wire.http import Json
from ..chance import draw_bytes
from ..citations import Statement
from ..step_builders import call_and_result
from ..task import Task
from .tool_use import ToolUse, collect_names

_HOSTS = ("example.com", "encyclopedia.example")
_REDIRECT = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/"
"""Before every cited address (recorded): it is one of the search, the title has the host."""


def use_google_search(task: Task, tools: Sequence[Json]) -> ToolUse:
    """Make a call and its result for each search type: one pair each (measured)."""
    query = task.subject
    steps: list[Json] = []
    for search_type in collect_names(tools, "search_types", "web_search"):
        steps += call_and_result(
            task.ids,
            "google_search",
            {"search_type": search_type, "arguments": {"queries": [query]}},
            {"result": [{"search_suggestions": _render_suggestions(query)}], "is_error": False},
        )
    return ToolUse(tuple(steps), tuple(_cite_host(host, query) for host in _HOSTS), "google_search")


def _cite_host(host: str, query: str) -> Statement:
    return Statement(
        f'A page that fakegemini invented on {host} is about "{query}".',
        {"type": "url_citation", "url": _redirect_to(host, query), "title": host},
    )


def _redirect_to(host: str, query: str) -> str:
    token = urlsafe_b64encode(b"fakegemini" + draw_bytes(f"{host} {query}", 32)).decode()
    return _REDIRECT + token.rstrip("=")


def _render_suggestions(query: str) -> str:
    """Return the HTML of the search suggestions, which the live server sends ready to show.

    It begins with a style sheet (recorded).
    """
    link = f"https://example.com/search?q={quote(query, safe='')}"
    chip = f'<a class="chip" href="{link}">{escape(query)}</a>'
    style = "<style>\n.container {\n  display: flex;\n}\n</style>"
    return f'{style}\n<div class="container">\n  <div class="carousel">\n{chip}\n  </div>\n</div>'
