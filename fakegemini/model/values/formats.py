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
    accept every text. `mention_kind` is the kind of `Mention` that is such a text. `pattern` is
    matched by texts of the format alone, though not by all of them.
    """

    template: str
    check: Callable[[str], object] | None = None
    mention_kind: str = ""
    pattern: str = ""


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

_DAY_PATTERN = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
_TIME_PATTERN = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-2]):[0-5]\d)"
_HOST_PATTERN = r"[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?)*"
_EMAIL_PATTERN = rf"^[A-Za-z0-9]+([._+-][A-Za-z0-9]+)*@{_HOST_PATTERN}$"
_URI_PATTERN = (
    rf"^[a-z][a-z0-9+.-]*://{_HOST_PATTERN}(:\d{{1,4}})?(/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*"
)
_URI_PATTERN += r"(\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?(#[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?$"
_BYTE_PATTERN = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4_PATTERN = rf"^{_BYTE_PATTERN}(\.{_BYTE_PATTERN}){{3}}$"
_UUID_PATTERN = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_GROUP = "([0-9a-f]{1,4}:)"
_IPV6_PATTERN = (
    rf"^({_GROUP}{{7}}[0-9a-f]{{1,4}}|{_GROUP}{{1,7}}:|{_GROUP}{{1,5}}:[0-9a-f]{{1,4}})$"
)

_ADDRESS = "https://example.com/{}"

_ANY_ADDRESS = (  # as pydantic spells them
    *("ipvanyaddress", "ipvanyinterface", "ipvanynetwork"),
    *("ipv4interface", "ipv4network"),
)


def _uuid_format(version: int) -> Format:
    return Format(f"00000000-0000-{version}000-8000-{{:012}}", _is_uuid, "uuid")


FORMATS: dict[str, Format] = {
    "date-time": Format(
        "2026-01-{:02}T09:00:00Z",
        _is_date_time,
        "moment",
        pattern=rf"^{_DAY_PATTERN}T{_TIME_PATTERN}$",
    ),
    "datetime": Format("2026-01-{:02}T09:00:00Z"),
    "date": Format("2026-01-{:02}", _is_date, "date", pattern=rf"^{_DAY_PATTERN}$"),
    "time": Format("09:{:02}:00Z", _is_time, pattern=rf"^{_TIME_PATTERN}$"),
    "duration": Format("P{}D", _is_duration, pattern=r"^P(\d+Y)?(\d+M)?(\d+D)$"),
    "email": Format("user{}@example.com", _is_email, "email", pattern=_EMAIL_PATTERN),
    "idn-email": Format("user{}@example.com", _is_email, pattern=_EMAIL_PATTERN),
    "hostname": Format("host{}.example.com", _is_hostname, pattern=f"^{_HOST_PATTERN}$"),
    "idn-hostname": Format("host{}.example.com", pattern=f"^{_HOST_PATTERN}$"),
    "ipv4": Format("192.0.2.{}", IPv4Address, pattern=_IPV4_PATTERN),
    "ipv6": Format("2001:db8::{}", IPv6Address, pattern=_IPV6_PATTERN),
    **{name: Format("192.0.2.{}") for name in _ANY_ADDRESS},
    **{f"ipv6{name}": Format("2001:db8::{}") for name in ("interface", "network")},
    **{f"uuid{version}": _uuid_format(version) for version in range(1, 9)},
    "uri": Format(_ADDRESS, _is_uri, "url", pattern=_URI_PATTERN),
    "url": Format(_ADDRESS, mention_kind="url", pattern=_URI_PATTERN),
    "uri-reference": Format(_ADDRESS, pattern=_URI_PATTERN),
    "iri": Format(_ADDRESS, pattern=_URI_PATTERN),
    "iri-reference": Format(_ADDRESS, pattern=_URI_PATTERN),
    "uri-template": Format("https://example.com/{}/{{id}}", pattern=_URI_PATTERN),
    "uuid": Format("00000000-0000-4000-8000-{:012}", _is_uuid, "uuid", pattern=_UUID_PATTERN),
    "json-pointer": Format("/items/{}", pattern=r"^(/[a-z0-9]+)*$"),
    "relative-json-pointer": Format("{}/items", pattern=r"^(0|[1-9]\d*)(/[a-z0-9]+)*$"),
    "regex": Format("^item{}$", pattern=r"^[a-z0-9]*$"),
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
