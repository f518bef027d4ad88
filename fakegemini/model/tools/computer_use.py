"""The first move on a screen: a function call that the client carries out.

Names, `intent` and coordinates from 0 to 999 are documented (computer use guide, 2026); which move
comes first is ours. The turn with its result is an answer: the unscripted model makes one move.
"""

from __future__ import annotations

from ...protocol.ask import Ask
from ...protocol.ids import IdSource
from ...wire.http import Json
from ..situation import Situation
from ..values.links import find_links
from ..values.prompt_words import shorten
from .job import collect_names

_DEFAULT_ACTIONS: tuple[tuple[str, Json], ...] = (
    ("click", {"x": 500, "y": 500}),
    ("take_screenshot", {}),
)


def first_screen_action(ask: Ask, situation: Situation, ids: IdSource) -> list[Json]:
    """The function call, if computer use is declared and leaves a move; else nothing."""
    tools = [tool for tool in ask.tools if tool.get("type") == "computer_use"]
    if not tools:
        return []
    in_browser = tools[0].get("environment", "browser") == "browser"
    pages = find_links(situation.question)[:1] if in_browser else []
    actions = (*(("navigate", {"url": page}) for page in pages), *_DEFAULT_ACTIONS)
    excluded_names = collect_names(tools, "excluded_predefined_functions")
    available_actions = [
        (name, arguments) for name, arguments in actions if name not in excluded_names
    ]
    if not available_actions:
        return []
    name, arguments = available_actions[0]
    intent = f'fakegemini begins with "{shorten(situation.question, 80)}"'
    return [
        {
            "id": ids.call_id(),
            "type": "function_call",
            "name": name,
            "arguments": {**arguments, "intent": intent},
        }
    ]
