"""Read what is asked of a replay as an exchange, as it would have been recorded."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from ...errors import NotOnTape
from ...recordings.exchange import Exchange
from ...recordings.record_hooks import RecordHooks
from ...wire.http import Request


def base_of(request: Request) -> str:
    """Return the address under which the client reaches the replay."""
    return f"http://{request.header('host') or '127.0.0.1'}"


def as_hooked(request: Request, hooks: RecordHooks) -> Request:
    """Return what is recorded of a request; raises `NotOnTape` for one that is never recorded."""
    if hooks.request is None:
        return request
    asked = as_exchange(request)
    recorded = hooks.apply_to_request(asked)
    if recorded is None:
        raise NotOnTape(
            f"No recording answers this request: before_record_request drops {request.method} "
            f"{request.path} from every recording."
        )
    if recorded is asked:
        return request
    address = urlsplit(recorded.uri)
    query = tuple(parse_qsl(address.query, keep_blank_values=True))
    headers = tuple(recorded.request_headers.items())
    return Request(recorded.method, address.path, query, headers, recorded.request_body)


def as_exchange(request: Request) -> Exchange:
    """Return a request as an exchange that has no answer."""
    query = f"?{urlencode(request.query)}" if request.query else ""
    headers = {name.lower(): value for name, value in request.headers}
    uri = f"http://127.0.0.1{request.path}{query}"
    return Exchange(0, request.method, uri, headers, request.body)
