"""An application with a factory, which keeps its client, and one in a cache."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from google import genai

from .client import MODEL


class Application:
    """Keeps a client and a conversation for each customer."""

    def __init__(self) -> None:
        self.client = genai.Client()
        self.last_ids: dict[str, Any] = {}

    def chat(self, customer: str, text: str) -> str | None:
        """Go on with the conversation of a customer."""
        turn = self.client.interactions.create(
            model=MODEL, input=text, previous_interaction_id=self.last_ids.get(customer)
        )
        self.last_ids[customer] = turn.id
        return turn.output_text


def create_app() -> Application:
    """Make an application."""
    return Application()


@lru_cache
def get_client() -> genai.Client:
    """Return the one client of the helpers."""
    return genai.Client()


def translate(text: str) -> str | None:
    """Translate a text, event by event."""
    words = []
    with get_client().interactions.create(model=MODEL, input=text, stream=True) as events:
        for event in events:
            delta: Any = getattr(event, "delta", None)
            words.append(getattr(delta, "text", None) or "")
    return "".join(words)
