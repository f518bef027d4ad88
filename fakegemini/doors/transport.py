"""Let clients of httpx and httpx2 talk to a fake without a socket.

A transport does what the server on a port does: it performs the beats of a reply one after the
other while the client reads, and where the connection drops it raises what httpx raises on a
socket.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit
from weakref import WeakKeyDictionary

from ..wire.http import Handler, Reply, Request
from .asgi import BODY_LIMIT, call_handler, failure_reply
from .packed_bodies import unpack_request
from .performance import Performance


class Served(Protocol):
    """What a transport serves: a `Fake`, or what is like one."""

    url: str

    def handle(self, request: Request, /) -> Reply:
        """Answer a request."""
        ...


_LOCKS: WeakKeyDictionary[Served, threading.RLock] = WeakKeyDictionary()


def transport(fake: Served, httpx: ModuleType) -> Any:
    """Return a transport for the clients of `httpx`, sync and async, that leads to a fake.

    `httpx` is the module itself, httpx or httpx2. Example: `httpx.Client(transport=…, base_url=…)`,
    or `HttpOptions(httpx_client=…)` of google-genai. Any host leads to the fake.
    """

    def handle(request: Request) -> Reply:
        return fake.handle(strip_prefix(request, urlsplit(fake.url).path))

    return make_transport(handle, httpx, lock=_LOCKS.setdefault(fake, threading.RLock()))


def strip_prefix(request: Request, prefix: str) -> Request:
    """Return the request without the path of a base URL in front of its own."""
    prefix = prefix.rstrip("/")
    if not prefix or not request.path.startswith(f"{prefix}/"):
        return request
    return replace(request, path=request.path[len(prefix) :])


def make_transport(handler: Handler, httpx: ModuleType, *, lock: threading.RLock) -> Any:
    """Return a transport of `httpx` that leads to a handler.

    Under the `lock` clients are let in one at a time: the server on a port has one thread for all,
    and what it serves need not expect more.
    """

    def perform(http_request: Any, body: bytes) -> Performance:
        request = _read_request(http_request, body)
        if len(body) > BODY_LIMIT:
            reply = failure_reply(f"the body is larger than {BODY_LIMIT} bytes")
        else:
            with lock:
                reply = call_handler(lambda packed: handler(unpack_request(packed)), request)
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
                for step in self._performance.steps():
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
            performance = perform(request, request.read())
            try:
                for seconds in performance.waits_before_head():
                    time.sleep(seconds)
            except Exception as error:
                raise fail(error, request) from None
            return make_response(performance, SyncBody(performance, request))

        async def handle_async_request(self, request: Any) -> Any:
            performance = perform(request, await request.aread())
            try:
                for seconds in performance.waits_before_head():
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


async def _sleep(seconds: float) -> None:
    import anyio  # httpx needs it, too; asyncio and trio both have it

    await anyio.sleep(seconds)
