"""What an agent is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...protocol.ask import Ask
from ...protocol.ids import Mint
from ...wire.http import Json
from ..situation import Scene
from ..values.prompt_words import clean, shorten

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Errand:
    """One turn as an agent sees it."""

    ask: Ask
    scene: Scene
    mint: Mint

    @property
    def config(self) -> Json:
        """`agent_config`, or an empty object."""
        found: Any = self.ask.body.get("agent_config")
        return found if isinstance(found, dict) else {}

    @property
    def subject(self) -> str:
        """What it is about: the words of the user on one line, shortened."""
        return shorten(" ".join(clean(self.scene.question).split()), _LONGEST) or "nothing"
