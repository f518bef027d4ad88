"""List what the live server did at another time: a row for each change, with its evidence.

An era is named after the month from which its behaviour was recorded. Code asks the era whether a
row holds; no other place knows a date.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from ..errors import BadScript
from ..wording import did_you_mean

EraName: TypeAlias = Literal["2026-05", "2026-06", "2026-08", "2026-10"]


class Change(NamedTuple):
    """One thing that the server does in some eras and not in others."""

    name: str
    sentence: str
    eras: frozenset[str]
    evidence: str


class Era(NamedTuple):
    """A time of the live server. `start` is its first day as an ISO date, `holds` its changes."""

    name: str
    start: str
    holds: frozenset[str] = frozenset()

    def does(self, change: str) -> bool:
        """Tell whether the change of that name holds; raises `KeyError` for an unknown name."""
        if change not in _CHANGE_NAMES:
            raise KeyError(change)
        return change in self.holds


def _only_in(*eras: str) -> frozenset[str]:
    return frozenset(eras)


MAY, JUNE, AUGUST, OCTOBER = "2026-05", "2026-06", "2026-08", "2026-10"

CHANGES: tuple[Change, ...] = (
    Change(
        "calls are signed",
        "a function_call of a stored interaction repeats the signature of its thought",
        _only_in(OCTOBER),
        "C: recorded 2026-10-05; not there on 2026-05-15 and 2026-08-10",
    ),
    Change(
        "input is shown",
        "a get shows the client's own steps, and `input` with `include_input`",
        _only_in(OCTOBER),
        "C: recorded 2026-10-05; not there on 2026-08-10",
    ),
    Change(
        "history is counted",
        "the input tokens of a chained turn are those of the whole conversation",
        _only_in(AUGUST, OCTOBER),
        "C: recorded 2026-07-07 and later; 2026-05-15 only the turn's own input",
    ),
    Change(
        "prompts are counted raw",
        "`usage` ends in `raw_prompt_token`, but for 2.5 models",
        _only_in(AUGUST, OCTOBER),
        "C: recorded from 2026-08-07 to 2026-10-02",
    ),
    Change(
        "events have usage",
        "the first event of a stream and the last step.stop have `metadata` with `total_usage`",
        _only_in(JUNE),
        "C: recorded 2026-06-11 and 2026-06-15; 2026-06-05 as `usage`, on other events",
    ),
    Change(
        "summaries are interleaved",
        "an empty signature follows each summary of a streamed thought",
        _only_in(JUNE),
        "C: recorded 2026-06-05",
    ),
    Change(
        "search comes last",
        "the search steps of 2.5 models follow the output and are not signed",
        _only_in(MAY),
        "C: recorded 2026-05-15; before the output and signed on 2026-06-11 (3.x)",
    ),
    Change(
        "unstored streams are bare",
        "a stream with `store=false` has no id and no status in its first event, "
        "and no id in the others",
        _only_in(OCTOBER),
        "C: recorded 2026-10 with code execution; empty ids on 2026-05-15 and 2026-08-21",
    ),
)
"""Legacy clients are refused in every era, as since 2026-06-08 (recorded 2026-10-08)."""

_CHANGE_NAMES = frozenset(change.name for change in CHANGES)

ERAS: dict[str, Era] = {
    name: Era(name, start, frozenset(change.name for change in CHANGES if name in change.eras))
    for name, start in (
        (MAY, "2026-05-01"),
        (JUNE, "2026-06-01"),
        (AUGUST, "2026-07-01"),
        (OCTOBER, "2026-10-01"),
    )
}
"""Every era by its name, the oldest first."""

FIRST_DAY = ERAS[MAY].start
"""The first day of the oldest era."""

CURRENT_ERA = ERAS[OCTOBER]
"""The era that the fake follows unless a test chooses another."""


def find_era(name: str | Era) -> Era:
    """Return the era of that name, or the era itself; raises `BadScript` for an unknown name."""
    if isinstance(name, Era):
        return name
    if name not in ERAS:
        hint = did_you_mean(name, ERAS)
        raise BadScript(f"era is one of {', '.join(map(repr, ERAS))}, not {name!r}{hint}")
    return ERAS[name]


def era_on(day: str) -> Era:
    """Return the era of an ISO date or time; the oldest era for what is older."""
    latest = next(iter(ERAS.values()))
    for era in ERAS.values():
        if era.start <= day[:10]:
            latest = era
    return latest
