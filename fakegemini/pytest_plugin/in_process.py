"""Lead the clients of httpx and httpx2 to the fake without a socket: `--fakegemini-transport`.

Whatever has the session's address is answered inside the process, clients made earlier included;
all other hosts are reached as ever. Clients of other libraries find no server.
"""

from __future__ import annotations

import importlib
import importlib.util
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ..doors.switchboard import Switchboard
from ..doors.transport import make_transport
from ..errors import NoHttpx

HOST = "fakegemini.invalid"
"""A host that no look-up ever finds (RFC 6761)."""

_LIBRARIES = ("httpx", "httpx2")


class InProcessAddress:
    """The address of a session that has no server, and the transports that know it."""

    url = f"http://{HOST}"

    def __init__(self, describe_moment: Callable[[], str]) -> None:
        self._switchboard = Switchboard(describe_moment)
        self._undos: list[Callable[[], None]] = []

    def watch(self) -> None:
        """Answer from now on; raises `NoHttpx` where neither library is installed."""
        self.start()

    def start(self) -> Switchboard:
        """Teach the transports the address, once, and give what is behind it."""
        if not self._undos:
            names = [name for name in _LIBRARIES if importlib.util.find_spec(name)]
            if not names:
                raise NoHttpx("--fakegemini-transport needs httpx or httpx2")
            lock = threading.RLock()
            for name in names:
                self._teach(importlib.import_module(name), lock)
        return self._switchboard

    def _teach(self, httpx: ModuleType, lock: threading.RLock) -> None:
        ours = make_transport(self._switchboard, httpx, lock=lock)
        for transport_class, method in (
            (httpx.HTTPTransport, "handle_request"),
            (httpx.AsyncHTTPTransport, "handle_async_request"),
        ):
            answer, original = getattr(ours, method), getattr(transport_class, method)

            def handle(
                transport: Any,
                request: Any,
                answer: Callable[[Any], Any] = answer,
                original: Callable[[Any, Any], Any] = original,
            ) -> Any:
                return answer(request) if request.url.host == HOST else original(transport, request)

            setattr(transport_class, method, handle)
            self._undos.append(lambda c=transport_class, m=method, o=original: setattr(c, m, o))  # type: ignore[misc]

    def close(self) -> None:
        """Let the transports forget the address."""
        while self._undos:
            self._undos.pop()()
