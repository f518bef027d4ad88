"""What one field forbids another, and fields that this edition of the API has not got."""

from __future__ import annotations

from ...wire.http import Json
from . import limits, refusal
from .refusal import Refusal
from .subject import Check, Subject, media_blocks


def enterprise_only(subject: Subject) -> Refusal | None:
    """Measured for each of these in 2026-07 and 2026-08; v1's page still lists the first two."""
    if subject.enterprise:
        return None
    enterprise_values = {
        "safety_settings": subject.body.get("safety_settings"),
        "labels": subject.body.get("labels"),
        "gcs_uri": any(form.get("gcs_uri") for form in subject.formats),
        "enable_bigquery_tool": subject.body.get("agent_config", {}).get("enable_bigquery_tool"),
    }
    return next(
        (limits.enterprise_only(name) for name, value in enterprise_values.items() if value), None
    )


def enterprise_tool(subject: Subject) -> Refusal | None:
    """Measured in 2026-07."""
    if subject.enterprise or "retrieval" not in subject.tool_types:
        return None
    return limits.enterprise_tool("retrieval", f"tools[{subject.tool_types.index('retrieval')}]")


def mime_type_without_format(subject: Subject) -> Refusal | None:
    """Measured in every combination: with no format, with a good one, with a bare schema."""
    return limits.mime_type_without_format() if "response_mime_type" in subject.body else None


def foreign_config(subject: Subject) -> Refusal | None:
    """The SDK's two request types differ by these two."""
    name = "generation_config" if subject.ask.agent else "agent_config"
    return limits.foreign_config(name) if name in subject.body else None


def background_needs_store(subject: Subject) -> Refusal | None:
    """Documented as incompatible."""
    conflicts = subject.ask.background and not subject.ask.store
    return refusal.background_needs_store() if conflicts else None


def webhook_needs_background(subject: Subject) -> Refusal | None:
    """Measured in 2026-07: a webhook needs a run in the background."""
    in_foreground = "webhook_config" in subject.body and not subject.ask.background
    return limits.webhook_needs_background() if in_foreground else None


def vocabulary_with_diarization(subject: Subject) -> Refusal | None:
    """Measured on 2026-09-07. Diarization is a field, or one of the mode."""
    config = subject.ask.config.get("transcription_config", {})
    mode = config.get("mode")
    diarized = config.get("diarization_mode") or (
        isinstance(mode, dict) and mode.get("diarization_mode")
    )
    both = config.get("custom_vocabulary") and diarized
    return limits.vocabulary_with_diarization() if both else None


def two_searches(subject: Subject) -> Refusal | None:
    """Measured for these two; other tools may stand beside it."""
    other_searches = [
        name for name in subject.tool_types if name in ("google_search", "url_context")
    ]
    return (
        limits.two_searches(other_searches[0])
        if other_searches and "file_search" in subject.tool_types
        else None
    )


def choice_without_functions(subject: Subject) -> Refusal | None:
    """Reported where only built-in tools, or none, are declared. `auto` and `none` demand nothing,
    and the functions of these other tools are known only to the server."""
    choice = subject.ask.config.get("tool_choice")
    demands_call = isinstance(choice, dict) or choice in ("any", "validated")
    callable_types = {"function", "mcp_server", "computer_use", "tool_search"} & set(
        subject.tool_types
    )
    return limits.choice_without_functions() if demands_call and not callable_types else None


def unsupported_uri(subject: Subject) -> Refusal | None:
    """Measured for the name of a file, `files/…`; nothing without a scheme is a URI."""
    uris = (_text_member(block, "uri") for block in media_blocks(subject.ask.input_steps))
    return next((limits.unsupported_uri(uri) for uri in uris if uri and "://" not in uri), None)


def wrong_mime_type(subject: Subject) -> Refusal | None:
    """Not one that the server does not list: it takes some of these. One of another kind."""
    for block in media_blocks(subject.ask.input_steps):
        kind, mime_type = block["type"], _text_member(block, "mime_type")
        if mime_type and kind in _MEDIA and not mime_type.startswith(f"{kind}/"):
            return limits.wrong_mime_type(mime_type)
    return None


def _text_member(block: Json, name: str) -> str:
    # In a step that nobody knows, anything may stand anywhere.
    value = block.get(name)
    return value if isinstance(value, str) else ""


_MEDIA = frozenset({"image", "audio", "video"})

FIELDS: tuple[Check, ...] = (
    enterprise_only,
    enterprise_tool,
    mime_type_without_format,
    foreign_config,
    background_needs_store,
    webhook_needs_background,
    vocabulary_with_diarization,
    two_searches,
    choice_without_functions,
    unsupported_uri,
    wrong_mime_type,
)
"""The second half of the schema's layer: what no client may ask of anybody."""
