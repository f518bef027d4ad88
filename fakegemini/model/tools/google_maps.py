"""Places that nobody will find on a map."""

from __future__ import annotations

import hashlib

from ...wire.http import Json
from .job import Finding, Job, Use

_NAMES = ("Café Beispiel", "Example Inn")


def google_maps(job: Job) -> Use:
    """A call and its result with two places, cited with a review each."""
    query = job.query
    where = next((tool for tool in job.tools if "latitude" in tool and "longitude" in tool), None)
    near = f" near {where['latitude']}, {where['longitude']}" if where else ""
    places = [_place(name, f"{query}{near}") for name in _NAMES]
    found: Json = {"places": places}
    if any(tool.get("enable_widget") for tool in job.tools):
        found["widget_context_token"] = f"widgetcontext/{_key(query)}"
    steps = job.pair("google_maps", {"arguments": {"queries": [query]}}, {"result": [found]})
    said = f' is a place that fakegemini invented{near} for "{query}".'
    findings = (
        Finding(place["name"] + said, {"type": "place_citation", **place}) for place in places
    )
    return Use(steps, tuple(findings), "google_maps")


def _place(name: str, query: str) -> Json:
    key = _key(f"{name} {query}")
    address = f"https://maps.example.com/place/{key}"
    review = {"title": "Invented", "url": f"{address}/reviews/1", "review_id": f"{key}-1"}
    return {
        "name": name,
        "place_id": f"places/{key}",
        "url": address,
        "review_snippets": [review],
    }


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
