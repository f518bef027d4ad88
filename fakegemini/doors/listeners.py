"""Open the sockets that a server listens on: one for each address that a host's name has.

A name such as `localhost` often has two, of IPv4 and IPv6, and clients differ in which they try
first; both get the same port.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys

from ..errors import CannotListen

_BACKLOG = 2048
_TRIES = 10
"""How often another free port is tried, where one is free in one family alone."""

_NO_SUCH_FAMILY = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

Place = tuple[socket.AddressFamily, str, int]
"""Family, address and zone."""


def bare_host(host: str) -> str:
    """Return a host as sockets take it: an address of IPv6 without the brackets of a URL."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") and ":" in host else host


def resolve(host: str) -> list[Place]:
    """List the addresses of a host, each once; raises `CannotListen` for what is no host."""
    if not host or any(not char.isprintable() or char.isspace() for char in host):
        raise CannotListen(f"{host!r} is no name of a host")
    name = bare_host(host)
    places: list[Place] = []
    try:  # as bytes, because texts load the tables of IDNA
        found = socket.getaddrinfo(name.encode() if name.isascii() else name, None, type=_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(f"cannot listen on {host}: {reason}") from None
    for family, _, _, _, address in found:
        zone = int(address[3]) if len(address) == 4 else 0
        place: Place = (family, str(address[0]), zone)
        if place not in places:
            places.append(place)
    return places


_STREAM = socket.SOCK_STREAM


def leads_here_alone(host: str) -> bool:
    """Tell whether every address of a host is one of loopback; raises `CannotListen`."""
    return all(_is_loopback(address) for _, address, _ in resolve(host))


def _is_loopback(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


def open_listeners(host: str, port: int) -> list[socket.socket]:
    """Listen on all addresses of a host, at one port; raises `CannotListen`."""
    places = resolve(host)
    try:
        for left in reversed(range(_TRIES)):
            try:
                return _listen_on(places, port)
            except OSError as error:
                if port or not left or error.errno != errno.EADDRINUSE:
                    raise
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(f"cannot listen on {url_host(host)}:{port}: {reason}") from None
    raise AssertionError("the last try raises")


def _listen_on(places: list[Place], port: int) -> list[socket.socket]:
    listeners: list[socket.socket] = []
    try:
        for place in places:
            try:
                listener = _listen(place, port, is_alone=len(places) == 1)
            except OSError as error:
                if listeners and error.errno in _NO_SUCH_FAMILY:
                    continue  # the name has an address that this machine has not
                raise
            listeners.append(listener)
            port = listener.getsockname()[1]
    except BaseException:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def _listen(place: Place, port: int, *, is_alone: bool) -> socket.socket:
    family, address, zone = place
    listener = socket.socket(family, _STREAM)
    if sys.platform == "win32":
        # There SO_REUSEADDR would let two servers share the port. Untested: by the manual.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    is_six = family == socket.AF_INET6
    try:
        if is_six and not is_alone:  # `::` alone takes IPv4 as well, where the system has it so
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port, 0, zone) if is_six else (address, port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def url_host(host: str) -> str:
    """Return a host as it stands in a URL; a zone has a `%25` there (RFC 6874)."""
    host = bare_host(host)
    return f"[{host.replace('%', '%25')}]" if ":" in host else host
