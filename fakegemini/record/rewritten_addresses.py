"""Lead the addresses in answers through the recorder, and give requests the real ones back.

An upload, a download or a next page that an answer names is then asked of the recorder, and is in
the recording.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from ..doors.packed_bodies import unpack_request, without_coding
from ..errors import PackedBody
from ..wire.http import Request
from ..wire.origins import LIVE_ORIGIN, map_header
from ..wording import spell_json
from .upstream import Upstream

_MAX_ADDRESS = 4096
_ADDRESS_IN_JSON = re.compile(rb'(?<!\\)"(https?:[^"\s]{1,%d})"' % _MAX_ADDRESS)
_ADDRESS_START = b'"http'
"""Looked for before the pattern is, which takes 60 ms for 10 MB."""

_BEGUN_ADDRESS = re.compile(
    rb'(?:\\|(?<!\\)"(?:h(?:t(?:t(?:p(?:s?:?|s?:[^"\s]{1,%d}))?)?)?)?)\Z' % _MAX_ADDRESS
)


class RewrittenAddresses:
    """The addresses of upstream as clients of the recorder see them, and the real ones."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._real_addresses: dict[str, str] = {}
        self._origins: dict[str, str] = {}
        origins = rf"{re.escape(upstream.origin)}|{LIVE_ORIGIN}"
        self._pattern = re.compile(rf"({origins})(?=[/?#]\S*\Z|\Z)", re.IGNORECASE)

    def url_of(self, path: str) -> str:
        """Return what stands before a path: the server that named it, else upstream."""
        if path in self._origins:
            return self._origins[path]
        return self._upstream.origin_of(path) + self._upstream.prefix

    def rewrite(self, address: str, base: str) -> str:
        """Return an address at `base`, where a client reaches the recorder, for a real one.

        What is no address of upstream, nor of another live server, stays.
        """
        match = self._pattern.match(address)
        if match is None:
            return address
        origin, below = match[1], address[match.end() :]
        if origin == self._upstream.origin and below.startswith(f"{self._upstream.prefix}/"):
            below = below.removeprefix(self._upstream.prefix)
        path = urlsplit(below).path
        if self.url_of(path) + below != address:
            self._origins[path] = origin
        self._real_addresses[base + below] = address
        return base + below

    def rewrite_header(self, value: str, base: str) -> str:
        """Return the value of a header with its addresses rewritten."""
        return map_header(value, lambda address: self.rewrite(address, base))

    def rewrite_body(self, body: bytes, base: str) -> bytes:
        """Return JSON with its addresses rewritten; a piece begins and ends outside of one."""
        return _map_addresses(body, lambda address: self.rewrite(address, base))

    def restore_request(self, request: Request) -> Request:
        """Return a request whose JSON has the real addresses again."""
        if not self._real_addresses:
            return request
        try:
            plain = unpack_request(request)
        except PackedBody:
            return request
        body = _map_addresses(
            plain.body, lambda address: self._real_addresses.get(address, address)
        )
        return request if body == plain.body else without_coding(plain, body)


class BodyRewriter:
    """Rewrites the addresses in a body that comes in pieces; what may be one is held back."""

    def __init__(self, rewrite_body: Callable[[bytes], bytes]) -> None:
        self._rewrite_body = rewrite_body
        self._pending = b""

    def feed(self, piece: bytes) -> bytes:
        """Return what can be rewritten so far."""
        text = self._pending + piece
        complete_end = max((match.end() for match in _ADDRESS_IN_JSON.finditer(text)), default=0)
        begun = _BEGUN_ADDRESS.search(text, max(complete_end, len(text) - _MAX_ADDRESS - 16))
        end = begun.start() if begun else len(text)
        self._pending = text[end:]
        return self._rewrite_body(text[:end])

    def finish(self) -> bytes:
        """Return what was held back."""
        pending, self._pending = self._pending, b""
        return self._rewrite_body(pending)


def _map_addresses(body: bytes, change: Callable[[str], str]) -> bytes:
    """Change the texts of a JSON body that are addresses; every other byte stays."""
    pieces, end = list[bytes](), 0
    start = body.find(_ADDRESS_START)
    while start >= 0:
        match = _ADDRESS_IN_JSON.match(body, start)
        if match:
            pieces += [body[end:start], _change_one(match[0], change)]
            end = match.end()
        start = body.find(_ADDRESS_START, match.end() if match else start + 1)
    return b"".join([*pieces, body[end:]]) if pieces else body


def _change_one(text: bytes, change: Callable[[str], str]) -> bytes:
    try:
        address = json.loads(text)
    except ValueError:
        return text
    new_address = change(address)
    return text if new_address == address else spell_json(new_address).encode()
