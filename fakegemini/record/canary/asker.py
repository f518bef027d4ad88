"""Ask what a probe wants to know: the live server through a recorder, or a fake in process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from ...errors import CanaryStopped
from ...wire.http import Json
from ...wire.json_text import dump_json

API_VERSION = "v1beta"
"""The version that the SDKs and the quickstart ask."""

_UNMEASURABLE = frozenset({408, 429, 500, 502, 503, 504})
_NO_KEY = frozenset({401, 403})


class Question(NamedTuple):
    """One request of a probe: `path` is below the version, with its query; no body is None."""

    method: str
    path: str
    body: Json | bytes | None = None

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        return dump_json(self.body).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the JSON (None where it is none), and the text."""

    status: int
    text: str
    content_type: str = ""

    @property
    def json(self) -> Any:
        """The parsed body; an empty object where it is no JSON object."""
        try:
            value = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def events(self) -> list[Json]:
        """The events of a stream, in order, without the `[DONE]` at its end."""
        lines = (line[6:] for line in self.text.split("\n") if line.startswith("data: "))
        return [json.loads(line) for line in lines if line.startswith("{")]

    @property
    def error(self) -> Json:
        """The error of a refusal, from JSON or from the one event of a stream."""
        body = self.json or next(iter(self.events), {})
        error: Json = body.get("error", {}) if isinstance(body.get("error"), dict) else {}
        return error


Send: TypeAlias = Callable[[Question], Answer]
"""Sends a request and waits for the whole answer."""


@dataclass(slots=True)
class Asker:
    """Asks for one probe. `questions` are those so far.

    Raises `CanaryStopped` for an answer that says nothing about the API: no key, out of quota,
    overloaded.
    """

    send: Send
    questions: list[Question] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Json | bytes | None = None) -> Answer:
        """Send a request, and return its answer."""
        question = Question(method, path, body)
        self.questions.append(question)
        answer = self.send(question)
        is_ours = answer.error.get("code") == "fakegemini"  # the recorder's own word
        if is_ours or answer.status in _UNMEASURABLE or answer.status in _NO_KEY:
            words = str(answer.error.get("message", answer.text))[:200]
            raise CanaryStopped(
                f"{method} {path} was answered with HTTP {answer.status}: {words}",
                is_final=is_ours or answer.status in _NO_KEY,
            )
        return answer

    def create(self, **body: Any) -> Answer:
        """Create an interaction with a model that thinks and costs little, if no other is named."""
        if "agent" not in body:
            body = {"model": "gemini-3.5-flash", **body}
        return self.ask("POST", "interactions", body)


def describe_question(question: Question) -> str:
    """Spell a request on one line, as `--dry-run` prints it."""
    body = question.content.decode("utf-8", "replace")
    return f"{question.method} /{API_VERSION}/{question.path} {body}".rstrip()
