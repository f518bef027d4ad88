"""CodeMender: looks at the files of a request. Known from the SDK's types alone (2026-07)."""

from __future__ import annotations

from typing import Any

from ...protocol.turn import Turn
from ...wire.http import Json
from ..prose import write_prose
from .task import Task

_THOUGHT_TOKENS = 80


def code_mender_turn(task: Task) -> Turn:
    """The turn of a find or a fix request: which files there are, and that nobody looked."""
    requests = {name: task.config.get(f"{name}_request") for name in ("find", "fix")}
    request_sentences = [
        _request_sentence(name, request)
        for name, request in requests.items()
        if isinstance(request, dict)
    ]
    session = task.config.get("session_id")
    session_sentences = [f"Session {session} goes on."] if session else []
    text = write_prose(
        task.ask,
        task.situation,
        *request_sentences,
        *session_sentences,
        "Nothing was scanned or changed.",
    )
    thought: Json = {"signature": task.ids.signature(), "type": "thought"}
    block: Json = {"text": text, "type": "text"}
    output: Json = {"content": [block], "type": "model_output"}
    return Turn((thought, output), thought_tokens=_THOUGHT_TOKENS)


def _request_sentence(name: str, request: dict[str, Any]) -> str:
    files = [file for file in request.get("source_files") or () if isinstance(file, dict)]
    lines = (
        f"{file.get('path', 'a file')} ({len(str(file.get('content', '')).splitlines())} lines)"
        for file in files
    )
    finding_note = f" for finding {request['finding_id']}" if request.get("finding_id") else ""
    return f"To {name}{finding_note} in: {', '.join(lines) or 'no files'}."
