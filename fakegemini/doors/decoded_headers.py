"""Decode the headers of requests: nearly all requests of a client share theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..wire.http import IndexedHeaders, Pairs

_MOST_HEADS = 256
_LARGEST_HEAD = 4096
"""How many bytes the headers may have that are remembered."""

_DECODED: dict[tuple[Sequence[bytes], ...], IndexedHeaders] = {}


def read_headers(raw_headers: Iterable[Sequence[bytes]]) -> Pairs:
    """Decode the headers of an ASGI scope."""
    key = tuple(raw_headers)
    try:
        return _DECODED[key]
    except TypeError:  # a server that has lists for pairs
        return _decode(key)
    except KeyError:
        headers = _decode(key)
    if sum(len(name) + len(value) for name, value in key) <= _LARGEST_HEAD:
        if len(_DECODED) >= _MOST_HEADS:
            _DECODED.clear()
        _DECODED[key] = headers
    return headers


def _decode(raw_headers: Iterable[Sequence[bytes]]) -> IndexedHeaders:
    return IndexedHeaders(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in raw_headers
    )
