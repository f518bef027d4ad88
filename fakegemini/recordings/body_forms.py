"""Write a body so that people can review it, and note how its own bytes are made of that again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..wire.json_text import dump_json, parse_json
from ..wording import spell_json

_COMPACT = (",", ":")
BODY_FORMS: dict[str, Callable[[Any], str]] = {
    "compact": lambda value: json.dumps(value, ensure_ascii=False, separators=_COMPACT),
    "live": dump_json,
    "spaced": json.dumps,
    "spaced-utf8": lambda value: json.dumps(value, ensure_ascii=False),
    "ascii": lambda value: json.dumps(value, separators=_COMPACT),
    "indented": lambda value: spell_json(value, indent=2),
    "indented-ascii": lambda value: json.dumps(value, indent=2),
}
"""The ways in which programs write JSON, by the name that a cassette notes."""

_FORM_OF_FILE = "indented-line"


def spell_for_review(text: str) -> tuple[str, str]:
    """Return JSON indented, with the name of its form; any other text as it is, without a name.

    JSON of which the bytes could not be made again stays as it is too.
    """
    if text[:1] not in ("{", "["):
        return text, ""
    try:
        spelled = spell_json(parse_json(text), indent=2) + "\n"
        value = parse_json(spelled)
        form = next((name for name, write in BODY_FORMS.items() if write(value) == text), "")
    except (ValueError, RecursionError):
        return text, ""
    if spelled == text:
        return text, _FORM_OF_FILE
    return (spelled, form) if form else (text, "")


def restore_spelling(text: str, form: str) -> str:
    """Make a body again of what `spell_for_review` wrote, as it was, or as somebody edited it."""
    if form not in BODY_FORMS:
        return text
    try:
        return BODY_FORMS[form](parse_json(text))
    except (ValueError, RecursionError):
        return text  # somebody edited it by hand
