"""Use Google Maps: places that nobody will find on a map."""

from __future__ import annotations

from collections.abc import Sequence

from ...wire.http import Json
from ..chance import draw_bytes
from ..citations import Statement
from ..step_builders import call_and_result
from ..task import Task
from .tool_use import ToolUse

_NAMES = ("Café Beispiel", "Example Inn")


def use_google_maps(task: Task, tools: Sequence[Json]) -> ToolUse:
    """Make a call and its result with two places, which the answer cites with a review each."""
    query = task.subject
    location = next((tool for tool in tools if "latitude" in tool and "longitude" in tool), None)
    near = f" near {location['latitude']}, {location['longitude']}" if location else ""
    places = [_invent_place(name, f"{query}{near}") for name in _NAMES]
    result: Json = {"places": places}
    if any(tool.get("enable_widget") for tool in tools):
        result["widget_context_token"] = f"widgetcontext/{_draw_key(query)}"
    steps = call_and_result(
        task.ids, "google_maps", {"arguments": {"queries": [query]}}, {"result": [result]}
    )
    ending = f' is a place that fakegemini invented{near} for "{query}".'
    statements = (
        Statement(place["name"] + ending, {"type": "place_citation", **place}) for place in places
    )
    return ToolUse(steps, tuple(statements), "google_maps")


def _invent_place(name: str, query: str) -> Json:
    key = _draw_key(f"{name} {query}")
    address = f"https://maps.example.com/place/{key}"
    review = {"title": "Invented", "url": f"{address}/reviews/1", "review_id": f"{key}-1"}
    return {
        "name": name,
        "place_id": f"places/{key}",
        "url": address,
        "review_snippets": [review],
    }


def _draw_key(text: str) -> str:
    return draw_bytes(text, 8).hex()
