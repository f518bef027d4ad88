"""Find what a prompt is about, and where, by the prepositions before it."""

from __future__ import annotations

import re

from ..quoting import shorten_quote
from .words import SEARCHED_LENGTH

_MAX_LENGTH = 60  # characters of a phrase


def find_subject(text: str) -> str:
    """Return what the prompt is about: "a recipe for banana bread" gives banana bread.

    A prompt without such a phrase is its own subject.
    """
    text = _on_one_line(text)
    phrase = _phrase_after("about|called|named", text) or _phrase_after("for|of", text) or text
    return shorten_quote(phrase.strip(" .?!"), _MAX_LENGTH)


def find_place(text: str) -> str:
    """Return where something is: "the weather in paris" gives paris; empty if nothing says so."""
    phrase = _phrase_after("in|at|near|for|to|from", _on_one_line(text))
    place = re.split(r"\b(?:and|or|on|at|in|for|to|from|today|tomorrow|now|please)\b", phrase)[0]
    return shorten_quote(place.strip(), _MAX_LENGTH)


def _on_one_line(text: str) -> str:
    return " ".join(text[:SEARCHED_LENGTH].split())


def _phrase_after(openings: str, text: str) -> str:
    """Return the words between one of the openings and the next punctuation, without article."""
    hit = re.search(rf"\b(?:{openings})\s+(?:(?:an?|the|my)\s+)?([^.?!,;:]+)", text, re.IGNORECASE)
    return hit.group(1) if hit else ""
