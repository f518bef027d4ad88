"""CodeMender: looks at the files of a request. Known from the SDK's types alone (2026-07)."""

from __future__ import annotations

from typing import Any

from ...protocol.turn import Turn
from ...wire.http import Json
from ..prose import talk
from .task import Errand

_THOUGHT_TOKENS = 80


def mend(errand: Errand) -> Turn:
    """The turn of a find or a fix request: which files there are, and that nobody looked."""
    asked = {name: errand.config.get(f"{name}_request") for name in ("find", "fix")}
    said = [_said(name, given) for name, given in asked.items() if isinstance(given, dict)]
    session = errand.config.get("session_id")
    more = [f"Session {session} goes on."] if session else []
    text = talk(errand.ask, errand.scene, *said, *more, "Nothing was scanned or changed.")
    thought: Json = {"signature": errand.mint.signature(), "type": "thought"}
    block: Json = {"text": text, "type": "text"}
    output: Json = {"content": [block], "type": "model_output"}
    return Turn((thought, output), thought_tokens=_THOUGHT_TOKENS)


def _said(name: str, given: dict[str, Any]) -> str:
    files = [file for file in given.get("source_files") or () if isinstance(file, dict)]
    lines = (
        f"{file.get('path', 'a file')} ({len(str(file.get('content', '')).splitlines())} lines)"
        for file in files
    )
    finding = f" for finding {given['finding_id']}" if given.get("finding_id") else ""
    return f"To {name}{finding} in: {', '.join(lines) or 'no files'}."
