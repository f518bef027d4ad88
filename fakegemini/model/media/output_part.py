"""What the maker of a medium gives: a content block, and the file that it points to."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

from ...protocol.turn import File
from ...wire.http import Json


class OutputPart(NamedTuple):
    """A content block, and the file behind its `uri` if it has one."""

    block: Json
    file: File | None = None


def inline_part(modality: str, mime_type: str, content: bytes, **members: Any) -> OutputPart:
    """Return a block that carries its bytes as base64, and these further members."""
    text = base64.b64encode(content).decode()
    return OutputPart({"mime_type": mime_type, "data": text, **members, "type": modality})
