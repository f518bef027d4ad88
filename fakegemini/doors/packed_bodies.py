"""Unpack the body of a request whose client packed it, as `curl` and Java filters can."""

from __future__ import annotations

from dataclasses import replace

from ..errors import PackedBody
from ..wire.compression import GZIP_HEADER, unpack_body
from ..wire.http import Request


def unpack_request(request: Request) -> Request:
    """Return the request with its body as it was before its `content-encoding`.

    Its headers stay as the client sent them. Raises `PackedBody` where it cannot be unpacked.
    """
    coding = request.header("content-encoding")
    if not coding or not request.body:
        return request
    try:
        return replace(request, body=unpack_body(request.body, coding))
    except ValueError as error:
        raise PackedBody(
            f"{request.method} {request.path}: the body of the request is not what its header "
            f"content-encoding: {coding} says: {error}. Fix: send it plain, or packed as gzip."
        ) from None


def without_coding(request: Request, body: bytes) -> Request:
    """Return the request with another body, which is not packed."""
    headers = tuple(pair for pair in request.headers if pair[0].lower() != GZIP_HEADER[0])
    return replace(request, headers=headers, body=body)
