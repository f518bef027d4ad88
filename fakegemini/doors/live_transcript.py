"""Keep what passes through a handler, as the live page and reports show it.

A request is kept when it comes, and its answer while a door performs it: each piece with its time.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from ..fake.fake import Fake
from ..fake.routes import CONTROL_PREFIX
from ..fake.state.sessions import read_token
from ..protocol.paths import operation
from ..protocol.request_log import LoggedRequest
from ..recordings.scrub.mask import mask_secrets
from ..wire.due_frames import DueFrames
from ..wire.http import Beat, Cut, Handler, Json, Pairs, Reply, Request
from ..wire.sse import Decoder
from .shown_exchange import Pieces, without_secrets

_MOST_EXCHANGES = 5000
"""How many exchanges are kept; older ones are forgotten."""

_MOST_BYTES = 64 * 1024 * 1024
"""How many bytes of bodies are kept; the oldest exchanges are forgotten for the newest."""

_MOST_BYTES_OF_ONE = 8 * 1024 * 1024
"""How many bytes of one answer are kept; a stream may never end."""

_LONGEST_TEXT = 200_000
"""How many characters of a text are kept."""

_DEEPEST = 500
"""How deeply nested JSON is without anybody having looked."""

_LOOKED_BACK = 32


@dataclass(eq=False, slots=True)
class SeenExchange:
    """One request and what became of it; `version` grows with everything that is new of it.

    `pieces` are the bytes of its answer, each with the milliseconds since the request; `dropped`
    counts those that are not kept.
    """

    number: int
    request: Request
    at: float
    group: str = ""
    session: str = ""
    started: float = field(default_factory=time.perf_counter)
    version: int = 0
    status: int | None = None
    reply_headers: Pairs = ()
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    kept_bytes: int = 0
    dropped: int = 0
    milliseconds: float | None = None
    ending: str = "open"
    complaints: list[str] = field(default_factory=list)
    entry: LoggedRequest | None = None

    def to_json(self) -> Json:
        """Return it as the page reads it; no secret is in it."""
        entry = self.entry
        refusal = entry.refusal if entry else None
        shown = without_secrets(self.request, self.reply_headers, self.pieces, self.complaints)
        body = b"".join(piece for _, piece in shown.pieces)
        return {
            "n": self.number,
            "version": self.version,
            "at": self.at,
            "ms": self.milliseconds,
            "method": self.request.method,
            "path": shown.request.path,
            "query": dict(shown.request.query),
            "headers": dict(shown.request.headers),
            "body": _read_body(shown.request.body),
            "operation": operation(self.request),
            "id": entry.id if entry else None,
            "session": self.session,
            "group": self.group,
            "status": self.status,
            "reply_headers": dict(shown.reply_headers),
            "reply": None if self.is_stream else _read_body(body),
            "stream": [*_events_in(shown.pieces)] if self.is_stream else None,
            "ending": self.ending,
            "dropped": self.dropped,
            "source": entry.source if entry else "",
            "spoiled": bool(entry and entry.is_spoiled),
            "refusal": refusal
            and {
                "name": refusal.name,
                "evidence": refusal.evidence,
                "message": mask_secrets(refusal.message),
            },
            "complaints": shown.complaints,
        }

    @property
    def size(self) -> int:
        """Count the bytes that are kept of it."""
        return len(self.request.body) + self.kept_bytes

    @property
    def is_stream(self) -> bool:
        """Tell whether its answer is a stream of events."""
        return any(
            key.lower() == "content-type" and text.startswith("text/event-stream")
            for key, text in self.reply_headers
        )

    def add(self, piece: bytes) -> None:
        """Take a piece of the answer, with its time."""
        if self.dropped or self.kept_bytes + len(piece) > _MOST_BYTES_OF_ONE:
            self.dropped += len(piece)
            return
        self.kept_bytes += len(piece)
        self.pieces.append((self.elapsed(), piece))

    def elapsed(self) -> float:
        """Return the milliseconds since the request came."""
        return round((time.perf_counter() - self.started) * 1000, 1)


class Transcript:
    """The exchanges of one server or one session of tests, oldest first."""

    def __init__(self) -> None:
        self.version = 0
        self.forgotten = 0
        self._exchanges: dict[int, SeenExchange] = {}
        self._count = 0
        self._kept_bytes = 0
        self._lock = threading.Lock()
        self._current = threading.local()

    def watch(self, fake: Fake, handler: Handler | None = None, group: str = "") -> Handler:
        """Return the handler so that what passes is kept; that of the fake if none is given.

        The control routes are not kept. The complaints of the fake are, with the request that
        raises them.
        """
        inner = handler or fake.handle
        outer_listener = fake.complaints.listener

        def listen(text: str) -> None:
            exchange: SeenExchange | None = getattr(self._current, "exchange", None)
            if exchange is not None:
                exchange.complaints.append(text)
                self._touch(exchange)
            if outer_listener:
                outer_listener(text)

        fake.complaints.listener = listen

        def handle(request: Request) -> Reply:
            token, inner_request = read_token(request)
            if inner_request.path.startswith(f"{CONTROL_PREFIX}/"):
                return inner(request)
            owner = _find_session(fake, token) or fake
            if owner.complaints.listener is None:
                owner.complaints.listener = listen
            exchange = self._begin(inner_request, token, group)
            outer_exchange = getattr(self._current, "exchange", None)
            self._current.exchange = exchange
            try:
                reply = inner(request)
            except Exception as error:
                exchange.status = 400
                exchange.add(str(error).encode("utf-8", "backslashreplace"))
                self._end(exchange, "whole")
                raise
            finally:
                self._current.exchange = outer_exchange
                exchange.entry = _find_entry(owner, exchange.request)
            exchange.status, exchange.reply_headers = reply.status, reply.headers
            if isinstance(reply.beats, DueFrames):
                exchange.add(reply.beats.joined)
                self._end(exchange, "whole")
                return reply
            if isinstance(reply.beats, tuple) and all(isinstance(b, bytes) for b in reply.beats):
                for beat in reply.beats:
                    if isinstance(beat, bytes):
                        exchange.add(beat)
                self._end(exchange, "whole")
                return reply
            return replace(reply, beats=self._perform(exchange, reply))

        return handle

    def since(self, version: int) -> list[Json]:
        """Return what is new since that version, oldest first."""
        with self._lock:
            exchanges = [seen for seen in self._exchanges.values() if seen.version > version]
        return [seen.to_json() for seen in exchanges]

    def forget(self) -> None:
        """Drop everything, as a reset of the fake does."""
        with self._lock:
            self._exchanges.clear()
            self._kept_bytes = 0
            self.version += 1
            self.forgotten = self.version

    def _begin(self, request: Request, token: str, group: str) -> SeenExchange:
        with self._lock:
            self._count += 1
            exchange = SeenExchange(self._count, request, time.time(), group, token)
            self._exchanges[self._count] = exchange
            if len(self._exchanges) > _MOST_EXCHANGES:
                self._drop_oldest()
            self.version = exchange.version = self.version + 1
        return exchange

    def _drop_oldest(self) -> None:
        oldest = self._exchanges.pop(next(iter(self._exchanges)))
        if oldest.milliseconds is not None:
            self._kept_bytes -= oldest.size

    def _touch(self, exchange: SeenExchange) -> None:
        with self._lock:
            self.version += 1
            exchange.version = self.version

    def _perform(self, exchange: SeenExchange, reply: Reply) -> Iterator[Beat]:
        """Pass the beats on, and keep the bytes of each with its time."""
        ending = "left"
        beats = iter(reply.beats)
        try:
            while True:
                with self._in(exchange):
                    beat = next(beats, None)
                if beat is None:
                    break
                if isinstance(beat, Cut):
                    ending = "cut"
                elif isinstance(beat, bytes):
                    exchange.add(beat)
                    self._touch(exchange)
                yield beat
            ending = "whole"
        finally:
            close = getattr(beats, "close", None)
            if close:
                close()
            self._end(exchange, ending)

    def _end(self, exchange: SeenExchange, ending: str) -> None:
        exchange.ending = ending
        exchange.milliseconds = exchange.elapsed()
        with self._lock:
            self.version = exchange.version = self.version + 1
            self._kept_bytes += exchange.size
            while self._kept_bytes > _MOST_BYTES and len(self._exchanges) > 1:
                self._drop_oldest()

    @contextmanager
    def _in(self, exchange: SeenExchange) -> Iterator[None]:
        """Let complaints of this thread belong to an exchange while the block runs."""
        outer_exchange = getattr(self._current, "exchange", None)
        self._current.exchange = exchange
        try:
            yield
        finally:
            self._current.exchange = outer_exchange


def _find_session(fake: Fake, token: str) -> Fake | None:
    """Find the fake of the session that a request is for."""
    sessions = fake.control.state.sessions if token else None
    owner = sessions.find(token) if sessions else None
    return owner if isinstance(owner, Fake) else None


def _events_in(pieces: Pieces) -> Iterator[tuple[float, str, Any]]:
    """Yield milliseconds, type and data of each event of a stream."""
    decoder = Decoder()
    for milliseconds, piece in pieces:
        for frame in decoder.feed(piece):
            yield milliseconds, frame.name or "message", _read_json(frame.data)


def _read_body(body: bytes) -> Any:
    """Return a body as JSON, else as text, which may be shortened; None where it is empty."""
    if not body:
        return None
    return _read_json(body.decode("utf-8", "replace"))


def _read_json(text: str) -> Any:
    """Return what a JSON text says; the text itself if it is no JSON, or too deep to show."""
    try:
        value = json.loads(text)
        if text.count("[") + text.count("{") > _DEEPEST:
            json.dumps(value)  # which gives up earlier than reading does
    except (ValueError, RecursionError):
        return text[:_LONGEST_TEXT]
    return value


def _find_entry(fake: Fake, request: Request) -> LoggedRequest | None:
    """Find what the fake logged of a request that was just answered."""
    newest_first = islice(reversed(fake.requests), _LOOKED_BACK)
    for entry in newest_first:
        if entry.request is request or entry.request == request:
            return entry
    return None
