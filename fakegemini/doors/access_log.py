"""One readable line for each request that a handler answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..errors import BadBody
from ..protocol.ask import steps_of, text_of
from ..wire.http import Beat, Handler, Json, Reply, Request
from ..wire.sse import Decoder, Frame

_WIDE = 48


def logged(handler: Handler, write: Callable[[str], object]) -> Handler:
    """`handler`, with a line written when each of its answers is complete."""

    def answer(request: Request) -> Reply:
        began = time.perf_counter()
        try:
            reply = handler(request)
        except Exception as error:
            write(_line(request, f"400 {_short(str(error))}", began))
            raise
        if isinstance(reply.beats, tuple):
            write(_line(request, f"{reply.status} {_whole(reply.beats)}", began))
            return reply
        return replace(reply, beats=_streamed(request, reply, began, write))

    return answer


def _streamed(
    request: Request, reply: Reply, began: float, write: Callable[[str], object]
) -> Iterator[Beat]:
    decoder, frames, done = Decoder(), list[Frame](), False
    try:
        for beat in reply.beats:
            if isinstance(beat, bytes):
                frames += decoder.feed(beat)
            yield beat
        done = True
    finally:
        events = [frame.json() for frame in frames if not frame.done]
        last = events[-1].get("interaction", {}).get("status", "") if events else ""
        outcome = last if done else "the client left"
        write(_line(request, f"{reply.status} stream of {len(events)} events, {outcome}", began))


def _line(request: Request, outcome: str, began: float) -> str:
    asked = f"{request.method} {request.path}"
    if request.query:
        asked += "?" + "&".join(f"{key}={value}" for key, value in request.query if key != "key")
    milliseconds = (time.perf_counter() - began) * 1000
    return f"{asked}{_subject(request)} → {outcome} ({milliseconds:.0f} ms)"


def _subject(request: Request) -> str:
    if not request.body or request.path.startswith("/__fakegemini__/"):
        return ""
    try:
        body = request.json()
        steps = steps_of(body.get("input"))
    except (BadBody, AttributeError, TypeError):
        return " (unreadable body)"
    who = body.get("model") or body.get("agent") or ""
    said = next((text for step in reversed(steps) if (text := text_of(step))), None)
    what = f'"{_short(said)}"' if said else ", ".join(str(step.get("type")) for step in steps[-3:])
    return f" {who} {what}".rstrip()


def _whole(beats: tuple[Beat, ...]) -> str:
    raw = b"".join(beat for beat in beats if isinstance(beat, bytes))
    frames = Decoder().feed(raw) if raw.startswith(b"event:") else []
    try:
        body: Any = frames[0].json() if frames else json.loads(raw)
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    if "error" in body:
        return _short(str(body["error"].get("message", "")))
    return _outcome(body)


def _outcome(body: Json) -> str:
    steps = ", ".join(str(step.get("type")) for step in body.get("steps", ()))
    return f"{body.get('status', '')}{': ' if steps else ''}{steps}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDE else f"{line[: _WIDE - 1]}…"
