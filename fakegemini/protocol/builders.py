"""TODO-DOC."""

from __future__ import annotations

from typing import Any

from ..errors import BadScript
from ..wire.http import Json


def say(*parts: str | Json) -> Json:
    """A `model_output` step; each part is a text or a content block such as an image."""
    if not parts:
        raise BadScript('say() needs something to say, e.g. say("Hello")')
    blocks = []
    for part in parts:
        if isinstance(part, str):
            blocks.append({"text": part, "type": "text"})
        elif isinstance(part, dict) and isinstance(part.get("type"), str):
            blocks.append(part)
        else:
            raise BadScript(
                f"say() takes texts and content blocks with a type, not {part!r}"
                " (for structured output: say(json.dumps(value)))"
            )
    return {"content": blocks, "type": "model_output"}


def call(name: str, /, **arguments: Any) -> Json:
    """A `function_call` step. Its id and signature come from the server when it is sent."""
    return {"type": "function_call", "name": name, "arguments": arguments}


def think(summary: str | None = None, /) -> Json:
    """A `thought` step, with a summary if given. Its signature comes from the server."""
    if summary is None:
        return {"type": "thought"}
    return {"summary": [{"text": summary, "type": "text"}], "type": "thought"}


def step(type: str, /, **members: Any) -> Json:
    """A step of any type with these members, known to fakegemini or not."""
    return {**members, "type": type}
