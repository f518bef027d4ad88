"""What an agent is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...protocol.ask import Ask
from ...protocol.ids import IdSource
from ...wire.http import Json
from ..situation import Situation
from ..values.prompt_words import replace_surrogates, shorten

_SUBJECT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Task:
    """One turn as an agent sees it."""

    ask: Ask
    situation: Situation
    ids: IdSource

    @property
    def config(self) -> Json:
        """`agent_config`, or an empty object."""
        config: Any = self.ask.body.get("agent_config")
        return config if isinstance(config, dict) else {}

    @property
    def subject(self) -> str:
        """What it is about: the words of the user on one line, shortened."""
        return (
            shorten(" ".join(replace_surrogates(self.situation.question).split()), _SUBJECT_LENGTH)
            or "nothing"
        )
