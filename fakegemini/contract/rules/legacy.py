"""Traffic of the schema before 2026-05-20, which the server has refused since 2026-06-08."""

from __future__ import annotations

from typing import Any

from ...recordings.exchange import Exchange
from ..findings import Fault

_EVENTS = ("interaction.start", "interaction.complete", "content.")
_FIX = "the steps schema: record it again with google-genai or @google/genai 2.0 or newer"
_EVIDENCE = "C: the refusal recorded on 2026-10-08"
_OUTPUTS_STILL = "lyria-3-"
"""The SDKs of today still turn `outputs` of these models into steps."""


def legacy(exchange: Exchange) -> Fault | None:
    """One finding for an exchange of the old schema, where it shows; else None."""
    for side in (_answer, _stream, _question, _client):
        place = side(exchange)
        if place:
            return Fault(place[0], "legacy", f"the legacy schema ({place[1]})", _FIX, _EVIDENCE)
    return None


def _answer(exchange: Exchange) -> tuple[str, str] | None:
    body = _parsed(exchange, "answered") if not exchange.streamed else None
    if not isinstance(body, dict) or "steps" in body:
        return None
    if "outputs" in body and not str(body.get("model")).startswith(_OUTPUTS_STILL):
        return "response.body.outputs", "outputs instead of steps"
    if "role" in body and body.get("object") == "interaction":
        return "response.body.role", "an interaction with a role"
    return None


def _stream(exchange: Exchange) -> tuple[str, str] | None:
    if not exchange.streamed:
        return None
    for number, frame in enumerate(exchange.frames[0]):
        name = frame.name or ""
        if name in _EVENTS[:2] or name.startswith(_EVENTS[2]):
            return f"response.events[{number}].event", f"event {name}"
    return None


def _question(exchange: Exchange) -> tuple[str, str] | None:
    asked = _parsed(exchange, "asked") if exchange.operation == "create" else None
    items = asked.get("input") if isinstance(asked, dict) else None
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and "role" in item and "type" not in item:
            return f"request.body.input[{number}].role", "turns with a role"
    return None


def _client(exchange: Exchange) -> tuple[str, str] | None:
    if exchange.status != 400:  # until June 2026 an old client could ask for the new schema
        return None
    for name in ("x-goog-api-client", "user-agent"):
        if "google-genai-sdk/1." in exchange.request_headers.get(name, ""):
            return f"request.headers.{name}", "a client older than 2.0"
    return None


def _parsed(exchange: Exchange, side: str) -> Any:
    try:
        return getattr(exchange, side)
    except ValueError:
        return None
