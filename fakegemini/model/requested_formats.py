"""Read which formats a request wants its answer in."""

from __future__ import annotations

from typing import Any

from ..protocol.ask import Ask
from ..wire.http import Json
from .media.registry import TEXT, media_modalities

_JSON = "application/json"


def requested_formats(ask: Ask) -> list[Json]:
    """Return the formats of the answer in order, each as an entry of `response_format`.

    The first of these that says something decides: `response_format` (an object, a list, or a
    raw schema, which counts as JSON text), `response_mime_type`, `response_modalities`, the
    model's own modality. The list is never empty.
    """
    setting = ask.body.get("response_format")
    entries = setting if isinstance(setting, list) else [setting]
    response_formats = [
        _normalize_format(entry) for entry in entries if isinstance(entry, dict) and entry
    ]
    if response_formats:
        return response_formats
    if ask.body.get("response_mime_type") == _JSON:
        return [{"type": TEXT, "mime_type": _JSON}]
    return [{"type": name} for name in _requested_modalities(ask)]


def wants_json(response_format: Json) -> bool:
    """Return whether a format is for text that is JSON: it says so, or has a schema."""
    if response_format.get("type") in media_modalities():
        return False
    return response_format.get("mime_type") == _JSON or "schema" in response_format


def _normalize_format(entry: Json) -> Json:
    if entry.get("type") in (TEXT, *media_modalities()):
        return entry
    return {"type": TEXT, "mime_type": _JSON, "schema": entry}


def _requested_modalities(ask: Ask) -> list[str]:
    setting: Any = ask.body.get("response_modalities")
    if isinstance(setting, list) and setting:
        return [str(name).lower() for name in setting]
    capability = ask.capability
    return [capability.output if capability else TEXT]
