"""Draw how the bytes of an answer arrive: in pieces, wherever the network cuts them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


def chunkings(data: bytes) -> SearchStrategy[list[bytes]]:
    """Draw lists of chunks, none of them empty, that join to `data`; the simplest is one piece."""
    size = len(data)
    if size < 2:
        return st.just([data] if data else []).map(list)
    random_cuts = st.sets(st.integers(1, size - 1))
    even_cuts = st.integers(1, size - 1).map(
        lambda shortfall: set(range(size - shortfall, size, size - shortfall))
    )
    return (random_cuts | even_cuts).map(lambda cuts: _split_bytes(data, cuts))


def _split_bytes(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = [0, *sorted(cuts), len(data)]
    return [data[begin:end] for begin, end in pairwise(places)]
