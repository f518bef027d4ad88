"""Stop every connection of this process to the live API, whatever library makes it.

Sockets and name look-ups are seen by an audit hook, which costs nothing until it is installed and
cannot be removed, so it has a switch. Loops that look names up by themselves (uvloop) are stopped
where TLS begins, before anything of a request is sent.

This file knows nothing but the standard library: `child/sitecustomize.py` runs it in processes
that a test starts, where fakegemini may not even be installed.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

API_HOST = re.compile(
    r"(?:[\w.-]+[.-])?(?:generativelanguage|aiplatform)(?:\.[\w-]+)*\.googleapis\.com\.?",
    re.IGNORECASE,
)
"""The hosts of the Gemini API and of Vertex, with their regions and variants."""

SWITCH = "FAKEGEMINI_BLOCK"
"""The variable that tells a child process to stop connections, too."""

CHILD_FOLDER = Path(__file__).with_name("child")
"""What is put into PYTHONPATH, so that children of Python load the guard."""

_HOST_FIRST = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyname_ex"})
_ADDRESS_SECOND = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LIBRARIES = tuple(
    {
        os.path.dirname(__file__),
        os.path.dirname(os.__file__),
        *(path for path in sys.path if "site-packages" in path),
    }
)


class NetworkGuard:
    """The audit hook and its switch; `make_error` turns a host into what is raised."""

    def __init__(self, make_error: Callable[[str], BaseException]) -> None:
        self.active = False
        self._make_error = make_error
        self._installed = False

    def install(self) -> None:
        """Install the hook, once in the life of a process."""
        if self._installed:
            return
        self._installed = True
        sys.addaudithook(self._look)
        for name in ("wrap_socket", "wrap_bio"):
            setattr(ssl.SSLContext, name, self._guard_tls(getattr(ssl.SSLContext, name)))
        self.cover_sockets()

    def cover_sockets(self) -> None:
        """Stop names before a socket looks them up by itself, which the hook sees too late.

        Other plugins put their own functions there and take them away again, so this is done anew
        for each test.
        """
        for name in ("connect", "connect_ex", "sendto", "sendmsg"):
            send = getattr(socket.socket, name, None)
            if send is not None and not getattr(send, "is_guarded", False):
                setattr(socket.socket, name, self._guard_socket(send))

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active or not event.startswith("socket."):
            return
        if event in _HOST_FIRST:
            self.stop(arguments[0])
        elif event in _ADDRESS_SECOND and isinstance(arguments[1], tuple):
            self.stop(arguments[1][0])

    def _guard_socket(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(connection: Any, *args: Any, **options: Any) -> Any:
            if self.active and args and isinstance(args[-1], tuple) and args[-1]:
                self.stop(args[-1][0])
            return send(connection, *args, **options)

        guarded.is_guarded = True  # type: ignore[attr-defined]
        return guarded

    def _guard_tls(self, wrap: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(context: Any, *args: Any, server_hostname: Any = None, **options: Any) -> Any:
            if self.active and server_hostname:
                self.stop(server_hostname)
            return wrap(context, *args, server_hostname=server_hostname, **options)

        return guarded

    def stop(self, host: object) -> None:
        """Raise the error, if that is a host of the live API."""
        name = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else host
        if isinstance(name, str) and API_HOST.fullmatch(name):
            raise self._make_error(name)


def name_caller() -> str:
    """Return file and line of the code that asks, the nearest outside of libraries; or ``."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(("<", *_LIBRARIES)):
            return f"{os.path.relpath(file)}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def guard_child() -> None:
    """Guard a process that a test started."""

    def make_error(host: str) -> RuntimeError:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        return RuntimeError(
            f"a process that {test or 'the test session'} started connects to {host}, the live "
            "Gemini API, and --fakegemini-block stops it. Fix: let it use the variable "
            "GOOGLE_GEMINI_BASE_URL, which the fixture fakegemini sets."
        )

    guard = NetworkGuard(make_error)
    guard.install()
    guard.active = True
