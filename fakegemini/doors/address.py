"""Keep one address for a whole process; its server starts when it is first needed.

The socket listens from the beginning, so that the address is known before any test module is
imported, and a client that comes early waits until the server is there.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import socket
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .switchboard import Switchboard

_HOST = "127.0.0.1"
_BACKLOG = 2048
_LOOK_AGAIN_SECONDS = 0.05


class SessionAddress:
    """A listening socket, and behind it the switchboard of the session once it is needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server = contextlib.ExitStack()
        self._switchboard: Switchboard | None = None
        # Shared with the children of a fork, one of which may serve what its parent listens to.
        self._served_by_child = mmap.mmap(-1, 1)
        self._open()

    def _open(self) -> None:
        _check_process()
        self._listener = socket.create_server((_HOST, 0), backlog=_BACKLOG)
        self.url = f"http://{_HOST}:{self._listener.getsockname()[1]}"
        self._process = os.getpid()

    def watch(self) -> None:
        """Start the server when the first client comes, from a thread that sleeps until then."""
        if hasattr(self, "_wake_up"):
            return
        self._wake_up, self._sleeper = socket.socketpair()
        threading.Thread(
            target=self._wait_for_client, name="fakegemini-address", daemon=True
        ).start()

    def _wait_for_client(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile: nobody came
            while True:
                ready, _, _ = select.select([self._listener, self._sleeper], [], [])
                if self._sleeper in ready:
                    return
                if self._served_by_child[0]:
                    select.select([self._sleeper], [], [], _LOOK_AGAIN_SECONDS)
                    continue
                self.start()
                return

    def start(self) -> Switchboard:
        """Start the server unless it runs, and give the switchboard behind it."""
        with self._lock:
            if os.getpid() != self._process:
                self._take_over()
            _check_process()
            if self._switchboard is None:
                self._serve()
            assert self._switchboard is not None
            return self._switchboard

    def _take_over(self) -> None:
        """Serve in the child of a fork, in which no thread of the parent's runs."""
        self._process = os.getpid()
        if self._switchboard is None:
            self._served_by_child[0] = 1
            return
        self._switchboard, self._server = None, contextlib.ExitStack()
        self._open()  # the parent answers at its own address

    def _serve(self) -> None:
        from .loopback import cut, serve_app
        from .switchboard import Switchboard

        switchboard = Switchboard(name_running_test)
        app = switchboard.make_app(cut)
        self._server.enter_context(serve_app(app, listener=self._listener))
        self._switchboard = switchboard

    def close(self) -> None:
        """Stop the server, and listen no more."""
        if hasattr(self, "_wake_up"):
            self._wake_up.close()
        with self._lock:
            self._server.close()
            self._listener.close()
        if hasattr(self, "_sleeper"):
            self._sleeper.close()


def _check_process() -> None:
    """Raise `CannotListen` where this process can serve nobody: for lack of sockets, or threads."""
    from ..errors import CannotListen

    if socket.socket.__module__ == "pytest_socket":
        raise CannotListen(
            "pytest-socket forbids all sockets, also that of the fake on this machine. Fix: "
            f"--allow-hosts={_HOST} instead of --disable-socket, or --fakegemini-transport beside "
            "it, which needs no socket"
        )
    patcher = _find_patcher()
    if patcher:
        raise CannotListen(
            f"{patcher} has put its greenlets in place of the threads of this process, and the "
            "fake's server needs a thread of its own. Fix: --fakegemini-transport, or "
            "fakegemini.transport without pytest, which needs none"
        )


def _find_patcher() -> str:
    """Name what stands in for threads; empty where they are real.

    A server in such a thread blocks all others, and whoever waits for it waits for ever.
    """
    for name, (function, patched) in _PATCHERS.items():
        module = sys.modules.get(name)
        if module is not None and getattr(module, function)(patched):
            return name.partition(".")[0]
    return ""


_PATCHERS = {
    "gevent.monkey": ("is_module_patched", "threading"),
    "eventlet.patcher": ("is_monkey_patched", "thread"),
}
"""What replaces threads, the function of each that tells what it has replaced, and the word."""


def name_running_test() -> str:
    """Say which test runs, one without a fake; empty between tests."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    return f"{test} ran" if test else ""
