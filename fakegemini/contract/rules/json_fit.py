"""Hold JSON of the user against a schema of the user, and read which of it a request wants."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ...protocol.step_reading import MEDIA_TYPES
from ...wire.http import Json
from ...wording import brief_json

if TYPE_CHECKING:
    from jsonschema_rs import Validator

JSON_TYPE = "application/json"
_LONGEST_KEPT = 20_000
"""How many characters a schema may have whose validator is used again."""


def find_misfit(schema: Any, value: Any) -> str:
    """Say where a value does not fit a schema; empty where it fits, or nobody can judge by it."""
    from jsonschema_rs import ReferencingError, ValidationError

    if not isinstance(schema, dict):
        return ""
    try:
        error = next(_judge_by(schema).iter_errors(value), None)
    except (ValidationError, ReferencingError, ValueError):
        return ""  # types in capitals and the like
    if error is None:
        return ""
    path = "".join(f"[{part!r}]" for part in error.instance_path)
    return f"{path} {error.message}".strip()


def _judge_by(schema: Json) -> Validator:
    """Return the validator of a schema; the turns of a conversation mostly have the same ones."""
    try:
        text = json.dumps(schema)
    except RecursionError:
        return _compile(schema)
    return _compile_once(text) if len(text) <= _LONGEST_KEPT else _compile(schema)


@lru_cache(256)
def _compile_once(text: str) -> Validator:
    return _compile(json.loads(text))


def _compile(schema: Json) -> Validator:
    from jsonschema_rs import validator_for

    return validator_for(schema, retriever=_fetch_nothing)


def _fetch_nothing(uri: str) -> Any:
    """Refuse to get a schema from elsewhere: a check and a test talk to nobody."""
    raise ValueError(f"{uri} is not fetched")


def wanted_schema(request: Json) -> Any:
    """Return the schema that a text answer is to fit, True for any JSON, None for any text.

    A request for several formats wants nothing of the one text.
    """
    setting = request.get("response_format")
    entries = setting if isinstance(setting, list) else [setting]
    formats = [entry for entry in entries if isinstance(entry, dict) and entry]
    if not formats:
        return True if request.get("response_mime_type") == JSON_TYPE else None
    if len(formats) > 1 or formats[0].get("type") in MEDIA_TYPES:
        return None
    only = formats[0]
    if only.get("type") != "text":
        return only  # a schema by itself
    if "schema" in only:
        return only["schema"] or True
    return True if only.get("mime_type") == JSON_TYPE else None


def describe_misfit(text: str, schema: Any) -> str:
    """Say why a text is not the JSON that was asked for; empty where it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"{brief_json(text)}, which is no JSON ({error})"
    fault = find_misfit(schema, value)
    return f"JSON that does not fit: {fault}" if fault else ""
