"""Perform a reply inside the process, step by step, for a client that reads it there."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress

from ..errors import DroppedConnection
from ..wire.compression import GZIP_HEADER, packer_for
from ..wire.http import Beat, Cut, Pairs, Reply, Request, Wait
from .asgi import reply_to_exception


class Performance:
    """A reply on its way to a client: pieces of its body, and waits.

    `read_seconds` is how long the client waits for bytes; None for ever. Pauses that are not real
    take no time. What drops the connection is raised as `DroppedConnection`. Where code of the
    user's makes the beats, the performance `is_slow`, and they are taken without the lock.
    """

    def __init__(
        self, request: Request, reply: Reply, lock: threading.RLock, read_seconds: float | None
    ) -> None:
        self.is_slow = reply.slow
        self._lock: AbstractContextManager[object] = nullcontext() if reply.slow else lock
        self._read_seconds = read_seconds
        self._silent_seconds = 0.0
        self._packer = packer_for(request, reply)
        self._body_started = False
        self._start(reply)
        self._steps = self._perform()
        self._first_pieces: list[bytes] = []

    def _start(self, reply: Reply) -> None:
        self._beats: Iterator[Beat] = iter(reply.beats)
        self.status = reply.status
        packing = (GZIP_HEADER,) if self._packer else ()
        framing: Pairs = (("transfer-encoding", "chunked"),)
        if isinstance(reply.beats, tuple) and all(isinstance(beat, bytes) for beat in reply.beats):
            body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
            body = self._packer.finish(body) if self._packer else body
            self._packer, self._beats = None, iter((body,))
            framing = (("content-length", str(len(body))),)
        self.headers: Pairs = (*reply.headers, *packing, *framing)

    def waits_before_head(self) -> Iterator[float]:
        """Yield the seconds to wait before the head is sent, which goes with the first bytes."""
        for step in self._steps:
            if isinstance(step, bytes):
                self._first_pieces.append(step)
                return
            yield step

    def steps(self) -> Iterator[bytes | float]:
        """Yield what comes behind the head: pieces of the body, and the seconds to wait."""
        yield from self._first_pieces
        self._first_pieces.clear()
        yield from self._steps

    def close(self) -> None:
        """End: the client reads no more."""
        with suppress(ValueError):  # it is still at work, in its thread
            self._steps.close()

    def _perform(self) -> Generator[bytes | float, None, None]:
        try:
            while (beat := self._next_beat()) is not None:
                if isinstance(beat, Cut):
                    raise DroppedConnection(reset=beat.reset, begun=self._body_started)
                if isinstance(beat, Wait):
                    yield from self._wait(beat)
                    continue
                self._body_started, self._silent_seconds = True, 0.0
                yield self._packer.pack(beat) if self._packer else beat
            if self._packer:
                yield self._packer.finish()
        finally:
            if isinstance(self._beats, Generator):
                self._beats.close()

    def _next_beat(self) -> Beat | None:
        with self._lock:
            try:
                return next(self._beats, None)
            except Exception as error:
                if self._body_started:
                    raise DroppedConnection(reset=False, begun=True) from error
                self._packer = None
                self._start(reply_to_exception(error))
                return next(self._beats, None)

    def _wait(self, wait: Wait) -> Iterator[float]:
        if not wait.real:
            return
        if self._read_seconds is None:
            yield wait.seconds
            return
        patience = self._read_seconds - self._silent_seconds
        yield min(wait.seconds, max(patience, 0.0))
        self._silent_seconds += wait.seconds
        if self._silent_seconds > self._read_seconds:
            raise DroppedConnection(reset=False, begun=self._body_started, timed_out=True)
