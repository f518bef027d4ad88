"""What a maker of media gets, and what it gives."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from ...protocol.ask import Ask
from ...protocol.ids import Mint
from ...protocol.turn import File
from ...wire.http import Json
from ..situation import Scene


@dataclass(frozen=True, slots=True)
class Order:
    """One medium that a turn is to have: `form` is the response format that asks for it."""

    ask: Ask
    scene: Scene
    form: Json
    mint: Mint

    @property
    def text(self) -> str:
        """What it is to show or say."""
        return self.scene.question

    def config(self, name: str) -> Json:
        """A part of `generation_config`, or an empty object."""
        found: Any = self.ask.config.get(name)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Piece:
    """A content block, and the file that it points to, where it does."""

    block: Json
    file: File | None = None


def inline(kind: str, mime_type: str, data: bytes, **more: Any) -> Piece:
    """A block that carries its bytes."""
    text = base64.b64encode(data).decode()
    return Piece({"mime_type": mime_type, "data": text, **more, "type": kind})
