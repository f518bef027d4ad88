"""The job that a tool is given, and what its use leaves behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...protocol.ask import Ask
from ...protocol.ids import Mint
from ...wire.http import Json
from ..situation import Scene
from ..values.prompt_words import shorten

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Job:
    """One turn as a tool sees it: `tools` are the declarations of its type, in order."""

    ask: Ask
    scene: Scene
    tools: tuple[Json, ...]
    mint: Mint

    @property
    def query(self) -> str:
        """What is looked for: the words of the user on one line, shortened."""
        return shorten(" ".join(self.scene.question.split()), _LONGEST) or "nothing"

    def pair(
        self,
        kind: str,
        asked: Json | None = None,
        found: Json | None = None,
        *,
        signed: bool = True,
    ) -> tuple[Json, Json]:
        """The call step and the result step of a tool, linked, with these further members."""
        identity = self.mint.call_id()
        made = []
        for suffix, link, more in (("_call", "id", asked), ("_result", "call_id", found)):
            step: Json = {link: identity}
            if signed:
                step["signature"] = self.mint.signature()
            made.append({**step, "type": kind + suffix, **(more or {})})
        return made[0], made[1]


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of the answer, and the annotation that cites its source, if there is one."""

    sentence: str
    note: Json | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """What one tool did: its steps, what the answer says of it, and what the usage counts.

    `counted` is the tool's name in `grounding_tool_count`, for those that are counted there.
    """

    steps: tuple[Json, ...]
    findings: tuple[Finding, ...] = ()
    counted: str | None = None

    @property
    def times(self) -> int:
        """How often the tool was called."""
        return sum(str(step["type"]).endswith("_call") for step in self.steps)


def named(tools: Iterable[Json], member: str, *otherwise: str) -> list[str]:
    """The names that the declarations list under a member, each once; others if none does."""
    listed: list[Any] = [name for tool in tools for name in tool.get(member) or ()]
    return list(dict.fromkeys(map(str, listed))) or list(otherwise)
