"""Whether a text has a JSON Schema format, as validators check it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_CHECKS: dict[str, Callable[[str], object]] = {
    "date-time": lambda text: (
        re.search(r"^\d{4}-.*[Tt].*([Zz]|[+-]\d\d:\d\d)$", text)
        and datetime.fromisoformat(text.upper())
    ),
    "date": lambda text: len(text) == 10 and datetime.fromisoformat(text),
    "time": lambda text: (
        re.search(r"([Zz]|[+-]\d\d:\d\d)$", text)
        and datetime.fromisoformat(f"2026-01-01T{text.upper()}")
    ),
    "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+", text),
    "idn-email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+", text),
    "hostname": lambda text: re.fullmatch(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*", text),
    "ipv4": IPv4Address,
    "ipv6": IPv6Address,
    "uri": lambda text: re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*", text),
    "uuid": lambda text: re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text),
    "duration": lambda text: re.fullmatch(r"P(?=.)(\d+[YMWD])*(T(\d+[HMS])+)?", text),
}


def has_format(text: str, format_name: object) -> bool:
    """Whether `text` has the format of that name; a format nobody checks is had by every text."""
    check = _CHECKS.get(format_name) if isinstance(format_name, str) else None
    try:
        return check is None or bool(check(text))
    except (ValueError, AddressValueError):
        return False
