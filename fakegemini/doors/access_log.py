"""Write one readable line for each request that a handler answers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..errors import BadBody
from ..protocol.ask import steps_of, text_of
from ..wire.http import Beat, Handler, Json, Reply, Request
from ..wire.sse import Decoder
from ..wording import shorten

_LONGEST_TEXT = 48
"""How many characters of an input or an error a line shows."""


def log_requests(handler: Handler, write: Callable[[str], object]) -> Handler:
    """Return `handler` so that `write` gets a line when each of its answers is complete.

    A stream is complete when it ends or its client leaves. What the handler raises is raised again.
    """

    def handle(request: Request) -> Reply:
        start_time = time.perf_counter()
        try:
            reply = handler(request)
        except Exception as error:
            write(_format_line(request, f"400 {_on_one_line(str(error))}", start_time))
            raise
        if isinstance(reply.beats, tuple):
            write(
                _format_line(request, f"{reply.status} {_describe_body(reply.beats)}", start_time)
            )
            return reply
        return replace(reply, beats=_log_stream(request, reply, start_time, write))

    return handle


def _log_stream(
    request: Request, reply: Reply, start_time: float, write: Callable[[str], object]
) -> Iterator[Beat]:
    """Pass the beats of a stream on, and write its line behind the last one."""
    events, completed = _Events(), False
    try:
        for beat in reply.beats:
            if isinstance(beat, bytes):
                events.add(beat)
            yield beat
        completed = True
    finally:
        outcome = events.last_status() if completed else "the client left"
        write(
            _format_line(
                request, f"{reply.status} stream of {events.count} events, {outcome}", start_time
            )
        )


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


def _format_line(request: Request, outcome: str, start_time: float) -> str:
    target = f"{request.method} {request.path}"
    if request.query:
        target += "?" + "&".join(f"{key}={value}" for key, value in request.query if key != "key")
    milliseconds = (time.perf_counter() - start_time) * 1000
    return f"{target}{_describe_subject(request)} → {outcome} ({milliseconds:.0f} ms)"


def _describe_subject(request: Request) -> str:
    """Name what a create asks: the model or agent, and its last text or its last steps."""
    if not request.body or request.path.startswith("/__fakegemini__/"):
        return ""
    try:
        body = request.json()
        steps = steps_of(body.get("input"))
    except (BadBody, AttributeError, TypeError):
        return " (unreadable body)"
    target = body.get("model") or body.get("agent") or ""
    last_text = next((text for step in reversed(steps) if (text := text_of(step))), None)
    content = (
        f'"{_on_one_line(last_text)}"'
        if last_text
        else ", ".join(str(step.get("type")) for step in steps[-3:])
    )
    return f" {target} {content}".rstrip()


def _describe_body(beats: tuple[Beat, ...]) -> str:
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
        return _on_one_line(str(body["error"].get("message", "")))
    return _describe_interaction(body)


def _describe_interaction(body: Json) -> str:
    steps = ", ".join(str(step.get("type")) for step in body.get("steps", ()))
    return f"{body.get('status', '')}{': ' if steps else ''}{steps}"


def _on_one_line(text: str) -> str:
    """Make a text fit into a line: no line breaks, and short."""
    return shorten(" ".join(text.split()), _LONGEST_TEXT)
