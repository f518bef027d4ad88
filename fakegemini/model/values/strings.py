"""Texts for a string schema that the prompt offers none for: by format, pattern and length."""

from __future__ import annotations

from collections.abc import Iterator

from ...wire.http import Json
from .prompt_words import shorten
from .regex import sample_texts

# The values are distinct for numbers 1 to 28, which are all days of a month.
FORMAT_TEMPLATES = {
    "date-time": "2026-01-{:02}T09:00:00Z",
    "datetime": "2026-01-{:02}T09:00:00Z",
    "date": "2026-01-{:02}",
    "time": "09:{:02}:00Z",
    "duration": "P{}D",
    "email": "user{}@example.com",
    "idn-email": "user{}@example.com",
    "hostname": "host{}.example.com",
    "idn-hostname": "host{}.example.com",
    "ipv4": "192.0.2.{}",
    "ipv6": "2001:db8::{}",
    "uri": "https://example.com/{}",
    "url": "https://example.com/{}",
    "uri-reference": "https://example.com/{}",
    "iri": "https://example.com/{}",
    "iri-reference": "https://example.com/{}",
    "uri-template": "https://example.com/{}/{{id}}",
    "uuid": "00000000-0000-4000-8000-{:012}",
    "json-pointer": "/items/{}",
    "relative-json-pointer": "{}/items",
    "regex": "^item{}$",
    "phone": "+1 555 010 00{:02}",
    "byte": "ZmFr{:04}",
    "color": "#0000{:02}",
}

_MAX_LENGTH = 20_000


def string_candidates(schema: Json, label: str, index: int) -> Iterator[str]:
    """Candidates: by format first, then by pattern, then the label itself, cut or padded."""
    format_name = schema.get("format")
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    if format_name in FORMAT_TEMPLATES:
        yield FORMAT_TEMPLATES[format_name].format(index % 28 + 1)
        return
    if isinstance(schema.get("pattern"), str):
        for sample in sample_texts(schema["pattern"], low):
            # Where the pattern is not anchored, what follows the match is free.
            yield sample
            yield fit_length(sample, low, high)
    yield fit_length(label, low, high)


def fit_length(text: str, low: int, high: int | None) -> str:
    """`text` with `low` to `high` characters: repeated where too short, cut where too long."""
    text = text or "text"
    if len(text) < low <= _MAX_LENGTH:
        text = (f"{text} " * (low // (len(text) + 1) + 1))[:low]
    return text if high is None or len(text) <= high else _cut_text(text, high)


def _cut_text(text: str, high: int) -> str:
    return shorten(text, high).removesuffix("…") if high > 8 and len(text) > high else text[:high]
