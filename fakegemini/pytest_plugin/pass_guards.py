"""Let connections to the fake through the guards of other plugins."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit


def pass_guards(url: str) -> Callable[[], None]:
    """Let connections to `url` through a guard of pytest-recording; return what undoes it.

    Its `--block-network` wants to keep tests from remote hosts, and forgets this machine.
    """
    guards = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
    if getattr(guards["connect"], "__module__", "") != "pytest_recording.network":
        return lambda: None
    place = urlsplit(url)
    plain_socket: Any = socket.socket.__mro__[1]

    def passing(name: str) -> Callable[..., Any]:
        def connect(connection: Any, address: Any, *args: Any) -> Any:
            ours = isinstance(address, tuple) and address[:2] == (place.hostname, place.port)
            chosen = getattr(plain_socket, name) if ours else guards[name]
            return chosen(connection, address, *args)

        return connect

    def set_all(functions: dict[str, Callable[..., Any]]) -> None:
        for name, function in functions.items():
            setattr(socket.socket, name, function)

    set_all({name: passing(name) for name in guards})
    return lambda: set_all(guards)
