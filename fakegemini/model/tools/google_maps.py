"""Places that nobody will find on a map."""

from __future__ import annotations

import hashlib

from ...wire.http import Json
from .job import Statement, ToolJob, ToolUse

_NAMES = ("Café Beispiel", "Example Inn")


def use_google_maps(job: ToolJob) -> ToolUse:
    """A call and its result with two places, cited with a review each."""
    query = job.query
    location = next(
        (tool for tool in job.tools if "latitude" in tool and "longitude" in tool), None
    )
    near = f" near {location['latitude']}, {location['longitude']}" if location else ""
    places = [_invent_place(name, f"{query}{near}") for name in _NAMES]
    result: Json = {"places": places}
    if any(tool.get("enable_widget") for tool in job.tools):
        result["widget_context_token"] = f"widgetcontext/{_hash_text(query)}"
    steps = job.make_steps("google_maps", {"arguments": {"queries": [query]}}, {"result": [result]})
    ending = f' is a place that fakegemini invented{near} for "{query}".'
    statements = (
        Statement(place["name"] + ending, {"type": "place_citation", **place}) for place in places
    )
    return ToolUse(steps, tuple(statements), "google_maps")


def _invent_place(name: str, query: str) -> Json:
    key = _hash_text(f"{name} {query}")
    address = f"https://maps.example.com/place/{key}"
    review = {"title": "Invented", "url": f"{address}/reviews/1", "review_id": f"{key}-1"}
    return {
        "name": name,
        "place_id": f"places/{key}",
        "url": address,
        "review_snippets": [review],
    }


def _hash_text(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
