"""Make the first action on a screen: a function call that the client carries out.

Names, `intent` and coordinates from 0 to 999 are documented (computer use guide, 2026); which
action comes first is our choice. The turn that brings its result is an answer: the unscripted
model acts once.
"""

from __future__ import annotations

from ...wire.http import Json
from ..quoting import shorten_quote
from ..step_builders import function_call_step
from ..task import Task
from ..values.links import find_links
from .tool_use import collect_names

_DEFAULT_ACTIONS: tuple[tuple[str, Json], ...] = (
    ("click", {"x": 500, "y": 500}),
    ("take_screenshot", {}),
)


def first_screen_action(task: Task) -> Json | None:
    """Return the call of the first action that the declarations leave; None if there is none.

    In a browser it goes to the first page that the prompt names.
    """
    tools = [tool for tool in task.ask.tools if tool.get("type") == "computer_use"]
    if not tools:
        return None
    in_browser = tools[0].get("environment", "browser") == "browser"
    pages = find_links(task.situation.question)[:1] if in_browser else []
    actions = (*(("navigate", {"url": page}) for page in pages), *_DEFAULT_ACTIONS)
    excluded_names = collect_names(tools, "excluded_predefined_functions")
    intent = f'fakegemini begins with "{shorten_quote(task.situation.question, 80)}"'
    for name, arguments in actions:
        if name not in excluded_names:
            return function_call_step(task.ids, name, {**arguments, "intent": intent})
    return None
