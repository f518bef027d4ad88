"""What a maker of media gets, and what it gives."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from ...protocol.ask import Ask
from ...protocol.ids import IdSource
from ...protocol.turn import File
from ...wire.http import Json
from ..situation import Situation


@dataclass(frozen=True, slots=True)
class MediaOrder:
    """One medium that a turn is to have: `response_format` is what asks for it."""

    ask: Ask
    situation: Situation
    response_format: Json
    ids: IdSource

    @property
    def text(self) -> str:
        """What it is to show or say."""
        return self.situation.question

    def config(self, name: str) -> Json:
        """A part of `generation_config`, or an empty object."""
        section: Any = self.ask.config.get(name)
        return section if isinstance(section, dict) else {}


@dataclass(frozen=True, slots=True)
class OutputPart:
    """A content block, and the file that it points to, where it does."""

    block: Json
    file: File | None = None


def inline_part(modality: str, mime_type: str, content: bytes, **fields: Any) -> OutputPart:
    """A block that carries its bytes."""
    text = base64.b64encode(content).decode()
    return OutputPart({"mime_type": mime_type, "data": text, **fields, "type": modality})
