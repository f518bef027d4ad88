"""The formats of JSON Schema that texts are made for and checked against: one row each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_LAST_DAY = 28  # numbers up to here are days of every month


@dataclass(frozen=True, slots=True)
class Format:
    """How a text of one format is made, checked and found in a prompt.

    `template` takes a number from 1 to 28 and gives a different text for each. `check` returns
    something true for a text that validators accept, and may raise ValueError; without one they
    accept every text. `mention_kind` is the kind of `Mention` that is such a text.
    """

    template: str
    check: Callable[[str], object] | None = None
    mention_kind: str = ""


def _is_date_time(text: str) -> object:
    return re.search(r"^\d{4}-.*[Tt].*([Zz]|[+-]\d\d:\d\d)$", text) and datetime.fromisoformat(
        text.upper()
    )


def _is_date(text: str) -> object:
    return len(text) == 10 and datetime.fromisoformat(text)


def _is_time(text: str) -> object:
    return re.search(r"([Zz]|[+-]\d\d:\d\d)$", text) and datetime.fromisoformat(
        f"2026-01-01T{text.upper()}"
    )


def _matches(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern).fullmatch


_is_email = _matches(r"[^@\s]+@[^@\s]+")
_is_hostname = _matches(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_is_uri = _matches(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")
_is_uuid = _matches(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_is_duration = _matches(r"P(?=.)(\d+[YMWD])*(T(\d+[HMS])+)?")

_ADDRESS = "https://example.com/{}"

FORMATS: dict[str, Format] = {
    "date-time": Format("2026-01-{:02}T09:00:00Z", _is_date_time, "moment"),
    "datetime": Format("2026-01-{:02}T09:00:00Z"),
    "date": Format("2026-01-{:02}", _is_date, "date"),
    "time": Format("09:{:02}:00Z", _is_time),
    "duration": Format("P{}D", _is_duration),
    "email": Format("user{}@example.com", _is_email, "email"),
    "idn-email": Format("user{}@example.com", _is_email),
    "hostname": Format("host{}.example.com", _is_hostname),
    "idn-hostname": Format("host{}.example.com"),
    "ipv4": Format("192.0.2.{}", IPv4Address),
    "ipv6": Format("2001:db8::{}", IPv6Address),
    "uri": Format(_ADDRESS, _is_uri, "url"),
    "url": Format(_ADDRESS, mention_kind="url"),
    "uri-reference": Format(_ADDRESS),
    "iri": Format(_ADDRESS),
    "iri-reference": Format(_ADDRESS),
    "uri-template": Format("https://example.com/{}/{{id}}"),
    "uuid": Format("00000000-0000-4000-8000-{:012}", _is_uuid, "uuid"),
    "json-pointer": Format("/items/{}"),
    "relative-json-pointer": Format("{}/items"),
    "regex": Format("^item{}$"),
    "phone": Format("+1 555 010 00{:02}"),
    "byte": Format("ZmFr{:04}"),
    "color": Format("#0000{:02}"),
}
"""By their names in `format`."""


def make_text(format_name: str, index: int) -> str:
    """Return a text of a format in the table; the first 28 indices give different ones."""
    return FORMATS[format_name].template.format(index % _LAST_DAY + 1)


def has_format(text: str, format_name: object) -> bool:
    """Return whether a text has the format of that name; true for a format that nobody checks."""
    row = FORMATS.get(format_name) if isinstance(format_name, str) else None
    try:
        return row is None or row.check is None or bool(row.check(text))
    except (ValueError, AddressValueError):
        return False
