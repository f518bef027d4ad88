"""Check what goes through a handler, in and out, as a recording of it would be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlencode

from ..recordings.exchange import Exchange
from ..wire.http import Beat, Handler, Reply, Request
from .findings import Finding
from .rules.one_exchange import check_exchange
from .rules.one_recording import RecordingCheck
from .rules.registry import RULES


def guard(handler: Handler, report: Callable[[Finding], object]) -> Handler:
    """Return `handler`, with each finding reported once the answer of its exchange is complete."""
    return Guard(report).wrap(handler)


class Guard:
    """Checks the exchanges of any handlers as one recording, in the order they are answered.

    Parents, polls and results are held against what came before. An answer that nobody read to
    its end is not checked, and what is no Interactions traffic passes.
    """

    def __init__(self, report: Callable[[Finding], object]) -> None:
        self._report = report
        self._recording = RecordingCheck(is_live=True)
        self._exchange_count = 0

    def wrap(self, handler: Handler) -> Handler:
        """Return `handler` with its exchanges checked."""

        def handle(request: Request) -> Reply:
            reply = handler(request)
            if isinstance(reply.beats, tuple):
                self._check(request, reply, b"".join(_byte_beats(reply.beats)))
                return reply
            return replace(reply, beats=self._check_at_end(request, reply))

        return handle

    def reset(self) -> None:
        """Forget what came before, as if a new recording began."""
        self._recording, self._exchange_count = RecordingCheck(is_live=True), 0

    def _check(self, request: Request, reply: Reply, body: bytes) -> None:
        self._exchange_count += 1
        exchange = build_exchange(self._exchange_count, request, reply, body)
        if exchange.targets_interactions:
            for problem in check_exchange(exchange, self._recording):
                # Live, a create that streams is complete after the polls and the cancel of what it
                # made, and a test may fix an id of any time: so some rules are for recordings.
                if RULES[problem.rule].recordings_only:
                    continue
                self._report(problem.as_finding("", exchange.number))

    def _check_at_end(self, request: Request, reply: Reply) -> Iterator[Beat]:
        """Pass the beats of an answer on, and check it after the last one."""
        chunks = []
        for beat in reply.beats:
            if isinstance(beat, bytes):
                chunks.append(beat)
            yield beat
        self._check(request, reply, b"".join(chunks))


def build_exchange(number: int, request: Request, reply: Reply, body: bytes) -> Exchange:
    """Make the exchange of a recording from a request and its reply; `body` is the whole answer."""
    query = f"?{urlencode(request.query)}" if request.query else ""
    return Exchange(
        number,
        request.method,
        f"http://127.0.0.1{request.path}{query}",
        {name.lower(): value for name, value in request.headers},
        request.body,
        reply.status,
        {name.lower(): value for name, value in reply.headers},
        body,
    )


def _byte_beats(beats: tuple[Beat, ...]) -> Iterator[bytes]:
    return (beat for beat in beats if isinstance(beat, bytes))
