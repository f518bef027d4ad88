"""The leaves: texts, names, signatures, numbers, and JSON that may be anything."""

from __future__ import annotations

import base64
import string
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..protocol.clock import START, stamp
from ..protocol.ids import Mint

_WORD = string.ascii_lowercase + string.digits
_TRICKY = (
    "\n",
    "\r\n\r\n",
    "data: [DONE]\n\n",
    "event: done",
    "\u2028",
    "\ufeff",
    "\x00",
    "</script>&amp;",
    "Ebbe und Flut 🌊",
    "👩‍👩‍👧",
    '"\\',
    "[DONE]",
    "null",
)
_FEW = 3


def texts(min_size: int = 0) -> SearchStrategy[str]:
    """Texts that JSON and event streams may trip over: any character but lone surrogates."""
    plain = st.text(st.characters(codec="utf-8"), min_size=min_size, max_size=40)
    tricky = st.lists(st.sampled_from(_TRICKY) | plain, min_size=1, max_size=_FEW).map("".join)
    return plain | tricky.filter(lambda text: len(text) >= min_size)


def words() -> SearchStrategy[str]:
    """Short names of lower-case letters and digits."""
    return st.text(_WORD, min_size=1, max_size=8)


def base64s(min_size: int = 0) -> SearchStrategy[str]:
    """Standard base64 of some bytes."""
    raw = st.binary(min_size=min_size, max_size=24)
    return raw.map(lambda value: base64.b64encode(value).decode())


def signatures() -> SearchStrategy[str]:
    """Signatures of thoughts and calls, of the form that the server's have."""
    return words().map(lambda word: Mint(word).signature())


def urls() -> SearchStrategy[str]:
    """Addresses of pages and files that do not exist."""
    return words().map(lambda word: f"https://{word}.example/")


def times() -> SearchStrategy[str]:
    """Times as the server writes them."""
    return st.integers(0, 10**7).map(lambda seconds: stamp(START + seconds))


def numbers() -> SearchStrategy[float]:
    """Numbers that survive any JSON reader."""
    return st.integers(-(2**20), 2**20).map(lambda count: count / 4)


def counts(least: int = 0) -> SearchStrategy[int]:
    """Whole numbers, none of them beyond 32 bits."""
    return st.integers(least, 2**31 - 1)


def anything() -> SearchStrategy[Any]:
    """Any JSON value, small."""
    leaves = st.none() | st.booleans() | counts() | numbers() | texts()
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=_FEW) | st.dictionaries(texts(), inner, max_size=_FEW)
        ),
        max_leaves=4,
    )


def objects() -> SearchStrategy[dict[str, Any]]:
    """Any JSON object, small."""
    return st.dictionaries(texts(), anything(), max_size=_FEW)


def json_schemas() -> SearchStrategy[dict[str, Any]]:
    """JSON Schemas of objects as people declare them for functions and outputs."""
    leaf = st.sampled_from(("string", "integer", "number", "boolean")).map(_typed)
    chosen = st.lists(words(), min_size=1, max_size=_FEW, unique=True).map(_chosen)
    member = st.recursive(
        leaf | chosen,
        lambda inner: inner.map(_listed) | _object_schemas(inner),
        max_leaves=4,
    )
    return _object_schemas(member)


def _typed(name: str) -> dict[str, Any]:
    return {"type": name}


def _chosen(names: list[str]) -> dict[str, Any]:
    return {"type": "string", "enum": names}


def _listed(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _object_schemas(member: SearchStrategy[dict[str, Any]]) -> SearchStrategy[dict[str, Any]]:
    members = st.dictionaries(words(), member, max_size=_FEW)
    return st.tuples(members, st.booleans()).map(
        lambda drawn: {
            "type": "object",
            "properties": drawn[0],
            **({"required": list(drawn[0])} if drawn[1] and drawn[0] else {}),
        }
    )
