"""Know the routes of other APIs that people and libraries ask, and what stands in for each here."""

from __future__ import annotations

import re
from typing import NamedTuple


class ForeignRoute(NamedTuple):
    """Routes that are none of the Interactions API: their owner, and what to do instead."""

    pattern: re.Pattern[str]
    owner: str
    fix: str


_INTERACTIONS = "client.interactions.create(model=…, input=…)"
_REPLACE = "replace this call in the test; the fake has no such resource"


def _row(pattern: str, owner: str, fix: str) -> ForeignRoute:
    return ForeignRoute(re.compile(pattern), owner, fix)


FOREIGN_ROUTES = (
    _row(
        r":\w*[gG]enerateContent$",
        "generateContent, the older API: client.models.generate_content, client.chats, and the "
        "libraries that are built on them",
        f"call {_INTERACTIONS}; where a library calls it, let it use the Interactions API if it "
        "can, or replace the library's call in the test",
    ),
    _row(
        r"(^|/)(openai/|chat/completions|completions|responses|embeddings)",
        "OpenAI's API, which the live server has below /v1beta/openai/",
        f"call {_INTERACTIONS}, or POST /v1/interactions with model and input",
    ),
    _row(
        r"(^|/)(messages|complete)$",
        "Anthropic's API",
        f"call {_INTERACTIONS}, or POST /v1/interactions with model and input",
    ),
    _row(r":\w*[eE]mbedContents?$", "the embeddings", _REPLACE),
    _row(r":countTokens$", "the counting of tokens", f"{_REPLACE}; answers carry `usage`"),
    _row(r"(^|/)upload/", "the uploads of files", f"{_REPLACE}; an input may name any uri"),
    _row(
        r"/(files|cachedContents|batches|tunedModels|corpora|fileSearchStores)\b",
        "the files, caches, batches and stores of the older API",
        _REPLACE,
    ),
    _row(
        r"/interactions/live|/auth_tokens\b",
        "Live Interactions, which are a WebSocket",
        _REPLACE,
    ),
)
"""The first that fits counts."""
