"""Any handler as an ASGI 3 application: performs beats, and nothing else.

A surprise is answered with 400 and the text: the SDKs retry 408, 409, 429 and 5xx, which would
turn a mistake in a test into seven seconds of silence.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Generator, Iterator, MutableMapping
from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qsl

from ..errors import ConnectionCut, FakeGeminiError
from ..protocol.refusals.refusal import Refusal
from ..wire.compression import HEADER, Packer, packer
from ..wire.http import Beat, Cut, Handler, Reply, Request, Wait
from ..wire.replies import ERROR_JSON, json_reply

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
BODY_LIMIT = 128 * 1024 * 1024
"""The largest body in bytes that is read; beyond it the request is refused."""


class CutConnection(Protocol):
    """Drops the connection that `send` writes to; `reset` without a goodbye."""

    def __call__(self, send: Send, *, reset: bool) -> None: ...


class App:
    """The application. `real_time` sleeps the waits; without it they take no time.

    `cut` drops a connection in the server's own way; without it the server sees an exception,
    which answers 500 where nothing was sent yet.
    """

    def __init__(
        self, handler: Handler, *, real_time: bool = False, cut: CutConnection | None = None
    ) -> None:
        self._handler = handler
        self._real_time = real_time
        self._cut = cut or raise_cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await body_of(receive)
        if body is None:
            return
        packs: Packer | None = None
        if len(body) > BODY_LIMIT:
            reply = surprise(f"the body is larger than {BODY_LIMIT} bytes, which nothing sends")
        else:
            request = request_of(scope, body)
            reply = _answer(self._handler, request)
            packs = packer(request, reply)
        beats = reply.beats
        if isinstance(beats, tuple) and all(isinstance(beat, bytes) for beat in beats):
            await send_whole(reply, send, packs=packs)
            return
        start = _head(reply, *_packed(packs))
        left = asyncio.ensure_future(_left(receive))
        try:
            await self._perform(start, iter(beats), left, send, packs)
        finally:
            left.cancel()

    async def _perform(
        self,
        start: Message,
        beats: Iterator[Beat],
        left: asyncio.Future[None],
        send: Send,
        packs: Packer | None,
    ) -> None:
        # The head goes out with the first bytes: a reply may wait, or be cut, before it begins.
        begun = False
        try:
            for beat in beats:
                if isinstance(beat, Cut):
                    self._cut(send, reset=beat.reset)
                    raise ConnectionCut
                if isinstance(beat, Wait):
                    await asyncio.wait((left,), timeout=self._seconds(beat))
                else:
                    if not begun:
                        await send(start)
                        begun = True
                    piece = packs.part(beat) if packs else beat
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    await asyncio.sleep(0)  # other requests get their turn between two events
                if left.done():
                    return
        except Exception as error:
            if begun or isinstance(error, ConnectionCut):
                raise
            await send_whole(_failed(error), send)
            return
        finally:
            if isinstance(beats, Generator):
                beats.close()
        if not begun:
            await send(start)
        await send({"type": "http.response.body", "body": packs.rest() if packs else b""})

    def _seconds(self, wait: Wait) -> float:
        # Time that a test does not want to wait for still lets others have their turn.
        return wait.seconds if self._real_time or wait.real else min(wait.seconds, _TURN)


_TURN = 0.001


def raise_cut(send: Send, *, reset: bool) -> None:
    """How a connection drops on any ASGI server: by the exception that follows."""


def _answer(handler: Handler, request: Request) -> Reply:
    try:
        return handler(request)
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> Reply:
    if isinstance(error, FakeGeminiError):
        return surprise(str(error))
    return surprise(f"fakegemini itself failed, please report it:\n{traceback.format_exc()}")


def surprise(text: str) -> Reply:
    """What we answer where something went wrong on our side: no client retries it."""
    return json_reply(Refusal(400, "fakegemini", text, "X").body(), 400, ERROR_JSON)


def _head(reply: Reply, *more: tuple[bytes, bytes]) -> Message:
    headers = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in reply.headers]
    return {
        "type": "http.response.start",
        "status": reply.status,
        "headers": [*headers, *more],
    }


async def send_whole(reply: Reply, send: Send, *, packs: Packer | None = None) -> None:
    """Send a reply that neither waits nor is cut, packed if `packs` is there."""
    whole = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
    whole = packs.rest(whole) if packs else whole
    size = (b"content-length", str(len(whole)).encode())
    await send(_head(reply, *_packed(packs), size))
    await send({"type": "http.response.body", "body": whole})


def _packed(packs: Packer | None) -> tuple[tuple[bytes, bytes], ...]:
    name, value = HEADER
    return ((name.encode(), value.encode()),) if packs else ()


def request_of(scope: Scope, body: bytes) -> Request:
    """The request of a scope."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"],
        path=raw.partition(b"?")[0].decode("latin-1"),
        query=tuple(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers=tuple(
            (key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"]
        ),
        body=body,
        client=(scope.get("client") or ("",))[0],
    )


async def body_of(receive: Receive) -> bytes | None:
    """The whole body; None if the client left before it was sent."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        if size <= BODY_LIMIT:  # the chunk that goes over it is kept, so that it shows
            chunks.append(chunk)
            size += len(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
