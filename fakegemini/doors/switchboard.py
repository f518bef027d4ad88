"""Serve many handlers behind one address, each under a path prefix of its own.

One server serves a whole test session; a test's handler is plugged in while the test runs. A
request that comes when its test is over gets a 404, and never reaches the fake of the next test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ..protocol.refusals.refusal import Refusal
from ..wire.http import Handler, Reply, Request
from ..wire.replies import ERROR_JSON, json_reply
from .asgi import takes_long_of


class Switchboard:
    """A handler that passes each request on to the handler that is plugged in under its prefix."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._plug_count = 0

    @contextmanager
    def plug_in(self, handler: Handler) -> Iterator[str]:
        """Plug `handler` in while the block runs, and give its path prefix, such as `/t7`."""
        self._plug_count += 1
        name = f"t{self._plug_count}"
        self._handlers[name] = handler
        try:
            yield f"/{name}"
        finally:
            del self._handlers[name]

    def takes_long(self, request: Request) -> bool:
        """Tell whether the handler that will get the request says that it may take long."""
        name, _, _ = request.path.lstrip("/").partition("/")
        handler = self._handlers.get(name)
        decide = None if handler is None else takes_long_of(handler)
        return decide is not None and decide(request)

    def __call__(self, request: Request) -> Reply:
        """Pass the request on without its prefix; answer 404 where no handler is plugged in."""
        name, _, remaining_path = request.path.lstrip("/").partition("/")
        handler = self._handlers.get(name)
        if handler is None:
            return _refuse_unplugged(request)
        return handler(replace(request, path=f"/{remaining_path}"))


def _refuse_unplugged(request: Request) -> Reply:
    text = (
        f"{request.method} {request.path} came when no test was there to answer it: the test that "
        "it belongs to is over. Fix: let the test wait for what it starts."
    )
    return json_reply(Refusal(404, "fakegemini", text, "X").body(), 404, ERROR_JSON)
