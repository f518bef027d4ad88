"""Decide who may use the control routes: this machine's programs, and who has the token.

A web page must not: neither by sending to this machine (its `Origin`, `Sec-Fetch-Site`), nor by a
name of its own that suddenly leads here (DNS rebinding: its `Host`), nor in the forms that browsers
send without asking first (their content types).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ...wire.http import Request

TOKEN_HEADER = "x-fakegemini-token"
"""The header in which a caller elsewhere sends the token."""

_PLAIN_HOST = re.compile(r"(?:(?:\[[0-9A-Fa-f:.%]+\]|[\w.-]+)(?::\d+)?)?")
_SAFE_SITES = ("same-origin", "none")
_BROWSER_MARKS = ("origin", "referer", "sec-fetch-site")


@dataclass(frozen=True, slots=True)
class ControlAccess:
    """Which names lead here, besides those of loopback, and the token; both may be empty."""

    hosts: frozenset[str] = frozenset()
    token: str = ""

    def refuse(self, request: Request) -> str:
        """Say why a caller may not use the control routes; empty where it may."""
        given_token = request.header(TOKEN_HEADER)
        if given_token is not None:
            import hmac

            is_right = hmac.compare_digest(given_token.encode(), self.token.encode())
            return (
                ""
                if self.token and is_right
                else f"the token in {TOKEN_HEADER} is not the right one"
            )
        if not request.client:  # nobody's peer: the call came from inside the process
            return ""
        if not _is_from_this_machine(request):
            return (
                "only callers on this machine may, and those that send the token of "
                f"`serve --control-token` as {TOKEN_HEADER}"
            )
        return self.refuse_host(request) or _refuse_browser(request)

    def refuse_host(self, request: Request) -> str:
        """Say that the name by which it was called is none of ours."""
        hosts = [value for name, value in request.headers if name.lower() == "host"]
        if len(hosts) > 1 or not all(map(_PLAIN_HOST.fullmatch, hosts)):
            return f"its Host is no name with a port: {', '.join(hosts)}"
        name = _host_name(hosts[0]) if hosts and hosts[0] else request.local_address
        is_ours = name in self.hosts or name == request.local_address
        if not name or is_ours or _is_loopback_name(name):
            return ""
        if _parse_address(name) is not None:  # nobody can make an address lead elsewhere
            return ""
        return (
            f"it was called {name}, which no web page may make it answer to. Fix: use localhost, "
            f"or say so: fakegemini serve --control-host {name}"
        )


def _refuse_browser(request: Request) -> str:
    """Say that a web page of somewhere else, or a form, sent it."""
    origin, site = request.header("origin"), request.header("sec-fetch-site")
    if origin is not None and urlsplit(origin).netloc != (request.header("host") or ""):
        return f"web pages of {origin} may not; a program, without an Origin header, may"
    referer = urlsplit(request.header("referer") or "").netloc
    if referer and referer != request.header("host"):
        return f"a web page of {referer} sent it"
    if site is not None and site.lower() not in _SAFE_SITES:
        return f"a web page of somewhere else sent it (Sec-Fetch-Site: {site})"
    content_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    is_json = content_type == "application/json" or content_type.endswith("+json")
    if request.method == "POST" and not is_json and _may_be_browser(request):
        return f"a browser has to send application/json, not {content_type or 'no content type'}"
    return ""


def _may_be_browser(request: Request) -> bool:
    has_mark = any(request.header(name) is not None for name in _BROWSER_MARKS)
    return has_mark or (request.header("user-agent") or "").startswith("Mozilla/")


def _is_from_this_machine(request: Request) -> bool:
    """Tell whether a caller is here: loopback, or our own address on both ends."""
    address = _parse_address(request.client)
    if address is None:
        return False
    return address.is_loopback or address == _parse_address(request.local_address)


def _parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _host_name(host: str) -> str:
    """Return the name of a `Host` header, without the port and in lower case."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return host.lower()


def _is_loopback_name(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")
