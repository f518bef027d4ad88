"""The recording proxy: passes requests on to the live API, answers back, and records both.

It is asynchronous from end to end, so a stream that waits for its next chunk blocks nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from ..doors.asgi import (
    BODY_LIMIT,
    App,
    CutConnection,
    Message,
    Receive,
    Scope,
    Send,
    failure_reply,
    read_body,
    read_request,
    send_complete,
)
from ..doors.packed_bodies import unpack_request
from ..errors import ClientLeft, ConnectionCut, NoHttpx, NotOnTape, PackedBody
from ..protocol.paths import LIVE_API_URL
from ..recordings.exchange import ENDING_CUT, ENDING_WHOLE
from ..wire.compression import GZIP_HEADER, pack_body
from ..wire.http import Pairs, Reply, Request
from ..wire.origins import OriginMover
from .capture import HOP_HEADERS, Capture
from .writer import RecordingWriter, Say

if TYPE_CHECKING:
    import httpx

_UNPACKABLE = ("gzip", "deflate")
_CONNECT_SECONDS = 30.0
_TAIL_BYTES = 65_536
_CONTROL_PREFIX = "/__fakegemini__/"


class Replayer(Protocol):
    """Answers the requests that a cassette already knows."""

    def handle(self, request: Request) -> Reply:
        """Return the recorded answer; raises `NotOnTape` for a request that goes on to the API."""
        ...

    def as_recorded(self, request: Request) -> Request:
        """Return the request with the ids of the recording in place of the replayed ones."""
        ...


class Recorder:
    """The ASGI application of the proxy.

    replay: answers what it knows; without one, every request goes to the API
    upstream: the API's base URL, to which the other requests go, with the ids of the recording
    cut: closes a client's connection in the middle of an answer
    say: takes each line for the user
    """

    def __init__(
        self,
        writer: RecordingWriter,
        upstream: str = LIVE_API_URL,
        *,
        cut: CutConnection,
        replay: Replayer | None = None,
        say: Say = print,
    ) -> None:
        self._writer = writer
        self._upstream, self._login = split_login(upstream.rstrip("/"))
        self._cut = cut
        self._replay = replay
        self._say = say
        self._httpx: Any = import_httpx()
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
        elif scope["type"] == "http":
            body = await read_body(receive)
            if body is not None and len(body) > BODY_LIMIT:
                await send_complete(failure_reply(f"a body of more than {BODY_LIMIT} bytes"), send)
            elif body is not None:
                try:
                    request = unpack_request(read_request(scope, body))
                except PackedBody as error:
                    await send_complete(failure_reply(str(error)), send)
                else:
                    await self._answer_request(scope, request, receive, send)

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._httpx.AsyncClient(
            timeout=self._httpx.Timeout(None, connect=_CONNECT_SECONDS),
            limits=self._httpx.Limits(max_connections=None),
            follow_redirects=False,
            trust_env=not _is_loopback(self._upstream),
        ) as self._client:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer_request(
        self, scope: Scope, request: Request, receive: Receive, send: Send
    ) -> None:
        """Answer from the cassette, else from upstream; reply with a failure where that is gone."""
        if self._replay is not None:
            try:
                reply = self._replay.handle(request)
            except NotOnTape:
                request = self._replay.as_recorded(request)
            else:
                replay_app = App(lambda _: reply, real_time=True, cut=self._cut)
                await replay_app(scope, _with_body_again(request.body, receive), send)
                return
        try:
            await self._forward(scope, request, receive, send)
        except self._httpx.HTTPError as error:
            failure = f"{request.method} {request.path}: upstream broke off before it answered"
            if isinstance(error, self._httpx.ConnectError | self._httpx.ConnectTimeout):
                failure = f"cannot reach {self._upstream}: {error or type(error).__name__}"
                await send_complete(failure_reply(f"fakegemini record {failure}"), send)
                self._say(failure)
                return
            self._say(f"{failure} ({type(error).__name__}); it is not recorded")
            self._cut(send, reset=True)
            raise ConnectionCut from None

    async def _forward(self, scope: Scope, request: Request, receive: Receive, send: Send) -> None:
        """Pass a request on and its answer back chunk by chunk, and record the exchange.

        A client that leaves ends the answer of upstream, which costs tokens.
        """
        if not request.path.startswith("/"):  # such as `GET *`, which names no resource
            text = f"fakegemini record passes on paths, not {request.method} {request.path}"
            await send_complete(failure_reply(text), send)
            return
        target = request.path
        if scope["query_string"]:
            target += f"?{scope['query_string'].decode('latin-1')}"
        uri = f"{self._upstream}{target}"
        number = self._writer.begin_exchange()
        capture = Capture(number, request, uri)
        async with self._send_upstream(request, uri) as response:
            capture.start_response(response.status_code, response.headers.multi_items())
            base = f"http://{request.header('host') or '127.0.0.1'}"
            await send(_start_message(response, OriginMover(self._upstream, base, live=False)))
            ending = ENDING_CUT
            try:
                async with _until_client_leaves(receive, lambda: not _has_end(capture.body)):
                    async for chunk in response.aiter_raw():
                        capture.add_chunk(chunk)
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    ending = ENDING_WHOLE
            except ClientLeft:
                self._say(f"{request.method} {request.path}: the client left before the end")
                return
            except self._httpx.HTTPError as error:
                # The answer has begun, so the client gets the same cut, and the recording notes it.
                self._say(f"{request.method} {request.path}: upstream broke off in the middle")
                self._cut(send, reset=isinstance(error, self._httpx.ReadError))
                raise ConnectionCut from None
            finally:
                if not request.path.startswith(_CONTROL_PREFIX):
                    self._writer.add(capture.to_recorded_exchange(ending))
        await send({"type": "http.response.body", "body": b""})

    @asynccontextmanager
    async def _send_upstream(self, request: Request, uri: str) -> AsyncIterator[httpx.Response]:
        """Send a request to upstream, and give its answer, whose body is still to be read."""
        assert self._client is not None, "the server tells of its start first"
        content = request.body if request.body or request.header("content-length") else None
        headers = _forwarded_headers(request.headers)
        if content and request.header("content-encoding"):  # packed again, as the client sent it
            content = pack_body(content)
            headers = [pair for pair in headers if pair[0].lower() != GZIP_HEADER[0]]
            headers.append(GZIP_HEADER)
        upstream_request = self._httpx.Request(
            request.method, uri, headers=headers, content=content
        )
        response = await self._client.send(upstream_request, stream=True, auth=self._login)
        try:
            yield response
        finally:
            await response.aclose()


@asynccontextmanager
async def _until_client_leaves(
    receive: Receive, may_end: Callable[[], bool]
) -> AsyncIterator[None]:
    """Run the block until the client leaves; then, if `may_end`, raise `ClientLeft`."""
    reading = asyncio.current_task()
    assert reading is not None, "the server runs each request in a task"
    has_left = False

    async def watch() -> None:
        nonlocal has_left
        while (await receive())["type"] != "http.disconnect":
            pass
        if may_end():
            has_left = True
            reading.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not has_left:
            raise
        reading.uncancel()
        raise ClientLeft from None
    finally:
        watching.cancel()


def _has_end(body: bytearray) -> bool:
    """Tell whether the last event of a stream has come: what follows it costs nothing."""
    tail = bytes(body[-_TAIL_BYTES:])
    return b"[DONE]" in tail or b'"interaction.completed"' in tail


def split_login(url: str) -> tuple[str, tuple[str, str] | None]:
    """Split an address into itself without user and password, and those two."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    login = (unquote(parts.username), unquote(parts.password or ""))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), login


def import_httpx() -> Any:
    """Return the module `httpx`; raises `NoHttpx`, which says how to install it."""
    try:
        import httpx
    except ImportError:
        raise NoHttpx(
            "recording needs httpx: pip install 'fakegemini[record]' (or pip install httpx)"
        ) from None
    return httpx


def _forwarded_headers(headers: Pairs) -> list[tuple[str, str]]:
    """Return the headers for upstream: none of the connection, and only codings we unpack."""
    connection_headers = {
        name.strip().lower()
        for key, value in headers
        if key.lower() == "connection"
        for name in value.split(",")
    }
    forwarded = []
    for name, value in headers:
        key = name.lower()
        if (
            key in HOP_HEADERS
            or key in connection_headers
            or key in ("host", "content-length", "expect")
        ):
            continue
        if key == "accept-encoding":
            codings = [coding.strip() for coding in value.split(",")]
            accepted = [
                coding for coding in codings if coding.partition(";")[0].strip() in _UNPACKABLE
            ]
            value = ", ".join(accepted) or "identity"
        forwarded.append((name, value))
    return forwarded


def _start_message(response: httpx.Response, mover: OriginMover) -> Message:
    """Return the ASGI message that begins the answer; its addresses lead through the recorder."""
    # Our own server adds its `date`.
    headers = [
        (name.lower(), mover.move_text(value.decode("latin-1")).encode("latin-1"))
        for name, value in response.headers.raw
        if name.lower().decode("latin-1") not in (*HOP_HEADERS, "date")
    ]
    return {"type": "http.response.start", "status": response.status_code, "headers": headers}


def _with_body_again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body once more, and then what the client sends."""
    is_delivered = False

    async def receive_body() -> Message:
        nonlocal is_delivered
        if is_delivered:
            return await receive()
        is_delivered = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_body


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
