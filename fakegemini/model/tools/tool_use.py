"""What the use of a tool leaves in a turn, and how its declarations are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ...wire.http import Json
from ..citations import Statement


class ToolUse(NamedTuple):
    """What one tool did: its steps, what the answer says of it, and what the usage counts.

    `grounding_type` is the tool's name in `grounding_tool_count`; None for a tool that the live
    server does not count there.
    """

    steps: tuple[Json, ...]
    statements: tuple[Statement, ...] = ()
    grounding_type: str | None = None

    @property
    def call_count(self) -> int:
        """Return how often the tool was called."""
        return sum(str(step["type"]).endswith("_call") for step in self.steps)


def collect_names(tools: Iterable[Json], member: str, *defaults: str) -> list[str]:
    """Return the names that declarations list under a member, each once; the defaults if none."""
    names: list[Any] = [name for tool in tools for name in tool.get(member) or ()]
    return list(dict.fromkeys(map(str, names))) or list(defaults)
