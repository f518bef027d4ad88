"""Decide what a program that is run may reach: the API's hosts are caught, others refused."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass

from ..protocol.paths import API_HOST


@dataclass(frozen=True)
class Reach:
    """What becomes of a connection to a host.

    `allowed` are hosts that are let through, `*.example.com` with everything below one. With
    `all_others` every host is that is not caught. `besides` names hosts to catch, besides those of
    the API.
    """

    allowed: Collection[str] = ()
    all_others: bool = False
    besides: Collection[str] = ()

    def catches(self, host: str) -> bool:
        """Tell whether connections to a host are answered by the fake."""
        if _is_this_machine(host) or self._is_allowed(host):
            return False
        return host.lower().rstrip(".") in self.besides or bool(API_HOST.fullmatch(host))

    def lets_through(self, host: str) -> bool:
        """Tell whether connections go on to a host: one that was named, or this machine."""
        return self.all_others or self._is_allowed(host) or _is_this_machine(host)

    def _is_allowed(self, host: str) -> bool:
        name = host.lower().rstrip(".")
        return any(_fits(name, pattern.lower()) for pattern in self.allowed)


def _fits(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return name == pattern


def _is_this_machine(host: str) -> bool:
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
