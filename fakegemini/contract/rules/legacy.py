"""Traffic of the schema before 2026-05-20, which the server has refused since 2026-06-08."""

from __future__ import annotations

from typing import Any

from ...recordings.exchange import Exchange
from ..findings import Problem
from .registry import ANY_ANSWER, Evidence, add_rule, problem

_LEGACY_EVENTS = ("interaction.start", "interaction.complete", "content.")
_FIX = "the steps schema: record it again with google-genai or @google/genai 2.0 or newer"
_OUTPUTS_MODEL_PREFIX = "lyria-3-"
"""The SDKs of today still turn `outputs` of these models into steps."""

add_rule(
    "legacy",
    "traffic is of the schema with steps",
    bears_on="exchanges",
    scope=ANY_ANSWER,
    evidence=(Evidence("C", "the recorded refusal", "2026-10-08"),),
    example="response.body.outputs: the legacy schema (outputs instead of steps); expected "
    "the steps schema: record it again with google-genai or @google/genai 2.0 or "
    "newer",
)


def find_legacy(exchange: Exchange) -> Problem | None:
    """Make one finding of an exchange of the old schema, at the place that shows it; else None."""
    for find in (_find_in_response, _find_in_stream, _find_in_request, _find_in_headers):
        sign = find(exchange)
        if sign:
            return problem("legacy", sign[0], f"the legacy schema ({sign[1]})", _FIX)
    return None


def _find_in_response(exchange: Exchange) -> tuple[str, str] | None:
    body = _parse_body(exchange, "response_json") if not exchange.is_stream else None
    if not isinstance(body, dict) or "steps" in body:
        return None
    if "outputs" in body and not str(body.get("model")).startswith(_OUTPUTS_MODEL_PREFIX):
        return "response.body.outputs", "outputs instead of steps"
    if "role" in body and body.get("object") == "interaction":
        return "response.body.role", "an interaction with a role"
    return None


def _find_in_stream(exchange: Exchange) -> tuple[str, str] | None:
    if not exchange.is_stream:
        return None
    for number, frame in enumerate(exchange.frames[0]):
        event_name = frame.name or ""
        if event_name in _LEGACY_EVENTS[:2] or event_name.startswith(_LEGACY_EVENTS[2]):
            return f"response.events[{number}].event", f"event {event_name}"
    return None


def _find_in_request(exchange: Exchange) -> tuple[str, str] | None:
    request_body = _parse_body(exchange, "request_json") if exchange.operation == "create" else None
    entries = request_body.get("input") if isinstance(request_body, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and "role" in entry and "type" not in entry:
            return f"request.body.input[{number}].role", "turns with a role"
    return None


def _find_in_headers(exchange: Exchange) -> tuple[str, str] | None:
    if exchange.status != 400:  # until June 2026 an old client could ask for the new schema
        return None
    for header_name in ("x-goog-api-client", "user-agent"):
        if "google-genai-sdk/1." in exchange.request_headers.get(header_name, ""):
            return f"request.headers.{header_name}", "a client older than 2.0"
    return None


def _parse_body(exchange: Exchange, attribute: str) -> Any:
    """Return `request_json` or `response_json` of an exchange; None where it is no JSON."""
    try:
        return getattr(exchange, attribute)
    except ValueError:
        return None
