"""Tell secrets from words that the API and the cassettes use themselves.

A password may be `completed` or `interactions`: it is taken out where its name stands, but if it
were replaced everywhere, no request and no answer would be what it was.
"""

from __future__ import annotations

from functools import cache

from ...protocol.known_models import AGENTS, MODELS
from ...protocol.schemas import all_text

_LONGEST = 40
_CASSETTE_WORDS = (
    "interactions request response method headers status message version recorded upstream "
    "scrubbed fakegemini written text/event-stream application/json charset=utf-8 "
    "generativelanguage.googleapis.com x-goog-api-client x-goog-api-key"
)


def is_public(value: str) -> bool:
    """Tell whether a value is a word of the API, or of what stands in every recording."""
    return len(value) <= _LONGEST and value.lower() in _public_text()


@cache
def _public_text() -> str:
    return "\n".join([_CASSETTE_WORDS, *MODELS, *AGENTS, all_text()]).lower()
