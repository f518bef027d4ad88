"""Answer browsers as the live server was measured to: preflights, and the origin reflected."""

from __future__ import annotations

from dataclasses import replace

from ..protocol.refusals.refusal import Refusal
from ..wire.http import Reply, Request
from ..wire.replies import ERROR_JSON, add_live_headers, json_reply

GRANTED_HEADERS = frozenset(
    {"authorization", "content-type", "x-goog-api-client", "x-goog-api-key"}
)
"""The headers that web pages may send; `api-revision` was measured to be refused."""

_SAFE_HEADERS = frozenset({"accept", "accept-language", "content-language", "range"})
_METHODS = "DELETE,GET,POST"


def answer_preflight(request: Request) -> Reply | None:
    """Answer what a browser asks before it asks; None for any other request."""
    method, origin = request.header("access-control-request-method"), request.header("origin")
    if request.method != "OPTIONS" or method is None or origin is None:
        return None
    asked_headers = request.header("access-control-request-headers") or ""
    names = [name.strip().lower() for name in asked_headers.split(",") if name.strip()]
    refused = [name for name in names if name not in GRANTED_HEADERS | _SAFE_HEADERS]
    if refused or method.upper() not in _METHODS.split(","):
        what = f"the header {refused[0]}" if refused else f"the method {method}"
        text = f"A web page may not send {what} to this API; the live server refuses it, too."
        refusal = Refusal(403, "fakegemini", text, "X")
        return add_live_headers(json_reply(refusal.body(), 403, ERROR_JSON))
    granted = (
        ("access-control-allow-origin", origin),
        ("access-control-allow-methods", _METHODS),
        ("access-control-allow-headers", ",".join(names)),
        ("access-control-max-age", "3600"),
    )
    return add_live_headers(Reply(200, granted, (b"",)))


def reflect_origin(request: Request, reply: Reply) -> Reply:
    """Let the web page that asked read the answer."""
    origin = request.header("origin")
    if origin is None or any(name == _ALLOW_ORIGIN for name, _ in reply.headers):
        return reply
    return replace(reply, headers=(*reply.headers, (_ALLOW_ORIGIN, origin)))


_ALLOW_ORIGIN = "access-control-allow-origin"
