"""Read and write JSON as the live server does: compact, UTF-8, no member twice.

It writes `<`, `>` and `&` as `\\u003c` and so on: recorded for `>` (a 400 of 2026-10-08); the
other two follow from the same serialiser.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from ..errors import DuplicateKey
from ..wording import spell_json

_SPACE = " \t\r\n"
_ESCAPES = tuple((char, f"\\u{ord(char):04x}") for char in "<>&")


def dump_json(payload: Any) -> str:
    """Write `payload` as the live server does: compact, with `<`, `>` and `&` escaped."""
    text = compact_json(payload)
    for char, escape in _ESCAPES:  # the three occur inside strings only
        if char in text:
            text = text.replace(char, escape)
    return text


def compact_json(payload: Any) -> str:
    """Write JSON without spaces, as inside a text of the model: its arguments, its output.

    Characters stay as they are, but for lone surrogates, with which it could not be sent.
    """
    return spell_json(payload, compact=True)


def parse_json(body: bytes | str) -> Any:
    """Parse JSON text; raises ValueError, and `DuplicateKey` where an object has a member twice."""
    text = body if isinstance(body, str) else body.decode("utf-8")
    try:
        if text[:1] in ("{", "["):  # no space before it, and mostly a line break behind it
            value, end = _scan_value(text, 0)
            if end == len(text) or not text[end:].strip(_SPACE):
                return value
        return _DECODER.decode(text)
    except StopIteration:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply to be read") from None


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise DuplicateKey(next(name for name, count in counts.items() if count > 1))
    return members


def refuse_constant(name: str) -> Any:
    """Raise ValueError for NaN and Infinity: Python reads them, but they are not JSON."""
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique_members, parse_constant=refuse_constant)


_scan_value: Callable[[str, int], tuple[Any, int]] = vars(_DECODER)["scan_once"]
