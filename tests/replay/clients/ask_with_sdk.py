"""Ask with the google-genai that is installed: `python ask_with_sdk.py URL…` prints its answers."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from google import genai

MODEL = "gemini-3.5-flash"
FIRST: dict[str, Any] = {
    "model": MODEL,
    "input": "Why are there tides?",
    "generation_config": {"temperature": 1.0, "max_output_tokens": 100},
    "tools": [
        {
            "type": "function",
            "name": "read_tide",
            "description": "Read a gauge – any one.",
            "parameters": {"type": "object", "properties": {"at": {"type": "string"}}},
        }
    ],
}
NEXT: dict[str, Any] = {"model": MODEL, "input": [{"type": "text", "text": "Go on ☂."}]}


def text_of(value: Any) -> str:
    """All texts of the model's output."""
    return "".join(
        content.get("text") or ""
        for step in value.model_dump().get("steps") or []
        if step["type"] == "model_output"
        for content in step["content"]
    )


def delta_of(event: Any) -> str:
    """The text that an event brings."""
    delta = event.model_dump().get("delta") or {}
    return delta.get("text") or "" if delta.get("type") == "text" else ""


def ask(url: str) -> list[str]:
    """A turn, its stream of a next one, and a look at the first."""
    with genai.Client(api_key="fake-key", http_options={"base_url": url}) as client:
        first = client.interactions.create(**FIRST)
        stream = client.interactions.create(**NEXT, previous_interaction_id=first.id, stream=True)
        text = "".join(map(delta_of, stream))
        return [text_of(first), text, client.interactions.get(first.id).status]


def ask_async(url: str) -> list[str]:
    """The same with the asynchronous client."""

    async def run() -> list[str]:
        options: Any = {"base_url": url}
        async with genai.Client(api_key="fake-key", http_options=options).aio as client:
            first = await client.interactions.create(**FIRST)
            stream = await client.interactions.create(
                **NEXT, previous_interaction_id=first.id, stream=True
            )
            text = "".join([delta_of(event) async for event in stream])
            return [text_of(first), text, (await client.interactions.get(first.id)).status]

    return asyncio.run(run())


if __name__ == "__main__":
    for address in sys.argv[1:]:
        print(json.dumps(ask(address)))
