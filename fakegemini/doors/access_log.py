"""Write one readable line for each request that a handler answers."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ..errors import BadBody
from ..protocol.ask import steps_of
from ..protocol.known_models import AGENTS, MODELS
from ..protocol.step_reading import text_of
from ..recordings.scrub.mask import MASK, mask_secrets
from ..recordings.scrub.secret_names import hides_parameter
from ..wire.due_frames import DueFrames
from ..wire.http import Beat, Handler, Json, Reply, Request, Summary
from ..wire.sse import Decoder
from ..wording import shorten, spell_json, spell_unsafe, spell_unsafe_json

_LONGEST_TEXT = 48
"""How many characters of an input or an error a line shows to a person."""

_LONGEST_IN_FILE = 20_000
"""How many of them a line shows in a file: looking for secrets takes 0.3 µs a character."""

_LONGEST_NAME = 200
"""How many characters of a model and of types of steps a line shows."""

_MORE_LOOKED_AT = 2000
"""How many characters behind those that are shown are looked at, too: a secret may begin before."""


class LogLine(NamedTuple):
    """What a line of the log says of a request: its status, the outcome, how long it took.

    `longest` is how many characters of an input or an error it shows, 0 for those of a file.
    `summary` says what it would read off the request.
    """

    request: Request
    status: int
    outcome: str
    milliseconds: float
    longest: int
    summary: Summary | None = None

    @property
    def subject(self) -> str:
        """Return what a create asks, with a space in front; empty for any other request."""
        if self.summary:
            return f' {self.summary.subject} "{_on_one_line(self.summary.text, self.longest)}"'
        return _describe_subject(self.request, self.longest)

    def as_text(self) -> str:
        """Return the line for people."""
        request = self.request
        target = f"{request.method} {_mask_path(request.path)}"
        if request.query:
            target += "?" + "&".join(
                f"{key}={_mask_secret(key, value)}" for key, value in request.query
            )
        outcome = f"{self.status} {self.outcome}"
        return f"{target}{self.subject} → {outcome} ({self.milliseconds:.0f} ms)"

    def as_json(self) -> str:
        """Return the line for programs: one object."""
        request = self.request
        members = {
            "method": request.method,
            "path": _mask_path(request.path),
            "query": {key: _mask_secret(key, value) for key, value in request.query},
            "asks": self.subject.strip(),
            "status": self.status,
            "outcome": self.outcome,
            "milliseconds": round(self.milliseconds, 3),
        }
        return spell_unsafe_json(spell_json(members, compact=True))


LOG_FORMATS: dict[str, Callable[[LogLine], str]] = {
    "text": LogLine.as_text,
    "json": LogLine.as_json,
}
"""How a line is written, by the name that `serve --log-format` takes."""


def log_requests(
    handler: Handler,
    write: Callable[[str], object],
    *,
    log_format: str = "text",
    longest: int = _LONGEST_TEXT,
) -> Handler:
    """Return `handler` so that `write` gets a line when each of its answers is complete.

    `log_format` is one of `LOG_FORMATS`; `longest` is how many characters of a text a line shows, 0
    for `_LONGEST_IN_FILE`.

    A stream is complete when it ends or its client leaves. What the handler raises is raised again.
    Whatever goes wrong with a line, the answer is the same: see `LogWriter` for a `write` that
    neither waits nor raises.
    """

    format_line = LOG_FORMATS[log_format]

    def write_line(
        request: Request,
        start_time: float,
        status: int,
        describe: Callable[[], str],
        summary: Summary | None = None,
    ) -> None:
        milliseconds = (time.perf_counter() - start_time) * 1000
        try:
            line = format_line(LogLine(request, status, describe(), milliseconds, longest, summary))
        except Exception as error:  # an odd body must not decide about an answer
            target = f"{request.method} {_mask_path(request.path)}"
            line = f"{target} → a line that failed: {type(error).__name__}"
        with contextlib.suppress(Exception):
            write(spell_unsafe(line, keep=""))

    def handle(request: Request) -> Reply:
        start_time = time.perf_counter()
        try:
            reply = handler(request)
        except Exception as error:
            text = _on_one_line(str(error), longest)
            write_line(request, start_time, 400, lambda: text)
            raise
        summary = reply.summary_for(request)
        if summary:
            outcome = partial(_describe_summary, summary)
            write_line(request, start_time, reply.status, outcome, summary)
            return reply
        note = partial(write_line, request, start_time, reply.status)
        if isinstance(reply.beats, tuple):
            beats = reply.beats
            note(lambda: _describe_body(beats, longest))
            return reply
        return replace(reply, beats=_log_stream(reply, note))

    return handle


_mask_path = lru_cache(maxsize=256)(mask_secrets)  # most requests go to the same few


def _describe_summary(summary: Summary) -> str:
    if isinstance(summary.beats, DueFrames):
        event_count = summary.beats.frame_count - 1  # the last frame is no event
        return _describe_stream(event_count, summary.status)
    return f"{summary.status}{': ' if summary.step_types else ''}{', '.join(summary.step_types)}"


def _describe_stream(count: int, outcome: str) -> str:
    return f"stream of {count} events, {outcome}"


def _log_stream(reply: Reply, write_line: Callable[[Callable[[], str]], None]) -> Iterator[Beat]:
    """Pass the beats of a stream on, and write its line behind the last one."""
    events, completed = _Events(), False

    def describe() -> str:
        outcome = events.last_status() if completed else "the client left"
        return _describe_stream(events.count, outcome)

    try:
        for beat in reply.beats:
            if isinstance(beat, bytes):
                events.add(beat)
            yield beat
        completed = True
    finally:
        write_line(describe)


class _Events:
    """The events of a stream: how many there are, and the last one; no other is parsed."""

    def __init__(self) -> None:
        self.count = 0
        self._last_frame = b""
        self._decoder = Decoder()
        self._is_cut = False

    def add(self, beat: bytes) -> None:
        """Take the next bytes: mostly one frame, as the fake writes it."""
        if not self._is_cut and _WHOLE_FRAME.fullmatch(beat):
            self._add_frame(beat)
            return
        for frame in self._decoder.feed(beat):
            data = frame.data.replace("\n", "\ndata: ")
            self._add_frame(f"data: {data}\n\n".encode("utf-8", "surrogatepass"))
        self._is_cut = self._decoder.unframed != b""

    def _add_frame(self, frame: bytes) -> None:
        if not frame.endswith(b"data: [DONE]\n\n"):
            self.count += 1
            self._last_frame = frame

    def last_status(self) -> str:
        """Return the status that the last event names; empty where it names none."""
        for frame in Decoder().feed(self._last_frame):
            try:
                event = frame.json()
            except ValueError:
                return ""
            interaction = event.get("interaction") if isinstance(event, dict) else None
            return str(interaction.get("status", "")) if isinstance(interaction, dict) else ""
        return ""


_WHOLE_FRAME = re.compile(rb"event: [^\r\n]*\ndata: [^\r\n]*\n\n")


def _mask_secret(name: str, value: str) -> str:
    """Return the value of a query parameter, or a mask where the name sounds like a secret's."""
    return MASK if hides_parameter(name) else mask_secrets(value)


def _describe_subject(request: Request, longest: int) -> str:
    """Name what a create asks: the model or agent, and its last text or its last steps."""
    if not request.body or request.path.startswith("/__fakegemini__/"):
        return ""
    try:
        body = request.json()
        steps = steps_of(body.get("input"))
    except (BadBody, AttributeError, TypeError):
        return " (unreadable body)"
    except Exception:  # nested too deep, or what no client sends
        return " (odd body)"
    name = str(body.get("model") or body.get("agent") or "")
    # Those that are known hold no secret: the rules for these need not be loaded.
    is_known = name in MODELS or name in AGENTS
    target = name if is_known else _on_one_line(name, _LONGEST_NAME)
    last_text = next((text for step in reversed(steps) if (text := text_of(step))), None)
    content = (
        f'"{_on_one_line(last_text, longest)}"'
        if last_text
        else _on_one_line(", ".join(str(step.get("type")) for step in steps[-3:]), _LONGEST_NAME)
    )
    return f" {target} {content}".rstrip()


def _describe_body(beats: tuple[Beat, ...], longest: int) -> str:
    """Name what an answer in one piece holds: its error, or its status and steps."""
    raw = b"".join(beat for beat in beats if isinstance(beat, bytes))
    frames = Decoder().feed(raw) if raw.startswith(b"event:") else []
    try:
        body: Any = frames[0].json() if frames else json.loads(raw)
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    if "error" in body:
        return _on_one_line(str(body["error"].get("message", "")), longest)
    return _describe_interaction(body)


def _describe_interaction(body: Json) -> str:
    steps = ", ".join(str(step.get("type")) for step in body.get("steps", ()))
    return f"{body.get('status', '')}{': ' if steps else ''}{shorten(steps, _LONGEST_IN_FILE)}"


def _on_one_line(text: str, longest: int) -> str:
    """Make a text fit into a line: no secrets, no line breaks, and not longer than that."""
    most = longest or _LONGEST_IN_FILE
    line = " ".join(mask_secrets(text[: most + _MORE_LOOKED_AT]).split())
    is_cut_in_file = len(text) > most and not longest
    length = f" ({len(text):,} characters)" if is_cut_in_file else ""
    return shorten(line, most) + length
