"""What holds of ids and times: their form, their order, and the clock inside an id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from ...protocol.ids import InteractionId
from ...wire.http import Json
from ...wording import brief_json
from ..findings import Problem
from .recorder_marks import is_blanked_time, is_redacted
from .registry import (
    RECORDED_IDS,
    REPLIES,
    RESOURCE,
    STREAM_END,
    STREAMS,
    InteractionView,
    add_rule,
    problem,
    rule,
)

_TIME_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
_CLOCK_SLACK = 120
"""How many seconds an id's clock and `created` may lie apart. Recorded: at most two."""
_ORDER_SLACK = 2
_API_START = 1764547200
"""2025-12-01 in Unix time: the API came out in that month, so no id and no time is older."""
_SAME_TIME = "the same time, within seconds"

add_rule(
    "id-form",
    "an id is `v1_` and the base64 of root and own half",
    bears_on="ids",
    recorded_elsewhere=RECORDED_IDS,
    evidence=(REPLIES,),
    example='response.body.id: "int_1"; expected v1_ and the base64 of root and own id',
)
add_rule(
    "id-clock",
    "the clock in an id agrees with `created`, within two minutes",
    bears_on="ids beside times",
    recorded_elsewhere=RECORDED_IDS,
    evidence=(REPLIES,),
    example="response.body.id: an id whose clock is -1793004800 s from `created`; expected "
    "the same time, within seconds",
    recordings_only=True,
)
add_rule(
    "id-unstored",
    "there is no id with `store=false`",
    bears_on="answers that are not stored",
    recorded_elsewhere=RECORDED_IDS,
    evidence=(REPLIES, STREAMS),
    example="response.body.id: "
    '"v1_ChdBQlhmYWdBQUFBQUFBQUFBQUFBQUFBQRIXQUJYZmFnQUFBQUFBQUFBQUFBQUFBQUE"; '
    "expected no id with store=false",
)


@rule(
    "time",
    "`created` and `updated` are times in UTC, the second not before the first",
    looks_at=(RESOURCE, STREAM_END),
    weighs=("body.created", "body.updated"),
    bears_on="times",
    recorded_elsewhere=RECORDED_IDS,
    evidence=(REPLIES,),
    example='response.body.created: "yesterday"; expected YYYY-MM-DDThh:mm:ssZ',
)
def check_times(view: InteractionView) -> Iterator[Problem]:
    """Find `created` and `updated` that are no times, or in the wrong order.

    A time that a recorder blanked says nothing.
    """
    body = view.body
    created, updated = body.get("created"), body.get("updated")
    first, last = _parse_second(created), _parse_second(updated)
    if first is None and created is not None:
        yield from _check_form("created", created)
    if last is None and updated is not None:
        yield from _check_form("updated", updated)
    if first is None or last is None or last >= first - _ORDER_SLACK:
        return
    if not is_blanked_time(body["updated"]):
        observed = brief_json(f"{body['updated']}, before `created`")
        yield problem("time", "updated", observed, f"{body['created']} or later")


def _check_form(name: str, value: Any) -> Iterator[Problem]:
    """Find a text that is no time of the live form; that it is a text its schema says."""
    if isinstance(value, str) and not is_redacted(value) and not is_blanked_time(value):
        yield problem("time", name, brief_json(value), "YYYY-MM-DDThh:mm:ssZ")


def check_id(value: str, path: str, body: Json | None = None) -> Iterator[Problem]:
    """Find an id that does not decode, or whose clock disagrees with the times of `body`."""
    if decode_id(value) is None:
        if not is_redacted(value):
            expected = "v1_ and the base64 of root and own id"
            yield problem("id-form", path, brief_json(value), expected)
        return
    created = _parse_second(body.get("created")) if body else None
    clock = _second_of_id(value)
    if not body or created is None or abs(clock - created) <= _CLOCK_SLACK:
        return
    if is_blanked_time(body["created"]):
        return
    updated = _parse_second(body.get("updated"))
    id_agrees_with_updated = updated is not None and abs(clock - updated) <= _CLOCK_SLACK
    if id_agrees_with_updated or created < _API_START <= clock:
        observed = f"{created - clock:+.0f} s from the clock in the id"
        yield problem("id-clock", path.removesuffix("id") + "created", observed, _SAME_TIME)
        return
    observed = f"an id whose clock is {clock - created:+.0f} s from `created`"
    yield problem("id-clock", path, observed, _SAME_TIME)


@lru_cache(maxsize=1024)
def decode_id(value: str) -> InteractionId | None:
    """Return the halves of an id, or None for a text that is no id; cached, as ids come often."""
    return InteractionId.parse(value)


@lru_cache(maxsize=1024)
def _second_of_id(value: str) -> int:
    parsed = decode_id(value)
    return parsed.second if parsed else 0


def _parse_second(value: Any) -> float | None:
    """Return the Unix time of a text in the live form; None for anything else."""
    return _parse_unix_time(value) if isinstance(value, str) else None


@lru_cache(maxsize=256)
def _parse_unix_time(value: str) -> float | None:
    if not _TIME_PATTERN.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return None
