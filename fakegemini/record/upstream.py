"""The server that a recorder passes requests on to, and the library that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import NoHttpx, NotStarted
from ..protocol.paths import LIVE_API_URL, live_url
from ..wire.compression import make_unpacker
from ..wire.http import Pairs, Request
from .capture import HOP_HEADERS
from .upstream_login import find_login, split_login

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 30.0
_OWN_HEADERS = frozenset({"host", "content-length", "expect"})
"""What is said about the request to the recorder, and anew about that to upstream."""


class Upstream:
    """A server by its address; the live API, whose address depends on the path, by default.

    A login is that of the address, or else of the environment, which the live API never gets.

    url: the address without user and password
    origin: its beginning, without a path
    prefix: its path, which stands before that of each request
    httpx: the module that talks to it, httpx or httpx2
    """

    def __init__(self, url: str = LIVE_API_URL) -> None:
        self.url, self._login = split_login(url.rstrip("/"))
        if self._login is None and self.url != LIVE_API_URL:
            self._login = find_login(self.url)
        self.prefix = urlsplit(self.url).path
        self.origin = self.url.removesuffix(self.prefix)
        self.httpx: Any = import_httpx()
        self._client: httpx.AsyncClient | None = None

    def origin_of(self, path: str) -> str:
        """Return the origin of the server that a path is asked for."""
        return live_url(path) if self.url == LIVE_API_URL else self.origin

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[None]:
        """Keep connections open while the block runs."""
        async with self.httpx.AsyncClient(
            timeout=self.httpx.Timeout(None, connect=_CONNECT_SECONDS),
            limits=self.httpx.Limits(max_connections=None),
            follow_redirects=False,
            trust_env=urlsplit(self.url).hostname not in ("127.0.0.1", "localhost", "::1"),
        ) as self._client:
            yield

    @asynccontextmanager
    async def send(self, request: Request, url: str) -> AsyncIterator[httpx.Response]:
        """Send a request, and give its answer, whose body is still to be read.

        A login is sent to the server that it was given for, and to no other.
        """
        assert self._client is not None, "the server tells of its start first"
        upstream_request = self.httpx.Request(
            request.method,
            url,
            headers=_forwarded_headers(request.headers),
            content=request.body if request.body or request.header("content-length") else None,
        )
        login = self._login if url.startswith(self.origin) else None
        response = await self._client.send(upstream_request, stream=True, auth=login)
        try:
            yield response
        finally:
            await response.aclose()


def check_upstream(url: str, option: str = "--upstream") -> None:
    """Raise `NotStarted` for what is no address of a server; the text shows no password."""
    shown = f"{option} {url.rpartition('@')[2]!r}"
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_address = is_address and parts.port != 0 and not any(map(str.isspace, url))
    except ValueError:
        is_address = False
    if not is_address:
        raise NotStarted(f"{shown} is no address: http://… or https://…")
    if parts.query or parts.fragment:
        raise NotStarted(
            f"{shown} has a query or a fragment; only a path may stand behind the host"
        )


def import_httpx() -> Any:
    """Return the module `httpx` or `httpx2`; raises `NoHttpx`, which says how to install one."""
    for name in ("httpx", "httpx2"):
        try:
            return import_module(name)
        except ImportError:
            continue
    raise NoHttpx(
        "recording needs httpx or httpx2: pip install 'fakegemini[record]' (or pip install httpx2)"
    )


def _forwarded_headers(headers: Pairs) -> list[tuple[bytes, bytes]]:
    """Return the headers for upstream: none of the connection, and only codings we unpack."""
    connection_headers = {
        name.strip().lower()
        for key, value in headers
        if key.lower() == "connection"
        for name in value.split(",")
    }
    forwarded = []
    for name, value in headers:
        key = name.lower()
        if key in HOP_HEADERS or key in connection_headers or key in _OWN_HEADERS:
            continue
        if key == "accept-encoding":
            codings = [coding.strip() for coding in value.split(",")]
            value = ", ".join(filter(_can_unpack, codings)) or "identity"
        forwarded.append((name.encode("latin-1"), value.encode("latin-1")))
    return forwarded


def _can_unpack(coding: str) -> bool:
    return make_unpacker(coding.partition(";")[0]) is not None
