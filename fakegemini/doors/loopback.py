"""Serve any handler on a loopback port: the ASGI door on uvicorn, in a thread of its own.

The server is silent: no log lines, no tracebacks for clients that leave or for cuts that a test
asked for.
"""

from __future__ import annotations

import importlib.util
import logging
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import CannotListen
from ..wire.http import Handler
from .asgi import App, Application, Send, TakesLong
from .http_one import http_protocol
from .listeners import open_listeners, url_host

HOST = "127.0.0.1"
_START_SECONDS = 10.0
_STOP_SECONDS = 1.5  # the thread ends with the process anyway, also where a handler never returns
_THREAD_NAME = "fakegemini-server"


@contextmanager
def serve(
    handler: Handler,
    *,
    host: str = HOST,
    port: int = 0,
    real_time: bool = False,
    takes_long: TakesLong | None = None,
) -> Iterator[str]:
    """Serve `handler` while the block runs, and give the base URL; port 0 takes a free one.

    With `real_time` the server sleeps the pauses of streams. `takes_long` is as in `App`. Raises
    `CannotListen` where the address cannot be used.
    """
    app = App(handler, real_time=real_time, cut=cut, takes_long=takes_long)
    with serve_app(app, host=host, port=port) as url:
        yield url


@contextmanager
def serve_app(
    app: Application,
    *,
    host: str = HOST,
    port: int = 0,
    lifespan: bool = False,
    listener: socket.socket | None = None,
) -> Iterator[str]:
    """Serve an ASGI application as `serve` does a handler.

    With `lifespan` the application gets ASGI's lifespan events, its shutdown among them. A
    `listener` that is given is served instead of `host` and `port`, and closed at the end. Raises
    `CannotListen` where the address cannot be used.
    """
    from uvicorn.config import Config
    from uvicorn.server import Server

    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(_is_foreign_record)
    listeners = [listener] if listener else open_listeners(host, port)
    config = Config(
        app,
        loop="uvloop" if importlib.util.find_spec("uvloop") else "asyncio",
        http=http_protocol(),
        ws="none",
        lifespan="on" if lifespan else "off",
        interface="asgi3",
        log_config=None,
        access_log=True,  # False would silence the user's own; the protocol has none
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=300,  # a client that kept its connection must find it open
        timeout_graceful_shutdown=1,
    )
    started = threading.Event()

    class NotifyingServer(Server):
        """A server that says when it answers, so that nobody needs to poll for it."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

    server = NotifyingServer(config)
    failures: list[OSError] = []

    def run() -> None:
        try:
            server.run(listeners)
        except OSError as error:  # such as one open file too many
            failures.append(error)
            started.set()

    thread = threading.Thread(target=run, name=_THREAD_NAME, daemon=True)
    thread.start()
    try:
        if not started.wait(_START_SECONDS):
            raise CannotListen(f"no server came up on {host} within {_START_SECONDS:.0f} s")
        if failures:
            raise CannotListen(f"no server came up on {host}: {failures[0].strerror}")
        yield f"http://{url_host(host)}:{listeners[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        for listener in listeners:
            listener.close()


def cut(send: Send, *, reset: bool) -> None:
    """Drop the connection that `send` writes to; with `reset`, without a goodbye."""
    # uvicorn offers no way to drop a connection before the head is sent; its `send` is a method
    # of the object that holds the transport. Where that changes, the exception does what it can.
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        return
    if reset:
        raw_socket = transport.get_extra_info("socket")
        if raw_socket is not None:
            raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()


def _is_foreign_record(record: logging.LogRecord) -> bool:
    # Only what our own server thread logs is dropped: the user's uvicorn keeps its voice.
    return record.threadName != _THREAD_NAME
