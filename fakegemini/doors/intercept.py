"""Catch what programs send to the API's own hosts: a proxy on loopback, and TLS behind it.

The proxy answers for the API's hosts, lets through what is allowed and what stays on this machine,
and refuses every other host. What it catches goes, byte for byte, to a server of ours, so
connections that are kept, chunks, streams and cuts are as on that server's own port.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from ..errors import CannotListen, HostRefused
from .authority import Authority
from .listeners import open_listeners
from .outer_proxy import OuterProxy
from .reach import Reach

_HEAD_LIMIT = 256 * 1024
_LONGEST_HOST = 255
_PIECE = 64 * 1024
_NOT_PASSED_ON = (b"connection:", b"proxy-connection:", b"proxy-authorization:", b"keep-alive:")
Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Interception:
    """What is caught, and the ports where it is: that of the proxy, and that of TLS alone.

    `caught` and `refused` count connections by host and port; `trusted` are the caught ones whose
    client took the certificate.
    """

    authority: Authority
    reach: Reach
    target: str
    say: Callable[[str], object]
    outer_proxy: OuterProxy = field(default_factory=OuterProxy)
    caught: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    trusted: int = 0
    proxy_port: int = 0
    tls_port: int = 0

    async def listen(self) -> list[asyncio.Server]:
        """Open both ports, on loopback alone."""
        (proxy_listener,) = open_listeners("127.0.0.1", 0)
        (tls_listener,) = open_listeners("127.0.0.1", 0)
        proxy = await asyncio.start_server(
            self._guarded(self._answer_proxy), sock=proxy_listener, limit=_HEAD_LIMIT
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = self._choose_certificate
        tls = await asyncio.start_server(
            self._guarded(self._answer_tls),
            sock=tls_listener,
            ssl=context,
            ssl_handshake_timeout=30,
        )
        self.proxy_port = proxy.sockets[0].getsockname()[1]
        self.tls_port = tls.sockets[0].getsockname()[1]
        return [proxy, tls]

    def _guarded(
        self, answer: Callable[[Streams], Coroutine[Any, Any, None]]
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]:
        """Let a connection end without a noise, however it ends."""

        async def answer_connection(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            try:
                await answer((reader, writer))
            except (OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                writer.transport.abort()
            finally:
                writer.close()

        return answer_connection

    def _choose_certificate(
        self, connection: ssl.SSLObject, host: str | None, context: ssl.SSLContext
    ) -> int | None:
        """Be the host that the client names, or refuse it where it is none of the API."""
        if host is None or not self.reach.catches(host):
            self._note_refusal(host or "a host without a name", 443)
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        self.caught[f"{host}:443"] += 1
        connection.context = self.authority.context_for(host)
        return None

    async def _answer_tls(self, client: Streams) -> None:
        self.trusted += 1
        place = urlsplit(self.target)
        await _join(client, await asyncio.open_connection(place.hostname, place.port))

    async def _answer_proxy(self, client: Streams) -> None:
        reader, writer = client
        head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.partition(b" ")
        target = rest.partition(b" ")[0].decode("latin-1")
        is_tunnel = method == b"CONNECT"
        try:
            place = urlsplit(f"//{target}" if is_tunnel else target)
            host, port = place.hostname or "", place.port or (443 if is_tunnel else 80)
        except ValueError:
            host, port = "", 0
        if not host or len(host) > _LONGEST_HOST:
            writer.write(_plain_answer("400 This is a proxy", _NO_SERVER_TEXT))
            return
        try:
            server = await self._open(host, port, is_tunnel=is_tunnel)
        except HostRefused as refusal:
            writer.write(_plain_answer(f"403 {refusal}", f"{refusal}\n"))
            return
        except OSError as error:
            text = f"fakegemini run cannot reach {host}:{port}: {error}"
            writer.write(_plain_answer("400 No connection", f"{text}\n"))
            self.say(text)
            return
        if is_tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            server[1].write(_rewrite_head(head, target, place.netloc))
        await _join(client, server)

    async def _open(self, host: str, port: int, *, is_tunnel: bool) -> Streams:
        """Connect to what answers for a host; raises `HostRefused`, or `OSError`."""
        if self.reach.catches(host):
            if is_tunnel:
                return await asyncio.open_connection("127.0.0.1", self.tls_port)
            self.caught[f"{host}:{port}"] += 1
            self.trusted += 1
            place = urlsplit(self.target)
            return await asyncio.open_connection(place.hostname, place.port)
        if not self.reach.lets_through(host):
            self._note_refusal(host, port)
            raise HostRefused(f"fakegemini run refuses {host}; --allow {host} lets it through")
        return await self.outer_proxy.connect(host, port)

    def _note_refusal(self, host: str, port: int) -> None:
        self.refused[f"{host}:{port}"] += 1
        if self.refused[f"{host}:{port}"] == 1:
            self.say(f"refused {host}:{port}; --allow {host} lets it through")


_NO_SERVER_TEXT = (
    "This is the proxy of fakegemini run; it takes CONNECT, and requests with a whole address.\n"
)


@contextmanager
def intercepting(interception: Interception) -> Iterator[Interception]:
    """Catch what goes to the API's hosts while the block runs."""
    try:
        loop = asyncio.new_event_loop()
    except OSError as error:  # such as one open file too many
        raise CannotListen(f"no proxy came up: {error.strerror}") from None
    loop.set_exception_handler(lambda loop, context: None)  # clients that leave make no noise
    servers = loop.run_until_complete(interception.listen())
    thread = threading.Thread(target=loop.run_forever, name="fakegemini-proxy", daemon=True)
    thread.start()
    try:
        yield interception
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        for server in servers:
            server.close()
        loop.run_until_complete(_end_connections())
        loop.close()


async def _end_connections() -> None:
    """Drop the connections that are still open, and wait until each is."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # what was aborted is closed in the next turn of the loop


async def _join(client: Streams, server: Streams) -> None:
    """Carry bytes both ways until one side ends; the other one ends in the same way."""
    forth = asyncio.ensure_future(_carry(client[0], server[1]))
    back = asyncio.ensure_future(_carry(server[0], client[1]))
    try:
        done, _ = await asyncio.wait((forth, back), return_when=asyncio.FIRST_COMPLETED)
        is_clean = all(task.result() for task in done)
        for _, writer in (client, server):
            if is_clean:
                writer.close()
            else:
                writer.transport.abort()
    finally:
        forth.cancel()
        back.cancel()
        server[1].close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Carry bytes one way until they end; tell whether they ended with a goodbye."""
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(_PIECE):
            writer.write(data)
            await writer.drain()
        return True
    return False


def _plain_answer(status: str, text: str) -> bytes:
    head = (
        f"HTTP/1.1 {status}",
        "content-type: text/plain; charset=utf-8",
        f"content-length: {len(text.encode())}",
        "connection: close",
    )
    return "\r\n".join([*head, "", text]).encode()


def _rewrite_head(head: bytes, target: str, netloc: str) -> bytes:
    """Return the head of a request for its server: the path alone, one answer a connection."""
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    path = target.partition("://")[2].removeprefix(netloc) or "/"
    path = path if path.startswith("/") else f"/{path}"
    method, _, version = lines[0].split(b" ", 2)
    return b"\r\n".join(
        [
            b"%b %b %b" % (method, path.encode("latin-1"), version),
            *(line for line in lines[1:] if not line.lower().startswith(_NOT_PASSED_ON)),
            b"Connection: close",
            b"",
            b"",
        ]
    )
