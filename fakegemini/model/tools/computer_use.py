"""The first move on a screen: a function call that the client carries out.

Names, `intent` and coordinates from 0 to 999 are documented (computer use guide, 2026); which move
comes first is ours. The turn with its result is an answer: the unscripted model makes one move.
"""

from __future__ import annotations

from ...protocol.ask import Ask
from ...protocol.ids import Mint
from ...wire.http import Json
from ..situation import Scene
from ..values.links import links
from ..values.prompt_words import shorten
from .job import named

_MOVES: tuple[tuple[str, Json], ...] = (("click", {"x": 500, "y": 500}), ("take_screenshot", {}))


def move(ask: Ask, scene: Scene, mint: Mint) -> list[Json]:
    """The function call, if computer use is declared and leaves a move; else nothing."""
    tools = [tool for tool in ask.tools if tool.get("type") == "computer_use"]
    if not tools:
        return []
    browsing = tools[0].get("environment", "browser") == "browser"
    pages = links(scene.question)[:1] if browsing else []
    moves = (*(("navigate", {"url": page}) for page in pages), *_MOVES)
    excluded = named(tools, "excluded_predefined_functions")
    left = [(name, arguments) for name, arguments in moves if name not in excluded]
    if not left:
        return []
    name, arguments = left[0]
    intent = f'fakegemini begins with "{shorten(scene.question, 80)}"'
    return [
        {
            "id": mint.call_id(),
            "type": "function_call",
            "name": name,
            "arguments": {**arguments, "intent": intent},
        }
    ]
