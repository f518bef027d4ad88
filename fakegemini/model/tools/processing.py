"""Media that the request wants looked at step by step."""

from __future__ import annotations

from ...wire.http import Json
from .job import Statement, ToolJob, ToolUse


def has_agentic_media(job: ToolJob) -> bool:
    """Whether this turn brings a block with agentic processing."""
    return bool(_agentic_blocks(job))


def use_processing(job: ToolJob) -> ToolUse:
    """A call and its result for each such block; they show nothing of it."""
    steps: list[Json] = []
    statements = []
    for block in _agentic_blocks(job):
        steps += job.make_steps("processing")
        statements.append(Statement(f"The {block['type']} was processed by fakegemini, unseen."))
    return ToolUse(tuple(steps), tuple(statements))


def _agentic_blocks(job: ToolJob) -> list[Json]:
    steps = [step for step in job.ask.steps_to_answer if step.get("type") == "user_input"]
    blocks = [block for step in steps for block in step.get("content") or ()]
    return [block for block in blocks if _processing_mode(block.get("processing")) == "agentic"]


def _processing_mode(setting: object) -> object:
    return setting.get("type") if isinstance(setting, dict) else setting
