"""Answer for CodeMender, which looks at the files of a request.

It is known from the SDK's types alone (2026-07).
"""

from __future__ import annotations

from ...protocol.builders import say
from ...protocol.turn import Turn
from ...wire.http import Json
from ..prose import write_prose
from ..step_builders import thought_step
from ..task import Task
from ..thought import AGENT_THOUGHT_TOKENS

_REQUEST_VERBS = ("find", "fix")


def code_mender_turn(task: Task) -> Turn:
    """Return the turn of a find or a fix request: which files it names, and that nobody looked."""
    config = task.agent_config
    requests = {verb: config.get(f"{verb}_request") for verb in _REQUEST_VERBS}
    request_sentences = [
        _request_sentence(verb, request)
        for verb, request in requests.items()
        if isinstance(request, dict)
    ]
    session = config.get("session_id")
    session_sentences = [f"Session {session} goes on."] if session else []
    sentences = (*request_sentences, *session_sentences, "Nothing was scanned or changed.")
    text = write_prose(task, *sentences)
    return Turn(
        (thought_step(task.ids.signature()), say(text)), thought_tokens=AGENT_THOUGHT_TOKENS
    )


def _request_sentence(verb: str, request: Json) -> str:
    files = [file for file in request.get("source_files") or () if isinstance(file, dict)]
    lines = (
        f"{file.get('path', 'a file')} ({len(str(file.get('content', '')).splitlines())} lines)"
        for file in files
    )
    finding_note = f" for finding {request['finding_id']}" if request.get("finding_id") else ""
    return f"To {verb}{finding_note} in: {', '.join(lines) or 'no files'}."
