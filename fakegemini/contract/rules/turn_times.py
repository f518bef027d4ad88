"""What holds of the times of a whole turn: against each other, and against the `Date` header."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from ...protocol.status import Status, is_running
from ...wire.http_date import parse_http_date
from ...wire.json_paths import join_path
from ...wording import brief_json
from ..findings import Kind, Problem
from .one_interaction import STATUSES
from .recorder_marks import is_blanked_time
from .registry import RECORDED_IDS, TURN, Evidence, TurnView, problem, rule

_SLACK = 2
"""Seconds that clocks of two machines may lie apart."""
_LONGEST_TURN = 3600
"""Seconds that no foreground turn takes: its request is closed after a minute (documented)."""
_SAME_TIMES = Evidence("C", "106 of 106 recorded replies", "2026-05 to 2026-10")
_NO_FRACTIONS = Evidence("C", "107 of 107 recorded replies", "2026-05 to 2026-10")
_DATES = Evidence("C", "21 of 21 recorded replies", "2026-08 to 2026-10")


@rule(
    "updated-foreground",
    "`updated` is `created` in the answer to a foreground create",
    looks_at=(TURN,),
    weighs=("body.created",),
    bears_on="times",
    recorded_elsewhere=RECORDED_IDS,
    otherwise=f"drift within {_SLACK} seconds",
    evidence=(_SAME_TIMES,),
    example='response.body.updated: "2026-10-26T08:53:40Z"; expected "2026-10-26T08:53:20Z", as '
    "`created`",
    recordings_only=True,
)
def check_updated(view: TurnView) -> Iterator[Problem]:
    """Find a later `updated` of a turn that ended with its request."""
    created, updated = view.body.get("created"), view.body.get("updated")
    first, last = _parse(created), _parse(updated)
    if not view.request or view.request.get("background") or first is None or last is None:
        return
    status = view.body.get("status")
    if last <= first or status not in STATUSES or is_running(Status(status)):
        return
    kind = Kind.DRIFT if (last - first).total_seconds() <= _SLACK else Kind.VIOLATION
    path = join_path(view.body_path, "updated")
    yield problem(
        "updated-foreground",
        path,
        brief_json(updated),
        f"{brief_json(created)}, as `created`",
        kind=kind,
    )


@rule(
    "time-fraction",
    "times are whole seconds",
    looks_at=(TURN,),
    weighs=("body.created", "body.updated"),
    kind=Kind.DRIFT,
    bears_on="times",
    evidence=(_NO_FRACTIONS,),
    example='response.body.created: "2026-10-26T08:53:20.5Z"; expected no fraction of a second',
)
def check_fractions(view: TurnView) -> Iterator[Problem]:
    """Find times with a fraction of a second."""
    for member in ("created", "updated"):
        value = view.body.get(member)
        if isinstance(value, str) and "." in value and _parse(value):
            path = join_path(view.body_path, member)
            yield problem("time-fraction", path, brief_json(value), "no fraction of a second")


@rule(
    "created-date",
    "`created` is not later than the `Date` header",
    looks_at=(TURN,),
    weighs=("body.created",),
    bears_on="times beside a Date header",
    recorded_elsewhere=RECORDED_IDS,
    otherwise="drift for streams, which are dated at their first byte",
    evidence=(_DATES,),
    example='response.body.created: "2026-10-26T08:53:20Z"; expected no later than '
    '"Mon, 26 Oct 2026 08:50:00 GMT", the Date header',
    recordings_only=True,
)
def check_date(view: TurnView) -> Iterator[Problem]:
    """Find a `created` that the clock of the answer contradicts."""
    header = view.exchange.response_headers.get("date", "")
    created, answered = _parse(view.body.get("created")), _parse_header(header)
    if created is None or answered is None:
        return
    seconds_later = (created - answered).total_seconds()
    is_stream = view.exchange.is_stream
    path, observed = join_path(view.body_path, "created"), brief_json(view.body["created"])
    if seconds_later > (_LONGEST_TURN if is_stream else _SLACK):
        kind = Kind.DRIFT if is_stream else Kind.VIOLATION
        expected = f"no later than {brief_json(header)}, the Date header"
        yield problem("created-date", path, observed, expected, kind=kind)


def _parse(value: Any) -> datetime | None:
    """Parse a time of the server; None for what is no time, and for what a recorder blanked."""
    return _parse_text(value) if isinstance(value, str) else None


@lru_cache(maxsize=256)
def _parse_text(value: str) -> datetime | None:
    if is_blanked_time(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@lru_cache(maxsize=256)
def _parse_header(text: str) -> datetime | None:
    try:
        moment = parse_http_date(text)
    except ValueError:
        return None
    is_blanked = moment.year < _FIRST_YEAR or not (moment.hour or moment.minute or moment.second)
    return moment if moment.tzinfo and not is_blanked else None


_FIRST_YEAR = 2025
"""An older `Date`, and one of midnight, was put there by a recorder."""
