"""One turn that the unscripted model has to make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..protocol.ask import Ask
from ..protocol.ids import IdSource
from ..wire.http import Json
from .quoting import shorten_quote
from .situation import Situation

_SUBJECT_LENGTH = 120  # characters


@dataclass(frozen=True, slots=True)
class Task:
    """One turn to make: the request, what was read off its conversation, where ids come from.

    Whoever makes a part of the turn (a tool, an agent, a medium) gets this record, and notes in
    `shortcomings` what the part should have and has not.
    """

    ask: Ask
    situation: Situation
    ids: IdSource
    shortcomings: list[str] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """Return the user's newest words on one line, shortened; "nothing" where there are none."""
        return (
            shorten_quote(" ".join(self.situation.question.split()), _SUBJECT_LENGTH) or "nothing"
        )

    @property
    def agent_config(self) -> Json:
        """Return the request's `agent_config`, or an empty object."""
        return _object_or_empty(self.ask.body.get("agent_config"))

    def config_section(self, name: str) -> Json:
        """Return the object of that name in `generation_config`, or an empty one."""
        return _object_or_empty(self.ask.config.get(name))


def _object_or_empty(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
