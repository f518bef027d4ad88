"""The date of an answer is read as the standard library reads it."""

from __future__ import annotations

from email.utils import format_datetime, formatdate, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakegemini.wire.http_date import parse_http_date

SECONDS = st.integers(-(10**9), 10**11)
ODD_DATES = (
    *("Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Mon, 26 Oct 2026 08:53:20"),
    *("Mon, 26 Oct 2026 08:53:20 +0200", "Mon, 26 Oct 2026 08:53:20 -0000", "26 Oct 26 08:53 GMT"),
)
NO_DATES = (
    *("", "yesterday", "Mon, 31 Feb 2026 08:53:20 GMT", "Mon, 26 Oct 2026 24:53:20 GMT"),
    *("Mon, 26 Foo 2026 08:53:20 GMT", "Mon, 00 Oct 2026 08:53:20 GMT"),
)


@given(SECONDS)
def test_dates_as_servers_send_them(second: int) -> None:
    """Of every year, in the one form."""
    text = formatdate(second, usegmt=True)

    assert parse_http_date(text) == parsedate_to_datetime(text)
    assert format_datetime(parse_http_date(text), usegmt=True) == text


@pytest.mark.parametrize("text", ODD_DATES)
def test_dates_in_other_forms(text: str) -> None:
    """Old servers and proxies send them."""
    assert parse_http_date(text) == parsedate_to_datetime(text)


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date(text: str) -> None:
    """As the standard library says, with the same kind of error."""
    with pytest.raises(ValueError, match=r"\S"):
        parse_http_date(text)


@given(st.text(alphabet="MonOct, 0123456789:GT+-", max_size=30))
def test_any_text(text: str) -> None:
    """Both read it, or neither does."""
    try:
        expected = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        expected = None
    try:
        actual = parse_http_date(text)
    except (ValueError, TypeError):
        actual = None
    assert actual == expected
