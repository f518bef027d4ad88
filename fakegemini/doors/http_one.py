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
from contextvars import copy_context
from functools import cache, partial
from types import MethodType
from typing import Any

from ..wire.http import Reply
from .answer_head import write_head
from .asgi import READY_REPLY, App
from .at_once import (
    LARGEST_REQUEST,
    LearnedHead,
    add_bounded,
    find_head,
    learn_head,
    spell_answer,
)

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
        _reads_message = False
        _message_count = 0
        _bytes_so_far = b""
        _held_back = b""
        _ready_reply: Reply | None = None
        _answered_at = 0.0

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            # Our requests are nobody's log of access; pytest would show them as the test's.
            self.access_log = False

        def data_received(self, data: bytes) -> None:
            if self._is_free():
                data, self._held_back = self._held_back + data, b""
                learned = find_head(data)
                if learned and self._answer_at_once(data, learned):
                    return
                self._message_count, self._bytes_so_far = 0, data
            elif self._bytes_so_far:
                self._bytes_so_far = add_bounded(self._bytes_so_far, data)
            self._read(data)
            if self._reads_head:
                self._head_size += len(data)
                if self._head_size > _LARGEST_HEAD and not self.transport.is_closing():
                    self.send_400_response("The head of the request is too large.")
            elif self._bytes_so_far and not self._reads_message:
                self._learn(self._bytes_so_far)
                self._bytes_so_far = b""

        def _is_free(self) -> bool:
            """Tell whether nothing is being read, answered or held up: the next may be at once.

            Only an application of ours can tell before its answer what becomes of a request.
            """
            cycle: Any = self.cycle
            return (
                not self._reads_message
                and (cycle is None or cycle.response_complete)
                and not self.pipeline
                and not self.flow.write_paused
                and not self.transport.is_closing()
                and self.limit_concurrency is None
                and isinstance(self.app, App)
            )

        def _answer_at_once(self, data: bytes, learned: LearnedHead) -> bool:
            """Answer a request whose head came before; False where the parser has to read it.

            What comes in several pieces is held back until it is whole. Where the answer waits, or
            its head is uvicorn's to write, the application gets it with the request.
            """
            if len(data) < learned.size <= LARGEST_REQUEST:
                self._unset_keepalive_if_required()
                self._held_back = data
                return True
            if len(data) != learned.size:
                return False
            request = learned.make_request(data, self.client, self.server)
            reply = copy_context().run(self.app.answer_at_once, request)
            if reply is None:
                return False
            answer = spell_answer(request, reply, self.server_state.default_headers)
            if answer is None:
                self._ready_reply = reply
                return False
            self.transport.write(answer)
            self.server_state.total_requests += 1
            self._answered_at = self.loop.time()
            if self.timeout_keep_alive_task is None:
                self._expect_more(self.timeout_keep_alive)
            return True

        def _expect_more(self, seconds: float) -> None:
            self.timeout_keep_alive_task = self.loop.call_later(
                seconds, self.timeout_keep_alive_handler
            )

        def timeout_keep_alive_handler(self) -> None:
            """Close a connection on which nothing came for long; answers at once set no timer."""
            silent_seconds = self.loop.time() - self._answered_at
            if silent_seconds < self.timeout_keep_alive:
                self._expect_more(self.timeout_keep_alive - silent_seconds)
                return
            super().timeout_keep_alive_handler()

        def shutdown(self) -> None:
            """End, behind the answer to what is being asked."""
            if self._held_back:
                data, self._held_back = self._held_back, b""
                self._read(data)
            super().shutdown()

        def _learn(self, data: bytes) -> None:
            """Remember the head of a request that came alone and whole."""
            cycle: Any = self.cycle
            is_alone = self._message_count == 1 and cycle is not None
            if is_alone and cycle.keep_alive and not cycle.waiting_for_100_continue:
                learn_head(data, self.scope)

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
                self._reads_message = True
                self._message_count += 1
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
            if self._ready_reply is not None:
                scope: Any = self.scope
                scope[READY_REPLY], self._ready_reply = self._ready_reply, None
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
                self._reads_message = False
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
