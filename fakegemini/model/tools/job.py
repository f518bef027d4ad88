"""The job that a tool is given, and what its use leaves behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...protocol.ask import Ask
from ...protocol.ids import IdSource
from ...wire.http import Json
from ..situation import Situation
from ..values.prompt_words import shorten

_QUERY_LENGTH = 120


@dataclass(frozen=True, slots=True)
class ToolJob:
    """One turn as a tool sees it: `tools` are the declarations of its type, in order."""

    ask: Ask
    situation: Situation
    tools: tuple[Json, ...]
    ids: IdSource

    @property
    def query(self) -> str:
        """What is looked for: the words of the user on one line, shortened."""
        return shorten(" ".join(self.situation.question.split()), _QUERY_LENGTH) or "nothing"

    def make_steps(
        self,
        name: str,
        call_members: Json | None = None,
        result_members: Json | None = None,
        *,
        signed: bool = True,
    ) -> tuple[Json, Json]:
        """The call step and the result step of a tool, linked, with these further members."""
        call_id = self.ids.call_id()
        steps = []
        for suffix, id_member, members in (
            ("_call", "id", call_members),
            ("_result", "call_id", result_members),
        ):
            step: Json = {id_member: call_id}
            if signed:
                step["signature"] = self.ids.signature()
            steps.append({**step, "type": name + suffix, **(members or {})})
        return steps[0], steps[1]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the answer, and the annotation that cites its source, if there is one."""

    sentence: str
    annotation: Json | None = None


@dataclass(frozen=True, slots=True)
class ToolUse:
    """What one tool did: its steps, what the answer says of it, and what the usage counts.

    `grounding_type` is the tool's name in `grounding_tool_count`, for those that are counted there.
    """

    steps: tuple[Json, ...]
    statements: tuple[Statement, ...] = ()
    grounding_type: str | None = None

    @property
    def call_count(self) -> int:
        """How often the tool was called."""
        return sum(str(step["type"]).endswith("_call") for step in self.steps)


def collect_names(tools: Iterable[Json], member: str, *defaults: str) -> list[str]:
    """The names that the declarations list under a member, each once; others if none does."""
    names: list[Any] = [name for tool in tools for name in tool.get(member) or ()]
    return list(dict.fromkeys(map(str, names))) or list(defaults)
