"""Tell which hosts only this machine reaches, and which address a client can type."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback_host(host: str) -> bool:
    """Tell whether what listens on this host is for this machine alone."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def reachable_url(url: str) -> str:
    """Return a URL that works from this machine, also for a server on all of its addresses."""
    place = urlsplit(url)
    unspecified = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
    host = unspecified.get(place.hostname or "")
    return url if host is None else f"{place.scheme}://{host}:{place.port}"
