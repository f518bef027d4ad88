"""Use agentic processing: media that the request wants looked at step by step."""

from __future__ import annotations

from collections.abc import Sequence

from ...wire.http import Json
from ..citations import Statement
from ..step_builders import call_and_result
from ..task import Task
from .tool_use import ToolUse


def has_agentic_media(task: Task) -> bool:
    """Return whether this turn brings a block with agentic processing."""
    return any(map(_is_agentic, task.situation.new_blocks))


def use_processing(task: Task, _: Sequence[Json]) -> ToolUse:
    """Make a call and its result for each such block; the steps show nothing of the block."""
    steps: list[Json] = []
    statements = []
    for block in filter(_is_agentic, task.situation.new_blocks):
        steps += call_and_result(task.ids, "processing")
        statements.append(Statement(f"The {block['type']} was processed by fakegemini, unseen."))
    return ToolUse(tuple(steps), tuple(statements))


def _is_agentic(block: Json) -> bool:
    setting = block.get("processing")
    return (setting.get("type") if isinstance(setting, dict) else setting) == "agentic"
