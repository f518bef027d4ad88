"""Read how the bytes of an answer are written: what no JSON value of it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

SERVERS_JSON = {"spaces in JSON": "none", "angle brackets in JSON": "escaped"}
"""How the live server writes JSON (recorded), by the names of the facts."""

_LINE_END = re.compile(rb"\r\n|\n|\r")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_SPACED = re.compile(rb"[:,]\s|\s[\]}]|[\[{]\s")
_FIELD = re.compile(rb"(\w*)(: ?)?")
_NAMES = {b"\r\n": "CRLF", b"\n": "LF", b"\r": "CR"}


def read_framing(body: bytes, *, stream: bool) -> dict[str, str]:
    """Return what can be said of a body's form, by the name of each fact.

    A fact that a body is too short to show is left out.
    """
    return dict(_stream_facts(body) if stream else _json_facts(body))


def _stream_facts(body: bytes) -> Iterator[tuple[str, str]]:
    ends = {_NAMES[end] for end in _LINE_END.findall(body)}
    yield "line ends", " and ".join(sorted(ends))
    lines = _LINE_END.sub(b"\n", body).split(b"\n")
    fields = [(name.decode("latin-1"), colon) for name, colon in map(_split_line, lines) if name]
    yield "fields of events", " and ".join(sorted({name for name, _ in fields}))
    yield "colons of fields", " and ".join(sorted({colon.decode() for _, colon in fields}))
    last = [line for line in lines if line][-2:]
    yield "the end of a stream", b" ".join(last).decode("utf-8", "replace")[-40:].strip()
    data = b"".join(line for line in lines if line.startswith(b"data:"))
    yield from _json_facts(data.replace(b"data: ", b"").replace(b"data:", b""))


def _split_line(line: bytes) -> tuple[bytes, bytes]:
    """Return the name of a line's field, and the colon behind it; `:` for a comment."""
    field = _FIELD.match(line)
    assert field is not None
    return field[1] or (b":" if line else b""), field[2] or b""


def _json_facts(body: bytes) -> Iterator[tuple[str, str]]:
    outside = _STRING.sub(b'""', body.strip())
    if len(outside) > 2:
        yield "spaces in JSON", "some" if _SPACED.search(outside) else "none"
    escaped, plain = rb"\u003c" in body or rb"\u003e" in body, b"<" in body or b">" in body
    if escaped or plain:
        yield "angle brackets in JSON", "escaped" if escaped and not plain else "plain"
