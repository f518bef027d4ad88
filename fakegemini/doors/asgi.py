"""Serve any handler as an ASGI 3 application, which performs beats and does nothing else.

A surprise is answered with 400 and the text: the SDKs retry 408, 409, 429 and 5xx, which would
turn a mistake in a test into seven seconds of silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import traceback
from collections.abc import (
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    MutableMapping,
    Sequence,
)
from functools import partial
from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qsl

from ..errors import ConnectionCut, FakeGeminiError, HandlerEnded
from ..protocol.refusals.refusal import Refusal
from ..wire.compression import GzipPacker, packer_for
from ..wire.http import Beat, Cut, Handler, Reply, Request, Wait
from ..wire.replies import ERROR_JSON, json_reply
from ..wire.sendable import find_unsendable
from .decoded_headers import read_headers
from .in_thread import run_in_thread
from .joined_writes import (
    LENGTH,
    LONG_BODY,
    MOST_JOINED_BEATS,
    JoinedBody,
    RawHeaders,
    encode_headers,
    join_beats,
    join_due,
    packing_headers,
)
from .packed_bodies import unpack_request

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
TakesLong: TypeAlias = Callable[[Request], bool]
"""Tells whether a request may take so long that others should not wait for it."""
READY_REPLY = "fakegemini.ready_reply"
"""What a scope may have besides: the reply to its request, where a server has asked for it."""

BODY_LIMIT = 128 * 1024 * 1024
"""The largest body in bytes that is read; beyond it the request is refused."""


class CutConnection(Protocol):
    """A function that drops the connection behind `send`; with `reset`, without a goodbye."""

    def __call__(self, send: Send, *, reset: bool) -> None: ...


class App:
    """The ASGI application around a handler.

    With `real_time` it sleeps as long as the beats say; without, such pauses take no time. `cut`
    drops a connection in the server's own way; without it a connection drops by the exception that
    the server gets, which answers 500 where nothing was sent yet. A request that `takes_long` is
    answered in a thread of its own, so that others need not wait for it; without the function, the
    handler is asked, where it can tell.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        real_time: bool = False,
        cut: CutConnection | None = None,
        takes_long: TakesLong | None = None,
    ) -> None:
        self._handler = handler
        self._takes_long = takes_long or takes_long_of(handler)
        self._real_time = real_time
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        if body is None:
            return
        body_packer: GzipPacker | None = None
        if len(body) > BODY_LIMIT:
            reply = failure_reply(
                f"the body is larger than {BODY_LIMIT} bytes, which nothing sends"
            )
        else:
            request = read_request(scope, body)
            ready_reply: Reply | None = scope.get(READY_REPLY)
            reply = ready_reply or await self._answer(request)
            body_packer = packer_for(request, reply)
        joined = join_beats(reply)
        if joined:
            await _send_joined(reply, joined, send, body_packer)
            return
        client = _Client(receive)
        try:
            await self._perform(reply, client, send, body_packer)
        finally:
            client.stop_watching()

    async def _answer(self, request: Request) -> Reply:
        reply = self.answer_at_once(request)
        if reply is not None:
            return reply
        return await run_in_thread(partial(call_handler, self.handle_plain, request))

    def answer_at_once(self, request: Request) -> Reply | None:
        """Answer a request; None where others should not wait for that."""
        if self.may_take_long(request):
            return None
        return call_handler(self.handle_plain, request)

    def may_take_long(self, request: Request) -> bool:
        """Tell whether others should not wait for the answer; what is packed may be a bomb."""
        is_packed = bool(request.body and request.header("content-encoding"))
        return is_packed or (self._takes_long is not None and self._takes_long(request))

    def handle_plain(self, request: Request) -> Reply:
        """Hand a request to the handler, unpacked."""
        return self._handler(unpack_request(request))

    async def _perform(
        self, reply: Reply, client: _Client, send: Send, body_packer: GzipPacker | None
    ) -> None:
        """Perform beats one after the other, until they end or the client leaves."""
        # The head goes out with the first bytes: a reply may wait, or be cut, before it begins.
        head_sent = False
        beats = _without_outcomes(reply.beats)
        joined = join_due(beats, 1 if reply.plain or reply.slow else MOST_JOINED_BEATS)
        take_beat = partial(next, joined)  # it ends with its last beat
        try:
            while True:
                beat, is_last = await run_in_thread(take_beat) if reply.slow else take_beat()
                if isinstance(beat, Cut):
                    if self._cut is not None:
                        self._cut(send, reset=beat.reset)
                    raise ConnectionCut
                if isinstance(beat, Wait):
                    await client.wait(self._wait_seconds(beat))
                else:
                    if not head_sent:
                        await send(_start_message(reply, _packing(body_packer)))
                        head_sent = True
                    if body_packer:
                        beat = body_packer.finish(beat) if is_last else body_packer.pack(beat)
                    message = {"type": "http.response.body", "body": beat}
                    await send(message if is_last else {**message, "more_body": True})
                    if is_last:
                        return
                    await client.wait(0)  # other requests get their turn in between
                if client.has_left:
                    return
        except Exception as error:
            if head_sent or isinstance(error, ConnectionCut):
                raise
            await send_complete(reply_to_exception(error), send)
        finally:
            if isinstance(beats, Generator):
                with contextlib.suppress(ValueError):  # it is still at work, in its thread
                    beats.close()

    def _wait_seconds(self, wait: Wait) -> float:
        return wait.seconds if self._real_time or wait.real else min(wait.seconds, _TURN_SECONDS)


def takes_long_of(handler: Handler) -> TakesLong | None:
    """Return the function that tells how long a handler may take: its own, or its object's."""
    owner = getattr(handler, "__self__", handler)
    function: TakesLong | None = getattr(owner, "takes_long", None)
    return function


class _Client:
    """The client of a stream: whether it has left, which is watched as soon as something waits."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._disconnect: asyncio.Future[None] | None = None

    @property
    def has_left(self) -> bool:
        """Tell whether it has closed its connection, as far as anybody looked."""
        return self._disconnect is not None and self._disconnect.done()

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until it leaves; for no seconds, let others have their turn."""
        if self._disconnect is None:
            self._disconnect = asyncio.ensure_future(_wait_for_disconnect(self._receive))
        if seconds:
            await asyncio.wait((self._disconnect,), timeout=seconds)
        else:
            await asyncio.sleep(0)

    def stop_watching(self) -> None:
        """End: the stream is over."""
        if self._disconnect is not None:
            self._disconnect.cancel()


_TURN_SECONDS = 0.001
"""How long a pause takes that a test does not want to wait for, so that others are served."""


def call_handler(handler: Handler, request: Request) -> Reply:
    """Call a handler; whatever it raises or cannot send is a reply, never a server's bare 500."""
    try:
        reply = handler(request)
    except Exception as error:
        return reply_to_exception(error)
    except BaseException as error:
        if threading.current_thread() is threading.main_thread():
            raise  # the test's own thread: Ctrl-C, or a time limit
        return failure_reply(f"the handler ended with {type(error).__name__}: {error}")
    problem = find_unsendable(reply.status, reply.headers)
    return failure_reply(f"this answer cannot be sent: {problem}") if problem else reply


def _without_outcomes(beats: Iterable[Beat]) -> Iterator[Beat]:
    """Yield beats; what would end the server's loop ends this reply alone."""
    following = iter(beats)
    try:
        while True:
            try:
                beat = next(following, None)
            except Exception:
                raise
            except BaseException as error:
                if threading.current_thread() is threading.main_thread():
                    raise
                text = f"the handler ended with {type(error).__name__}: {error}"
                raise HandlerEnded(text) from None
            if beat is None:
                return
            yield beat  # a `GeneratorExit` here is a client that left
    finally:
        if isinstance(following, Generator):
            following.close()


def reply_to_exception(error: Exception) -> Reply:
    """Reply with the text of an error of ours, or with the traceback of anything else."""
    if isinstance(error, FakeGeminiError):
        return failure_reply(str(error))
    return failure_reply(f"fakegemini itself failed, please report it:\n{traceback.format_exc()}")


def failure_reply(text: str) -> Reply:
    """Return the reply where something went wrong on our side: a 400, which no client retries."""
    return json_reply(Refusal(400, "fakegemini", text, "X").body(), 400, ERROR_JSON)


def _packing(body_packer: GzipPacker | None) -> RawHeaders:
    return packing_headers() if body_packer else ()


def _start_message(reply: Reply, extra_headers: RawHeaders) -> Message:
    return {
        "type": "http.response.start",
        "status": reply.status,
        "headers": [*encode_headers(reply.headers), *extra_headers],
    }


async def send_complete(reply: Reply, send: Send) -> None:
    """Send a reply whose beats are bytes."""
    joined = join_beats(reply)
    assert joined
    await _send_joined(reply, joined, send, None)


async def _send_joined(
    reply: Reply, joined: JoinedBody, send: Send, body_packer: GzipPacker | None
) -> None:
    """Send an answer in one piece, compressed where there is a `body_packer`."""
    body = joined.body
    if body_packer:
        pack = partial(body_packer.finish, body)
        body = await run_in_thread(pack) if len(body) > LONG_BODY else pack()
    length_headers = ((LENGTH, b"%d" % len(body)),) if joined.says_length else ()
    await send(_start_message(reply, _packing(body_packer) + length_headers))
    await send({"type": "http.response.body", "body": body})


def read_request(scope: Scope, body: bytes) -> Request:
    """Build the request of an ASGI scope with its body."""
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query_string: bytes = scope["query_string"]
    return Request(
        scope["method"],
        raw_path.partition(b"?")[0].decode("latin-1"),
        tuple(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))
        if query_string
        else (),
        read_headers(scope["headers"]),
        body,
        host_of(scope.get("client")),
        host_of(scope.get("server")),
    )


def host_of(place: Sequence[Any] | None) -> str:
    """Return the host of an address as ASGI has it; empty where there is none."""
    return (place[0] or "") if place else ""


async def read_body(receive: Receive) -> bytes | None:
    """Read the whole body, or just beyond `BODY_LIMIT`; None if the client left before its end."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if not chunks and not message.get("more_body", False):  # the whole body, mostly
            is_body = message["type"] == "http.request"
            return bytes(message.get("body", b"")) if is_body else None
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        if size <= BODY_LIMIT:  # the chunk that goes over it is kept, so that it shows
            chunks.append(chunk)
            size += len(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
