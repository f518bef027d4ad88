"""Speak HTTP/1 as ordinary clients do, where uvicorn's protocol loses a request or an answer.

A client may offer another protocol with its request (`Upgrade: h2c`, as Java's `HttpClient` and
`curl --http2` do) and must be answered as if it had not (RFC 9110, 7.8). uvicorn's parser stops
behind the head of such a request, and its body is lost. And an answer to HTTP/1.0 ends with its
length or with the connection, never in chunks (RFC 9112, 7.1).
"""

from __future__ import annotations

import asyncio
import struct
import sys
from functools import cache, partial
from types import MethodType
from typing import Any

from .answer_head import write_head

_CONNECT = "CONNECT"
_LARGEST_HEAD = 1024 * 1024
"""How many bytes the head of a request may have, about; beyond it the connection ends."""

_SILENT_SECONDS = 2.0
"""How long nothing may be sent to a client that closed its side, before it counts as gone."""

_HEAD_ENDS = b"\r\n"
_HTTP_TWO_PREFACE = b"PRI * HTTP/2.0"


@cache
def http_protocol() -> type[asyncio.Protocol]:
    """Return the protocol for uvicorn's setting `http`."""
    import httptools
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class HttpOneProtocol(HttpToolsProtocol):
        """uvicorn's protocol, which reads on behind an offer and answers HTTP/1.0."""

        _repeats_head = False
        _head_size = 0
        _reads_head = False

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            # Our requests are nobody's log of access; pytest would show them as the test's.
            self.access_log = False

        def data_received(self, data: bytes) -> None:
            self._read(data)
            if not self._reads_head:
                return
            self._head_size += len(data)
            if self._head_size > _LARGEST_HEAD and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

        def _read(self, data: bytes) -> None:
            self._unset_keepalive_if_required()
            while True:
                try:
                    self.parser.feed_data(data)
                except httptools.HttpParserUpgrade as upgrade:
                    if self.scope.get("method", _CONNECT) != _CONNECT:
                        data = data[upgrade.args[0] :]
                        self._read_on_behind_offer()
                        continue
                    self.send_400_response("This is no proxy.")
                except httptools.HttpParserError:
                    if data.startswith(_HTTP_TWO_PREFACE):
                        self.transport.write(_ask_for_http_one())
                        self.transport.close()
                    else:
                        self.send_400_response("Invalid HTTP request received.")
                return

        def _read_on_behind_offer(self) -> None:
            """Go on with a parser that never saw the offer; the request is the same one."""
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            lines = [b"%b %b HTTP/1.1" % (self.scope["method"].encode(), self.url)]
            lines += [b"%b: %b" % (key, value) for key, value in self.headers if key != b"upgrade"]
            self._repeats_head = True
            self.parser.feed_data(_HEAD_ENDS.join([*lines, b"", b""]))

        def on_message_begin(self) -> None:
            if not self._repeats_head:
                self._reads_head, self._head_size = True, 0
                super().on_message_begin()

        def on_url(self, url: bytes) -> None:
            if not self._repeats_head:
                super().on_url(url)

        def on_header(self, name: bytes, value: bytes) -> None:
            if not self._repeats_head:
                super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._reads_head = False
            if self._repeats_head:
                self._repeats_head = False
                return
            super().on_headers_complete()
            cycle: Any = self.cycle
            is_old = self.scope["http_version"] == "1.0"
            cycle.sent_count = 0
            vars(cycle)["send"] = MethodType(_send_until_close if is_old else _send, cycle)

        def eof_received(self) -> bool:  # type: ignore[override]
            """Keep the connection of a client that said that it sends no more: it may still read.

            One that has left looks the same, until something is written to it.
            """
            cycle: Any = self.cycle
            if cycle is None or cycle.response_complete or cycle.more_body:
                return False
            cycle.keep_alive = False
            self.loop.call_later(_SILENT_SECONDS, self._leave_silent, cycle, cycle.sent_count)
            return True

        def _leave_silent(self, cycle: Any, sent_count: int) -> None:
            """Give a connection up to which nothing was sent for a while."""
            if cycle.response_complete or self.transport.is_closing():
                return
            if cycle.sent_count == sent_count:
                self.transport.close()
                return
            self.loop.call_later(_SILENT_SECONDS, self._leave_silent, cycle, cycle.sent_count)

        def on_message_complete(self) -> None:
            if not self.parser.should_upgrade():  # else its body is still to come
                super().on_message_complete()

    return HttpOneProtocol


def _ask_for_http_one() -> bytes:
    """Return the frames by which a client of HTTP/2 learns that this is HTTP/1 (RFC 9113, 6.8)."""
    settings, goaway, http_1_1_required = 0x4, 0x7, 0xD
    text = b"fakegemini speaks HTTP/1.1; ask without prior knowledge of HTTP/2"
    payload = struct.pack(">II", 0, http_1_1_required) + text
    return _frame(settings, b"") + _frame(goaway, payload)


def _frame(kind: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, 0, 0) + payload


async def _send(cycle: Any, message: Any) -> None:
    """Send a message of an answer, and count it."""
    cycle.sent_count += 1
    if message["type"] != "http.response.start" or not write_head(cycle, message):
        await type(cycle).send(cycle, message)


async def _send_until_close(cycle: Any, message: Any) -> None:
    """Send a message of an answer, which ends with the connection where it has no length."""
    cycle.sent_count += 1
    send = partial(type(cycle).send, cycle)
    if message["type"] == "http.response.start":
        if not any(name == b"content-length" for name, _ in message["headers"]):
            cycle.chunked_encoding, cycle.expected_content_length = False, sys.maxsize
    elif cycle.expected_content_length and not message.get("more_body", False):
        await send({**message, "more_body": True})
        cycle.expected_content_length, message = 0, {**message, "body": b""}
    await send(message)
