"""Let clients of httpx and httpx2 talk to a fake without a socket.

A transport does what the server on a port does: it performs the beats of a reply one after the
other while the client reads, and where the connection drops it raises what httpx raises on a
socket.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit
from weakref import WeakKeyDictionary

from ..wire.http import Handler, Reply, Request
from .asgi import BODY_LIMIT, App, TakesLong, call_handler, failure_reply, takes_long_of
from .in_thread import run_in_thread_of_any_loop
from .performance import Performance

_Step = TypeVar("_Step")


class Served(Protocol):
    """What a transport serves: a `Fake`, or what is like one."""

    @property
    def url(self) -> str:
        """Return where a door serves it, as the base URL of an SDK; empty where none does."""

    def handle(self, request: Request, /) -> Reply:
        """Answer a request."""
        ...


_LOCKS: WeakKeyDictionary[Served, threading.RLock] = WeakKeyDictionary()


def transport(fake: Served, httpx: ModuleType) -> Any:
    """Return a transport for the clients of `httpx`, sync and async, that leads to a fake.

    `httpx` is the module itself, httpx or httpx2. Example: `httpx.Client(transport=…, base_url=…)`,
    or `HttpOptions(httpx_client=…)` of google-genai. Any host leads to the fake.
    """

    decide = takes_long_of(fake.handle)

    def bare(request: Request) -> Request:
        return strip_prefix(request, urlsplit(fake.url).path)

    return make_transport(
        lambda request: fake.handle(bare(request)),
        httpx,
        lock=_LOCKS.setdefault(fake, threading.RLock()),
        takes_long=decide and (lambda request: decide(bare(request))),
    )


def strip_prefix(request: Request, prefix: str) -> Request:
    """Return the request without the path of a base URL in front of its own."""
    prefix = prefix.rstrip("/")
    if not prefix or not request.path.startswith(f"{prefix}/"):
        return request
    return replace(request, path=request.path[len(prefix) :])


def make_transport(
    handler: Handler,
    httpx: ModuleType,
    *,
    lock: threading.RLock,
    takes_long: TakesLong | None = None,
) -> Any:
    """Return a transport of `httpx` that leads to a handler.

    Under the `lock` clients are let in one at a time, as in the server on a port, which has one
    thread for all; and as there what may take long waits for nobody and lets nobody wait, so that
    a function of the test's may ask the fake again, from any thread.
    """
    app = App(handler, takes_long=takes_long)

    def is_slow(http_request: Any, body: bytes) -> bool:
        return len(body) <= BODY_LIMIT and app.may_take_long(_read_request(http_request, body))

    def perform(http_request: Any, body: bytes, *, alone: bool) -> Performance:
        request = _read_request(http_request, body)
        if len(body) > BODY_LIMIT:
            reply = failure_reply(f"the body is larger than {BODY_LIMIT} bytes")
        else:
            with lock if alone else nullcontext():
                reply = call_handler(app.handle_plain, request)
        read_seconds = http_request.extensions.get("timeout", {}).get("read")
        return Performance(request, reply, lock, read_seconds)

    def fail(error: Exception, http_request: Any) -> Exception:
        """Return an error as httpx has it, where it is one of a connection."""
        name = getattr(error, "httpx_name", "")
        return getattr(httpx, name)(str(error), request=http_request) if name else error

    def make_response(performance: Performance, stream: Any) -> Any:
        headers = [(key.encode(), value.encode("latin-1")) for key, value in performance.headers]
        return httpx.Response(
            performance.status,
            headers=headers,
            stream=stream,
            extensions={"http_version": b"HTTP/1.1"},
        )

    class SyncBody(httpx.SyncByteStream):  # type: ignore[misc,name-defined]
        """The body of an answer, performed while a client reads it."""

        def __init__(self, performance: Performance, http_request: Any) -> None:
            self._performance = performance
            self._request = http_request

        def __iter__(self) -> Iterator[bytes]:
            try:
                for step in self._performance.steps():
                    if isinstance(step, bytes):
                        yield step
                    else:
                        time.sleep(step)
            except Exception as error:
                raise fail(error, self._request) from None

        def close(self) -> None:
            self._performance.close()

    class AsyncBody(httpx.AsyncByteStream):  # type: ignore[misc,name-defined]
        """The same for an asynchronous client."""

        def __init__(self, performance: Performance, http_request: Any) -> None:
            self._performance = performance
            self._request = http_request

        async def __aiter__(self) -> AsyncIterator[bytes]:
            try:
                async for step in _take_steps(self._performance, self._performance.steps()):
                    if isinstance(step, bytes):
                        yield step
                        await _sleep(0)  # others get their turn between two events
                    else:
                        await _sleep(step)
            except Exception as error:
                raise fail(error, self._request) from None

        async def aclose(self) -> None:
            self._performance.close()

    class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):  # type: ignore[misc,name-defined]
        """A transport without a socket."""

        def handle_request(self, request: Any) -> Any:
            body = request.read()
            performance = perform(request, body, alone=not is_slow(request, body))
            try:
                for seconds in performance.waits_before_head():
                    time.sleep(seconds)
            except Exception as error:
                raise fail(error, request) from None
            return make_response(performance, SyncBody(performance, request))

        async def handle_async_request(self, request: Any) -> Any:
            body = await request.aread()
            if is_slow(request, body):
                answer = partial(perform, request, body, alone=False)
                performance = await run_in_thread_of_any_loop(answer, _sleep)
            else:
                performance = perform(request, body, alone=True)
            try:
                async for seconds in _take_steps(performance, performance.waits_before_head()):
                    await _sleep(seconds)
            except Exception as error:
                raise fail(error, request) from None
            return make_response(performance, AsyncBody(performance, request))

    return Transport()


def _read_request(http_request: Any, body: bytes) -> Request:
    raw_path, _, query = http_request.url.raw_path.partition(b"?")
    return Request(
        method=http_request.method,
        path=raw_path.decode("latin-1"),
        query=tuple(parse_qsl(query.decode("latin-1"), keep_blank_values=True)),
        headers=tuple(
            (key.decode("latin-1").lower(), value.decode("latin-1"))
            for key, value in http_request.headers.raw
        ),
        body=body,
    )


async def _take_steps(performance: Performance, steps: Iterator[_Step]) -> AsyncIterator[_Step]:
    """Yield the steps of a performance; each is made in a thread where code of the user's does."""
    while True:
        take = partial(next, steps, None)
        step = await run_in_thread_of_any_loop(take, _sleep) if performance.is_slow else take()
        if step is None:
            return
        yield step


async def _sleep(seconds: float) -> None:
    import anyio  # httpx needs it, too; asyncio and trio both have it

    await anyio.sleep(seconds)
