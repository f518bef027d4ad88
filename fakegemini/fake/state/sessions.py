"""Give each test of another language a fake of its own, behind the address of one server.

A session is asked by its path, `/sessions/TOKEN` in front of every path of the API, or by a header
on every request. It has its own script, store, requests, complaints and clock, and is forgotten
some time after its last request.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from ...protocol.refusals.refusal import Refusal
from ...wire.http import Json, Reply, Request
from ...wire.replies import ERROR_JSON, json_reply

SESSION_HEADER = "x-fakegemini-session"
"""The header that names a session by its token."""

IDLE_SECONDS = 3600.0
"""How long a session is remembered after its last request, where it does not say."""

MOST_SESSIONS = 1000
"""How many sessions there are at once; one more takes the place of the one idle for longest."""

_PATH = re.compile(r"/sessions/([^/]+)(/.*)?")


class SessionFake(Protocol):
    """What a session has of its own: a `Fake`."""

    url: str

    def handle(self, request: Request, /) -> Reply:
        """Answer a request."""
        ...


@dataclass(slots=True)
class Session:
    """One session; `last_asked` is the time of its last request, by the monotonic clock."""

    fake: SessionFake
    name: str = ""
    idle: float = IDLE_SECONDS
    last_asked: float = field(default_factory=time.monotonic)


class Sessions:
    """The sessions of one fake, by their tokens.

    `make` makes the fake of a form; `origin_of` says at which address a request came.
    """

    def __init__(
        self, make: Callable[[Json], SessionFake], origin_of: Callable[[Request], str]
    ) -> None:
        self._make = make
        self._origin_of = origin_of
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def open(self, form: Json, request: Request) -> Json:
        """Open the session of a form; return its token, its address and its header."""
        token = os.urandom(8).hex()
        fake = self._make(form)
        fake.url = f"{self._origin_of(request)}/sessions/{token}"
        with self._lock:
            self._forget_idle(room_for=1)
            self._sessions[token] = Session(
                fake, form.get("name", ""), form.get("idle", IDLE_SECONDS)
            )
        return {"token": token, "url": fake.url, "header": {SESSION_HEADER: token}}

    def end(self, fake: SessionFake) -> None:
        """Forget the session of a fake."""
        with self._lock:
            for token, session in [*self._sessions.items()]:
                if session.fake is fake:
                    del self._sessions[token]

    def listing(self) -> list[Json]:
        """List the sessions there are, the oldest first."""
        with self._lock:
            self._forget_idle()
            now = time.monotonic()
            return [
                {
                    "token": token,
                    "name": session.name,
                    "url": session.fake.url,
                    "idle": round(now - session.last_asked, 3),
                }
                for token, session in self._sessions.items()
            ]

    def find(self, token: str) -> SessionFake | None:
        """Find the fake of a session that is asked now; None where there is none."""
        with self._lock:
            self._forget_idle()
            session = self._sessions.get(token)
            if session is None:
                return None
            session.last_asked = time.monotonic()
            return session.fake

    def _forget_idle(self, room_for: int = 0) -> None:
        now = time.monotonic()
        for token, session in [*self._sessions.items()]:
            if now - session.last_asked > session.idle:
                del self._sessions[token]
        while len(self._sessions) + room_for > MOST_SESSIONS:
            del self._sessions[min(self._sessions, key=lambda key: self._sessions[key].last_asked)]


def read_token(request: Request) -> tuple[str, Request]:
    """Return the token of the session that a request is for, and the request as it gets it.

    The token is empty for a request that names none. A path goes before a header.
    """
    match = _PATH.fullmatch(request.path) if request.path.startswith("/sessions/") else None
    if match:
        return match[1], replace(request, path=match[2] or "/")
    return request.header(SESSION_HEADER) or "", request


def refuse_token(token: str) -> Reply:
    """Reply to a request that names a session which there is not."""
    text = (
        f"there is no session {token[:64]!r}: it was never opened, was ended, or was forgotten "
        "after a time without requests. Fix: open one, POST /__fakegemini__/sessions"
    )
    return json_reply(Refusal(404, "fakegemini", text, "X").body(), 404, ERROR_JSON)
