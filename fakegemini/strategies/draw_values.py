"""Draw single values: texts, names, signatures, numbers, and any JSON."""

from __future__ import annotations

import base64
import string
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..protocol.clock import START, format_time
from ..protocol.ids import IdSource

_NAME_CHARACTERS = string.ascii_lowercase + string.digits
_TRICKY_TEXTS = (
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
_MAX_ITEMS = 3


def texts(min_size: int = 0) -> SearchStrategy[str]:
    """Draw texts that JSON and event streams may trip over: any character but lone surrogates."""
    plain_texts = st.text(st.characters(codec="utf-8"), min_size=min_size, max_size=40)
    tricky_texts = st.lists(
        st.sampled_from(_TRICKY_TEXTS) | plain_texts, min_size=1, max_size=_MAX_ITEMS
    ).map("".join)
    return plain_texts | tricky_texts.filter(lambda text: len(text) >= min_size)


def short_names() -> SearchStrategy[str]:
    """Draw short names of lower-case letters and digits."""
    return st.text(_NAME_CHARACTERS, min_size=1, max_size=8)


def base64s() -> SearchStrategy[str]:
    """Draw standard base64 of a few bytes, or of none."""
    return st.binary(max_size=24).map(lambda value: base64.b64encode(value).decode())


def signatures() -> SearchStrategy[str]:
    """Draw signatures of thoughts and calls, in the server's form."""
    return short_names().map(lambda word: IdSource(word).signature())


def urls() -> SearchStrategy[str]:
    """Draw addresses of pages and files that do not exist."""
    return short_names().map(lambda word: f"https://{word}.example/")


def times() -> SearchStrategy[str]:
    """Draw times as the server writes them."""
    return st.integers(0, 10**7).map(lambda seconds: format_time(START + seconds))


def numbers() -> SearchStrategy[float]:
    """Draw numbers that survive any JSON reader: quarters."""
    return st.integers(-(2**20), 2**20).map(lambda count: count / 4)


def counts(minimum: int = 0) -> SearchStrategy[int]:
    """Draw whole numbers, none of them beyond 32 bits."""
    return st.integers(minimum, 2**31 - 1)


def json_values() -> SearchStrategy[Any]:
    """Draw any JSON value, small."""
    scalars = st.none() | st.booleans() | counts() | numbers() | texts()
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=_MAX_ITEMS)
            | st.dictionaries(texts(), inner, max_size=_MAX_ITEMS)
        ),
        max_leaves=4,
    )


def json_objects() -> SearchStrategy[dict[str, Any]]:
    """Draw any JSON object, small."""
    return st.dictionaries(texts(), json_values(), max_size=_MAX_ITEMS)


def json_schemas() -> SearchStrategy[dict[str, Any]]:
    """Draw JSON Schemas of objects, as people declare them for functions and outputs."""
    scalar_schemas = st.sampled_from(("string", "integer", "number", "boolean")).map(_type_schema)
    enum_schemas = st.lists(short_names(), min_size=1, max_size=_MAX_ITEMS, unique=True).map(
        _enum_schema
    )
    member_schemas = st.recursive(
        scalar_schemas | enum_schemas,
        lambda inner: inner.map(_array_schema) | _object_schemas(inner),
        max_leaves=4,
    )
    return _object_schemas(member_schemas)


def _type_schema(name: str) -> dict[str, Any]:
    return {"type": name}


def _enum_schema(names: list[str]) -> dict[str, Any]:
    return {"type": "string", "enum": names}


def _array_schema(item_schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item_schema}


def _object_schemas(
    member_schemas: SearchStrategy[dict[str, Any]],
) -> SearchStrategy[dict[str, Any]]:
    members = st.dictionaries(short_names(), member_schemas, max_size=_MAX_ITEMS)
    return st.tuples(members, st.booleans()).map(
        lambda pair: {
            "type": "object",
            "properties": pair[0],
            **({"required": list(pair[0])} if pair[1] and pair[0] else {}),
        }
    )
