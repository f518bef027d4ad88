"""Make texts for a string schema that the prompt offers none for: by format, pattern, length."""

from __future__ import annotations

from collections.abc import Iterator

from ...wire.http import Json
from ..quoting import shorten_quote
from .formats import FORMATS, make_text
from .regex import sample_texts

_MAX_LENGTH = 20_000  # a text is not made longer, whatever minLength says


def string_candidates(schema: Json, label: str, index: int) -> Iterator[str]:
    """Yield candidates: one of the format, or else of the pattern, then the label, cut or padded.

    `index` makes those of a format differ.
    """
    format_name = schema.get("format")
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    if format_name in FORMATS:
        yield make_text(format_name, index)
        return
    if isinstance(schema.get("pattern"), str):
        for sample in sample_texts(schema["pattern"], low):
            # Where the pattern is not anchored, what follows the match is free.
            yield sample
            yield _fit_length(sample, low, high)
    yield _fit_length(label, low, high)


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
