"""Hold the sentences of the live server that more than one file says, refusals or faults.

Every other sentence stands in the function that refuses, so that none is written twice.
"""

from __future__ import annotations

INVALID_ARGUMENT = "Request contains an invalid argument."
ENTITY_NOT_FOUND = "Requested entity was not found."
METHOD_NOT_FOUND = "Method not found."
NO_PERMISSION = "The caller does not have permission"


def unknown_parameter(name: str, place: str = "", nearest: str = "") -> str:
    """Say that a member is unknown; `place` is the JSON path of the object that holds it."""
    where = f" at '{place}'" if place else ""
    hint = f" Did you mean '{nearest}'?" if nearest else ""
    return f"Unknown parameter '{name}'{where}.{hint}"


def unsupported_value(value: object, field: str) -> str:
    """Begin the sentence that a field does not take a value; its end differs from case to case."""
    return f"The value '{value}' is not supported for '{field}'"


def unsupported_mime_type(mime_type: str) -> str:
    """Say that the model takes no input of this MIME type."""
    return f"Unsupported input mime type for this model: {mime_type}"


def no_background(model: str) -> str:
    """Say that the model does not run in the background."""
    return f"Model '{model}' does not support background interactions."
