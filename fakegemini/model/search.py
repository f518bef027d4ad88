"""A web search that never took place: the steps of one, and an answer that cites it."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from ..core.ask import Ask
from ..core.http import Json
from ..core.ids import Mint
from ..core.usage import tokens
from .words import shorten

_LONGEST = 120
_HOSTS = ("example.com", "encyclopedia.example")


def kinds_of_search(ask: Ask) -> list[str]:
    """The search types that the request declares, each once; empty without `google_search`."""
    tools = [tool for tool in ask.tools if tool.get("type") == "google_search"]
    named = [str(kind) for tool in tools for kind in tool.get("search_types") or ()]
    return list(dict.fromkeys(named or ["web_search"])) if tools else []


def search_steps(kinds: list[str], text: str, mint: Mint) -> tuple[list[Json], int]:
    """A call and its result for each search type, and the tokens they cost."""
    query = _query(text)
    steps: list[Json] = []
    for kind in kinds:
        identity = mint.call_id()
        steps += [
            {
                "id": identity,
                "signature": mint.signature(),
                "type": "google_search_call",
                "search_type": kind,
                "arguments": {"queries": [query]},
            },
            {
                "call_id": identity,
                "signature": mint.signature(),
                "type": "google_search_result",
                "result": [{"search_suggestions": _suggestions(query)}],
                "is_error": False,
            },
        ]
    return steps, len(kinds) * (tokens(query) + tokens(_suggestions(query)))


def cited(text: str, question: str) -> Json:
    """A text block: `text`, then one invented finding a host, each sentence with its citation.

    The offsets count UTF-8 bytes of this block's text, the end is exclusive (documented).
    """
    query = _query(question)
    annotations = []
    for host in _HOSTS:
        sentence = f'A page that fakegemini invented on {host} is about "{query}".'
        text += " " if text else ""
        start = len(text.encode())
        text += sentence
        annotations.append(
            {
                "type": "url_citation",
                "url": f"https://{host}/{quote(query, safe='')}",
                "title": host,
                "start_index": start,
                "end_index": len(text.encode()),
            }
        )
    return {"text": text, "type": "text", "annotations": annotations}


def _query(text: str) -> str:
    return shorten(" ".join(text.split()), _LONGEST) or "nothing"


def _suggestions(query: str) -> str:
    link = f"https://example.com/search?q={quote(query, safe='')}"
    return f'<div class="fakegemini-search"><a href="{link}">{escape(query)}</a></div>'
