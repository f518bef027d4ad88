"""Make texts for a string schema that the prompt offers none for: by format, pattern, length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ...wire.http import Json
from ..quoting import shorten_quote
from .formats import FORMATS, make_text
from .json_schema import MERGED_PATTERNS
from .pattern_search import find_texts
from .regex import sample_texts

_MAX_FOUND = 20  # texts of one search
_MAX_LENGTH = 20_000  # a text is not made longer, whatever minLength says


def string_candidates(schema: Json, label: str, index: int) -> Iterator[str]:
    """Yield candidates: one of the format, or else of the pattern, then the label, cut or padded.

    `index` makes those of a format differ.
    """
    format_name = schema.get("format")
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    if format_name in FORMATS:
        yield make_text(format_name, index)
        yield from _find_texts(schema, index)
        return
    if isinstance(schema.get("pattern"), str):
        for sample in sample_texts(schema["pattern"], low):
            # Where the pattern is not anchored, what follows the match is free.
            yield sample
            yield _fit_length(sample, low, high)
    yield _fit_length(label, low, high)
    yield from _find_texts(schema, index)


def _find_texts(schema: Json, index: int) -> Iterator[str]:
    """Yield texts in which all patterns match: the schema's, those merged into it, the format's."""
    patterns = [schema.get("pattern"), *schema.get(MERGED_PATTERNS, ())]
    format_row = FORMATS.get(schema.get("format", ""))
    patterns = [pattern for pattern in patterns if isinstance(pattern, str)]
    if format_row and format_row.pattern:
        patterns.append(format_row.pattern)
    forbidden = [*_forbidden_patterns(schema.get("not"))]
    if patterns or forbidden:
        low, high = schema.get("minLength", 0), schema.get("maxLength")
        for variant in (index, index + 7, index + 17):
            yield from islice(find_texts(patterns, forbidden, low, high, variant), _MAX_FOUND)


def _forbidden_patterns(schema: Any) -> Iterator[str]:
    """Yield the patterns that a `not` forbids, its texts and alternatives among them."""
    if not isinstance(schema, dict):
        return
    for alternative in schema.get("anyOf", ()):
        yield from _forbidden_patterns(alternative)
    if schema.keys() <= {"pattern", "type"} and isinstance(schema.get("pattern"), str):
        yield schema["pattern"]
    for text in (schema.get("const"), *schema.get("enum", ())):
        if isinstance(text, str):
            yield f"^{re.escape(text)}$"


def _fit_length(text: str, low: int, high: int | None) -> str:
    """Return the text with `low` to `high` characters: repeated if too short, cut if too long."""
    text = text or "text"
    if len(text) < low <= _MAX_LENGTH:
        text = (f"{text} " * (low // (len(text) + 1) + 1))[:low]
    return text if high is None or len(text) <= high else _cut_text(text, high)


def _cut_text(text: str, high: int) -> str:
    """Return at most `high` characters; of more than eight, whole ones, and no space at the end."""
    return (
        shorten_quote(text, high).removesuffix("…")
        if high > 8 and len(text) > high
        else text[:high]
    )
