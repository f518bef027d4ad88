"""Find where the secrets stand in a header and in an address that are known by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from .patterns import is_placeholder
from .policy import ScrubRules

_COOKIE = re.compile(r"(?:^|[;,]\s*)[^=;,\s]+=([^;,]*)")
_FIRST_COOKIE = re.compile(r"(?:^|,\s*)[^=;,\s]+=([^;,]*)")
_QUERY_PARAMETER = re.compile(r"[?&]([^=&#]+)=([^&#]*)")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z-]*)\s+(?=\S)")


def header_spans(rules: ScrubRules, name: str, value: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the secrets in a header: all behind its scheme, or each cookie."""
    if not rules.is_secret_name(name) or is_placeholder(value):
        return
    if name.lower() in ("cookie", "set-cookie"):
        pattern = _COOKIE if name.lower() == "cookie" else _FIRST_COOKIE
        spans = [match.span(1) for match in pattern.finditer(value)]
    else:
        scheme = _SCHEME.match(value)
        spans = [(scheme.end() if scheme else 0, len(value))]
    yield from (span for span in spans if not is_placeholder(value[slice(*span)]))


def uri_spans(rules: ScrubRules, uri: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the query parameters of an address that are secrets by name."""
    for match in _QUERY_PARAMETER.finditer(uri):
        secret = rules.is_secret_name(unquote_plus(match[1]), query=True)
        if secret and not is_placeholder(unquote_plus(match[2])):
            yield match.span(2)
