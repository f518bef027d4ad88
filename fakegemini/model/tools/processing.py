"""Media that the request wants looked at step by step."""

from __future__ import annotations

from ...wire.http import Json
from .job import Finding, Job, Use


def is_agentic(job: Job) -> bool:
    """Whether this turn brings a block with agentic processing."""
    return bool(_blocks(job))


def processing(job: Job) -> Use:
    """A call and its result for each such block; they show nothing of it."""
    steps: list[Json] = []
    findings = []
    for block in _blocks(job):
        steps += job.pair("processing")
        findings.append(Finding(f"The {block['type']} was processed by fakegemini, unseen."))
    return Use(tuple(steps), tuple(findings))


def _blocks(job: Job) -> list[Json]:
    steps = [step for step in job.ask.tail if step.get("type") == "user_input"]
    blocks = [block for step in steps for block in step.get("content") or ()]
    return [block for block in blocks if _mode(block.get("processing")) == "agentic"]


def _mode(given: object) -> object:
    return given.get("type") if isinstance(given, dict) else given
