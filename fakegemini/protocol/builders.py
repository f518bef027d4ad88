"""Build the steps that people type in a script: `say`, `call`, `think`, and `step` for others."""

from __future__ import annotations

from typing import Any

from ..errors import BadScript
from ..wire.http import Json


def say(*parts: str | Json) -> Json:
    """Build a `model_output` step; each part is a text or a content block such as an image.

    Raises `BadScript` without any part, and for a part that is neither.
    """
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
    """Build a `function_call` step; the server adds id and signature when it sends the step."""
    return {"type": "function_call", "name": name, "arguments": arguments}


def think(summary: str | None = None, /) -> Json:
    """Build a `thought` step, with a summary if there is one; the server adds its signature."""
    if summary is None:
        return {"type": "thought"}
    return {"summary": [{"text": summary, "type": "text"}], "type": "thought"}


def step(type: str, /, **members: Any) -> Json:
    """Build a step of any type with these members, whether fakegemini knows the type or not."""
    return {**members, "type": type}
