"""How the bytes of an answer come: in pieces, wherever the network cut them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


def chunkings(data: bytes) -> SearchStrategy[list[bytes]]:
    """Lists of chunks, none of them empty, that join to `data`; the simplest is one piece."""
    size = len(data)
    if size < 2:
        return st.just([data] if data else []).map(list)
    anywhere = st.sets(st.integers(1, size - 1))
    even = st.integers(1, size - 1).map(lambda less: set(range(size - less, size, size - less)))
    return (anywhere | even).map(lambda cuts: _cut(data, cuts))


def _cut(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = [0, *sorted(cuts), len(data)]
    return [data[begin:end] for begin, end in pairwise(places)]
