"""Tell whether HTTP can carry the head of a reply: a server that finds out too late answers 500."""

from __future__ import annotations

import re
from functools import lru_cache

from .http import Pairs

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def find_unsendable(status: object, headers: Pairs) -> str:
    """Say what in a status and its headers HTTP cannot carry; empty where it can carry all."""
    if not isinstance(status, int) or not 200 <= status <= 599:
        return f"the status {status!r} is no final HTTP status, from 200 to 599"
    try:
        return _find_once(headers)
    except TypeError:  # somebody's own handler has lists for pairs
        return _find_unsendable_header(headers)


def _find_unsendable_header(headers: Pairs) -> str:
    for name, value in headers:
        if not _NAME.fullmatch(name):
            return f"{name!r} is no name of an HTTP header"
        if not _VALUE.fullmatch(value):
            return f"the header {name} has a value that HTTP cannot carry: {value!r}"
    return ""


_find_once = lru_cache(maxsize=64)(_find_unsendable_header)  # nearly all answers have the same
