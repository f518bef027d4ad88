"""Answer a request at once whose head came before: without a parser, a task, or events.

Nearly all requests of a client have the head of an earlier one, byte for byte, so they mean the
same and end as far behind it. What a head means is learned from the parser (`learn_head`); what is
to be answered is decided by the same functions as for every request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ..wire.compression import packer_for
from ..wire.http import Pairs, Reply, Request
from .answer_head import spell_fixed_head, spell_whole_answer
from .asgi import host_of, read_request
from .joined_writes import (
    LENGTH,
    LONG_BODY,
    RawHeaders,
    encode_headers,
    join_beats,
    packing_headers,
)

_MOST_HEADS = 256
_LARGEST_HEAD = 4096
"""How many bytes a head may have that is remembered."""

LARGEST_REQUEST = 2 * _LARGEST_HEAD
"""How many bytes a request may have that is put together of pieces."""

_HEAD_ENDS = b"\r\n\r\n"
_ODD_HEADERS = frozenset((b"transfer-encoding", b"upgrade", b"expect"))
"""The headers by which a request, or what becomes of it, does not end with its length."""


class LearnedHead(NamedTuple):
    """What a head says of the request that has it: where its body begins and ends, among others."""

    head_size: int
    size: int
    method: str
    path: str
    query: Pairs
    headers: Pairs

    def make_request(
        self, data: bytes, client: Sequence[Any] | None, server: Sequence[Any] | None
    ) -> Request:
        """Return the request of these bytes, which came from a client to an address of ours."""
        return Request(
            self.method,
            self.path,
            self.query,
            self.headers,
            data[self.head_size :],
            host_of(client),
            host_of(server),
        )


_LEARNED: dict[bytes, LearnedHead] = {}


def find_head(data: bytes) -> LearnedHead | None:
    """Find what is known of a request by its head, where its first bytes have all of it."""
    return _LEARNED.get(data[: data.find(_HEAD_ENDS) + len(_HEAD_ENDS)])


def add_bounded(data: bytes, more: bytes) -> bytes:
    """Return both; none where together they are more than a request that can be remembered."""
    return data + more if len(data) + len(more) <= LARGEST_REQUEST else b""


def learn_head(data: bytes, scope: Mapping[str, Any]) -> None:
    """Remember the head of a request that came alone and whole, as the parser read it."""
    head_size = data.find(_HEAD_ENDS) + len(_HEAD_ENDS)
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    lengths = [value for name, value in headers if name == LENGTH] or [b"0"]
    is_plain = (
        head_size <= _LARGEST_HEAD
        and scope["http_version"] == "1.1"
        and scope["method"] != "HEAD"
        and lengths == [b"%d" % (len(data) - head_size)]
        and not any(name in _ODD_HEADERS for name, _ in headers)
    )
    if not is_plain:
        return
    if len(_LEARNED) >= _MOST_HEADS:
        _LEARNED.clear()
    request = read_request(dict(scope), b"")
    _LEARNED[data[:head_size]] = LearnedHead(
        head_size, len(data), request.method, request.path, request.query, request.headers
    )


def spell_answer(
    request: Request, reply: Reply, default_headers: Sequence[tuple[bytes, bytes]]
) -> bytes | None:
    """Write a whole answer with its head; None where it waits, or is not for us to write."""
    joined = join_beats(reply)
    if joined is None or len(joined.body) > LONG_BODY:
        return None
    packer = packer_for(request, reply)
    try:
        head = _spell_reply_head(
            reply.status, reply.headers, tuple(default_headers), packer is not None
        )
    except TypeError:  # somebody's own handler has lists for pairs
        return None
    if head is None:
        return None
    body = packer.finish(joined.body) if packer else joined.body
    return spell_whole_answer(head, body, says_length=joined.says_length)


@lru_cache(maxsize=64)  # nearly all answers have the same
def _spell_reply_head(
    status: int, headers: Pairs, default_headers: RawHeaders, is_packed: bool
) -> bytes | None:
    raw_headers = encode_headers(headers) + (packing_headers() if is_packed else ())
    return spell_fixed_head(status, default_headers, raw_headers)
