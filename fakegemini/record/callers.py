"""Refuse web pages as callers of the recorder: what they send would go on to the live API.

With a login in `--upstream` it would even go on in the name of the user, and would stand in the
cassette. A page of this machine, such as the application under development, may.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ..doors.reachable import is_loopback_host
from ..fake.state.control_access import ControlAccess
from ..protocol.paths import API_HOST
from ..wire.http import Request


def refuse_caller(request: Request, upstream: str) -> str:
    """Say why a request is not passed on; empty where it is.

    upstream: the address of the live API, whose name a caught request has as its host
    """
    host = request.header("host") or ""
    name = urlsplit(f"//{host}").hostname or ""
    access = ControlAccess(frozenset({urlsplit(upstream).hostname or ""}))
    # Nobody elsewhere owns a name without a dot, so no name of theirs can lead here by it.
    if "." in name.rstrip(".") and not API_HOST.fullmatch(name):
        refusal = access.refuse_host(request)
        if refusal:
            return refusal.partition(". Fix")[0]
    origin = request.header("origin")
    if origin is not None and not is_loopback_host(urlsplit(origin).hostname or ""):
        return f"web pages of {origin} may not be recorded, but those of this machine"
    referer = urlsplit(request.header("referer") or "").hostname
    if referer and not is_loopback_host(referer):
        return f"a web page of {referer} sent it"
    if (request.header("sec-fetch-site") or "").lower() == "cross-site" and origin is None:
        return "a web page of somewhere else sent it (Sec-Fetch-Site: cross-site)"
    return ""
