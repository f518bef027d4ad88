"""The recording proxy: passes requests on to the live API, answers back, and records both.

It is asynchronous from end to end, so a stream that waits for its next chunk blocks nobody.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

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
    reply_to_exception,
    send_complete,
)
from ..doors.packed_bodies import unpack_request, without_coding
from ..errors import ClientLeft, ConnectionCut, NotOnTape, NotPassedOn, PackedBody
from ..protocol.paths import LIVE_API_URL
from ..recordings.exchange import ENDING_CUT, ENDING_WHOLE, RecordedExchange
from ..wire.http import Pairs, Reply, Request
from ..wire.sendable import find_unsendable
from .callers import refuse_caller
from .capture import Capture
from .passage import Passage, make_passage
from .rewritten_addresses import RewrittenAddresses
from .upstream import Upstream
from .writer import Say

if TYPE_CHECKING:
    import httpx

_LARGE_BYTES = 200_000
"""From how many bytes on a request is looked up in a thread."""

_DISK_SECONDS = 0.03
"""How long the end of an answer waits for the disk: no longer where a large body is before it."""

_CONTROL_PREFIX = "/__fakegemini__/"


class Replayer(Protocol):
    """Answers the requests that a cassette already knows."""

    def handle(self, request: Request) -> Reply:
        """Return the recorded answer; raises `NotOnTape` for a request that goes on to the API."""
        ...

    def as_recorded(self, request: Request) -> Request:
        """Return the request with the ids of the recording in place of the replayed ones."""
        ...


class ExchangeKeeper(Protocol):
    """Keeps the exchanges that went to the API, such as a `RecordingWriter`."""

    def begin_exchange(self) -> int:
        """Return the number of the next exchange."""
        ...

    def add_soon(self, recorded: RecordedExchange, /) -> Future[None]:
        """Take an exchange that is over; the future is done when it is kept."""
        ...

    def leave_out(self, number: int, reason: str, /) -> None:
        """Note that an exchange cannot be kept, and why."""
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
        writer: ExchangeKeeper,
        upstream: str = LIVE_API_URL,
        *,
        cut: CutConnection,
        replay: Replayer | None = None,
        say: Say = print,
    ) -> None:
        self._writer = writer
        self._upstream = Upstream(upstream)
        self._addresses = RewrittenAddresses(self._upstream)
        self._cut = cut
        self._replay = replay
        self._replay_turn = asyncio.Lock()
        self._say = say
        self._httpx = self._upstream.httpx

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
        elif scope["type"] == "http":
            body = await read_body(receive)
            if body is not None:
                await self._answer_or_say(scope, read_request(scope, body), receive, send)

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._upstream.connect():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer_or_say(
        self, scope: Scope, request: Request, receive: Receive, send: Send
    ) -> None:
        """Answer a request; what goes wrong here is a 400, which no client sends again."""
        has_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            if len(request.body) > BODY_LIMIT:
                raise NotPassedOn(f"a body of more than {BODY_LIMIT} bytes")
            refusal = refuse_caller(request, self._upstream.url)
            if refusal:
                raise NotPassedOn(refusal)
            reply = await self._replay_request(request)
            if isinstance(reply, Reply):
                replay_app = App(lambda _: reply, real_time=True, cut=self._cut)
                await replay_app(scope, _with_body_again(request.body, receive), send)
                return
            await self._pass_on(scope, reply, receive, send_and_note, send)
        except NotPassedOn as error:
            self._say(f"{_name_request(request)}: {error}")
            await send_complete(failure_reply(f"fakegemini record: {error}"), send)
        except Exception as error:
            if has_started or isinstance(error, ConnectionCut):
                raise
            self._say(f"{_name_request(request)}: it is not recorded, {type(error).__name__}")
            await send_complete(reply_to_exception(error), send)

    async def _replay_request(self, request: Request) -> Reply | Request:
        """Return the recorded answer, else the request to pass on; a large one stops no stream."""
        replay = self._replay
        if replay is None:
            return request

        def answer() -> Reply | Request:
            try:
                plain = unpack_request(request)
            except PackedBody:
                return request
            try:
                return replay.handle(plain)
            except NotOnTape as error:
                if error.summary:
                    self._say(f"{_name_request(request)} is recorded: {error.summary}")
                recorded = replay.as_recorded(plain)
            if recorded.body == plain.body:
                return dataclasses.replace(request, path=recorded.path)
            return without_coding(recorded, recorded.body)

        async with self._replay_turn:
            if len(request.body) < _LARGE_BYTES:
                return answer()
            return await asyncio.to_thread(answer)

    async def _pass_on(
        self, scope: Scope, request: Request, receive: Receive, send: Send, raw_send: Send
    ) -> None:
        """Pass a request on and its answer back, unless upstream or the client is gone."""
        capture = self._begin(scope, request)
        try:
            async with _until_client_leaves(receive, lambda: not capture.has_all()):
                await self._forward(capture, send, raw_send)
        except ClientLeft:
            missed = "the end" if capture.status else "the answer, which is not recorded"
            self._say(f"{_name_request(request)}: the client left before {missed}")
        except (self._httpx.LocalProtocolError, self._httpx.InvalidURL) as error:
            raise NotPassedOn(f"a request that cannot be sent: {error}") from None
        except self._httpx.HTTPError as error:
            if isinstance(error, self._httpx.ConnectError | self._httpx.ConnectTimeout):
                reason = error or type(error).__name__
                raise NotPassedOn(f"cannot reach {self._upstream.url}: {reason}") from None
            self._say(
                f"{_name_request(request)}: upstream broke off before it answered "
                f"({type(error).__name__}); it is not recorded"
            )
            self._cut(raw_send, reset=True)
            raise ConnectionCut from None

    def _begin(self, scope: Scope, request: Request) -> Capture:
        """Begin an exchange; its request has the addresses that upstream knows."""
        if not request.path.startswith("/"):
            raise NotPassedOn(f"{request.path!r} is no path")
        request = self._addresses.restore_request(request)
        target = request.path
        if scope["query_string"]:
            target += f"?{scope['query_string'].decode('latin-1')}"
        number = self._writer.begin_exchange()
        return Capture(number, request, f"{self._upstream.origin_of(request.path)}{target}", target)

    async def _forward(self, capture: Capture, send: Send, raw_send: Send) -> None:
        """Send a request to upstream and its answer back chunk by chunk, and record the exchange.

        A client that leaves ends the answer of upstream, which costs tokens.
        """
        request = capture.request
        url = f"{self._addresses.url_of(request.path)}{capture.target}"
        async with self._upstream.send(request, url) as response:
            if response.status_code not in range(200, 600):
                status = response.status_code
                raise NotPassedOn(f"upstream answered {status}, which is no status of HTTP")
            problem = find_unsendable(response.status_code, _decode_pairs(response.headers.raw))
            if problem:
                raise NotPassedOn(f"upstream's answer cannot be passed on: {problem}")
            capture.start_response(response.status_code, response.headers.multi_items())
            passage = self._make_passage(request, response)
            ending = ENDING_CUT
            try:
                await _send_all(passage.start(), send)
                async for chunk in response.aiter_raw():
                    capture.add_chunk(chunk)
                    await _send_all(passage.feed(chunk), send)
                ending = ENDING_WHOLE
                capture.is_over = True
            except self._httpx.HTTPError as error:
                capture.is_over = True
                # The answer has begun, so the client gets the same cut, and the recording notes it.
                self._say(f"{_name_request(request)}: upstream broke off in the middle")
                await _send_all(passage.break_off(), send)
                self._cut(raw_send, reset=isinstance(error, self._httpx.ReadError))
                raise ConnectionCut from None
            finally:
                await self._add(capture, ending)
            await _send_all(passage.finish(), send)

    def _make_passage(self, request: Request, response: httpx.Response) -> Passage:
        base = f"http://{request.header('host') or '127.0.0.1'}"
        is_chunked = "transfer-encoding" in response.headers  # counts, where both are there
        headers = [
            (name, self._addresses.rewrite_header(value.decode("latin-1"), base).encode("latin-1"))
            for name, value in response.headers.raw
            if not (is_chunked and name.lower() == b"content-length")
        ]
        return make_passage(
            response.status_code,
            headers,
            lambda body: self._addresses.rewrite_body(body, base),
            is_head=request.method == "HEAD",
        )

    async def _add(self, capture: Capture, ending: str) -> None:
        """Record an exchange, and wait until it is on the disk, but not for others before it."""
        if capture.request.path.startswith(_CONTROL_PREFIX):
            return
        if capture.is_too_long:
            reason = f"its answer has more than {BODY_LIMIT} bytes or too many pieces"
            self._writer.leave_out(capture.number, reason)
            return
        added = self._writer.add_soon(capture.to_recorded_exchange(ending))
        await asyncio.wait({asyncio.wrap_future(added)}, timeout=_DISK_SECONDS)


async def _send_all(messages: Iterable[Message], send: Send) -> None:
    for message in messages:
        await send(message)


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


def _decode_pairs(raw: Iterable[tuple[bytes, bytes]]) -> Pairs:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _name_request(request: Request) -> str:
    return f"{request.method} {request.path}"


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
