"""What one field forbids another, and fields that this edition of the API has not got."""

from __future__ import annotations

from ...wire.http import Json
from . import limits, refusal
from .refusal import Refusal
from .subject import Check, Look, media


def enterprise_only(look: Look) -> Refusal | None:
    """Measured for each of these in 2026-07 and 2026-08; v1's page still lists the first two."""
    if look.enterprise:
        return None
    asked = {
        "safety_settings": look.body.get("safety_settings"),
        "labels": look.body.get("labels"),
        "gcs_uri": any(form.get("gcs_uri") for form in look.formats),
        "enable_bigquery_tool": look.body.get("agent_config", {}).get("enable_bigquery_tool"),
    }
    return next((limits.enterprise_only(name) for name, value in asked.items() if value), None)


def enterprise_tool(look: Look) -> Refusal | None:
    """Measured in 2026-07."""
    if look.enterprise or "retrieval" not in look.tool_types:
        return None
    return limits.enterprise_tool("retrieval", f"tools[{look.tool_types.index('retrieval')}]")


def mime_type_without_format(look: Look) -> Refusal | None:
    """Measured in every combination: with no format, with a good one, with a bare schema."""
    return limits.mime_type_without_format() if "response_mime_type" in look.body else None


def field_of_the_other(look: Look) -> Refusal | None:
    """The SDK's two request types differ by these two."""
    name = "generation_config" if look.ask.agent else "agent_config"
    return limits.field_of_the_other(name) if name in look.body else None


def background_needs_store(look: Look) -> Refusal | None:
    """Documented as incompatible."""
    lost = look.ask.background and not look.ask.store
    return refusal.background_needs_store() if lost else None


def hook_in_the_foreground(look: Look) -> Refusal | None:
    """Measured in 2026-07: a webhook needs a run in the background."""
    waits = "webhook_config" in look.body and not look.ask.background
    return limits.hook_in_the_foreground() if waits else None


def vocabulary_with_diarization(look: Look) -> Refusal | None:
    """Measured on 2026-09-07. Diarization is a field, or one of the mode."""
    config = look.ask.config.get("transcription_config", {})
    mode = config.get("mode")
    diarized = config.get("diarization_mode") or (
        isinstance(mode, dict) and mode.get("diarization_mode")
    )
    both = config.get("custom_vocabulary") and diarized
    return limits.vocabulary_with_diarization() if both else None


def two_searches(look: Look) -> Refusal | None:
    """Measured for these two; other tools may stand beside it."""
    others = [name for name in look.tool_types if name in ("google_search", "url_context")]
    return limits.two_searches(others[0]) if others and "file_search" in look.tool_types else None


def choice_without_functions(look: Look) -> Refusal | None:
    """Reported where only built-in tools, or none, are declared. `auto` and `none` demand nothing,
    and the functions of these other tools are known only to the server."""
    choice = look.ask.config.get("tool_choice")
    demands = isinstance(choice, dict) or choice in ("any", "validated")
    offered = {"function", "mcp_server", "computer_use", "tool_search"} & set(look.tool_types)
    return limits.choice_without_functions() if demands and not offered else None


def unsupported_uri(look: Look) -> Refusal | None:
    """Measured for the name of a file, `files/…`; nothing without a scheme is a URI."""
    uris = (_text(block, "uri") for block in media(look.ask.given))
    return next((limits.unsupported_uri(uri) for uri in uris if uri and "://" not in uri), None)


def wrong_mime_type(look: Look) -> Refusal | None:
    """Not one that the server does not list: it takes some of these. One of another kind."""
    for block in media(look.ask.given):
        kind, mime_type = block["type"], _text(block, "mime_type")
        if mime_type and kind in _MEDIA and not mime_type.startswith(f"{kind}/"):
            return limits.wrong_mime_type(mime_type)
    return None


def _text(block: Json, name: str) -> str:
    # In a step that nobody knows, anything may stand anywhere.
    value = block.get(name)
    return value if isinstance(value, str) else ""


_MEDIA = frozenset({"image", "audio", "video"})

FIELDS: tuple[Check, ...] = (
    enterprise_only,
    enterprise_tool,
    mime_type_without_format,
    field_of_the_other,
    background_needs_store,
    hook_in_the_foreground,
    vocabulary_with_diarization,
    two_searches,
    choice_without_functions,
    unsupported_uri,
    wrong_mime_type,
)
"""The second half of the schema's layer: what no client may ask of anybody."""
