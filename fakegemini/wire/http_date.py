"""Read the `Date` of an answer; the form that servers send without a library for letters."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_PLAIN_DATE = re.compile(
    rf"[A-Z][a-z]{{2}}, (\d\d) ({'|'.join(_MONTHS)}) ([12]\d\d\d) (\d\d):(\d\d):(\d\d) GMT"
)


def parse_http_date(text: str) -> datetime:
    """Parse a date of HTTP, in its old forms too; raises `ValueError` for what is none."""
    if not text:
        raise ValueError("there is no date")
    match = _PLAIN_DATE.fullmatch(text)
    if match is None:
        from email.utils import parsedate_to_datetime  # loads sockets and more

        return parsedate_to_datetime(text)
    day, month, year, hour, minute, second = match.groups()
    date = (int(year), _MONTHS.index(month) + 1, int(day))
    return datetime(*date, int(hour), int(minute), int(second), tzinfo=UTC)
