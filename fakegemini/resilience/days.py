"""The bad days, one a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from .. import faults
from ..protocol.background import never_ending, running_for
from ..wire.http import Cut
from . import day_faults, judge_asking, judge_history, judge_reading
from .day_server import Stage
from .evidence import Evidence

Prepare: TypeAlias = Callable[[Stage], object]
"""Makes the day what it is; days that share it are one day with several judges."""

Judge: TypeAlias = Callable[[Evidence], str | None]
"""What the client did wrong; None where it did well, or where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Day:
    """A bad day. `done` is what happens to the client, `wants` what a good one does.

    `needs` names the habit of `profile.HABITS` without which the day does not apply. `more` is how
    many requests it grants besides, `ends` whether it is a fault not to come back, `told` whether
    only a text that the run gives back can tell how it went.
    """

    name: str
    done: str
    wants: str
    prepare: Prepare
    judge: Judge
    needs: str = ""
    more: int = 0
    ends: bool = True
    told: bool = False


def _busy(stage: Stage) -> None:
    stage.fake.faults(faults.refuse(503, retry_after_ms=5), on="create")


def _limited(stage: Stage) -> None:
    told = judge_asking.TOLD_SECONDS
    fault = faults.refuse(429, retry_after=round(told), retry_after_ms=told * 1000)
    stage.fake.faults(fault, times=1, on="create")


def _blocked(stage: Stage) -> None:
    stage.fake.faults("content_blocked", on="create")


def _cut(stage: Stage) -> None:
    stage.fake.faults(day_faults.broken_off(stage, Cut()))


def _cut_in_an_event(stage: Stage) -> None:
    stage.fake.faults(day_faults.broken_off(stage, Cut(), half=True))


def _ends_early(stage: Stage) -> None:
    stage.fake.faults(day_faults.broken_off(stage))


def _breaks_down(stage: Stage) -> None:
    stage.fake.faults(day_faults.broken_off(stage, day_faults.ERROR))


def _surprises(stage: Stage) -> None:
    stage.fake.faults(faults.unknown_event())


def _sees_the_future(stage: Stage) -> None:
    stage.retell = day_faults.with_unknown_step
    stage.reread = day_faults.without_unknown_step


def _ends_strangely(stage: Stage) -> None:
    stage.retell = day_faults.with_unknown_status


def _takes_long(stage: Stage) -> None:
    day_faults.takes(stage, running_for(judge_asking.MANY_POLLS))


def _never_ends(stage: Stage) -> None:
    day_faults.takes(stage, never_ending())


def _polls_badly(stage: Stage) -> None:
    day_faults.takes(stage, running_for(4))
    spoiled = {1: faults.refuse(404), 3: faults.refuse(403)}
    stage.fake.faults(day_faults.by_number(spoiled), on="get")


def _calls_twice(stage: Stage) -> None:
    stage.retell = day_faults.asks_twice


def _yields(stage: Stage) -> None:
    stage.retell = day_faults.in_two_hops


def _as_usual(stage: Stage) -> None:
    pass


_polled = partial(Day, needs="polls")
_streamed = partial(Day, needs="streams", told=True)
_ENDLESS = "a background run never ends"

DAYS: tuple[Day, ...] = (
    Day(
        "retry_storm",
        "every create is answered 503",
        f"tries a few times, at most {judge_asking.MOST_TRIES}, then gives up",
        _busy,
        judge_asking.storms,
    ),
    Day(
        "retry_after_ignored",
        f"a create is answered 429 with Retry-After: {judge_asking.TOLD_SECONDS:g}",
        "waits as long as it is told, or gives up",
        _limited,
        judge_asking.hurries,
    ),
    Day(
        "blocked",
        "every create is answered 400 prohibited_content",
        "does not send the same again: it will be blocked again",
        _blocked,
        judge_asking.insists,
    ),
    _streamed(
        "cut_stream",
        "the connection drops in the middle of the text",
        "raises, resumes or asks again; never gives the part for the whole",
        _cut,
        judge_reading.takes_a_part,
    ),
    _streamed(
        "no_terminal",
        "a stream ends in the middle of the text, without interaction.completed",
        "knows that a stream without interaction.completed is not complete",
        _ends_early,
        judge_reading.takes_a_part,
    ),
    _streamed(
        "error_event",
        "an error event ends a stream in the middle of the text",
        "raises or asks again: an error event is no end of a text",
        _breaks_down,
        judge_reading.takes_a_part,
    ),
    _streamed(
        "duplicated_text",
        "the connection drops in the middle of an event, after the first text",
        "resumes behind the last whole event, or drops what it has",
        _cut_in_an_event,
        judge_reading.says_it_twice,
    ),
    Day(
        "unknown_event",
        "streams have an event of a type that nobody knows",
        "ignores it: servers may add types",
        _surprises,
        judge_reading.crashes,
        needs="streams",
    ),
    Day(
        "unknown_step",
        "turns begin with a step of a type that nobody knows",
        "ignores it: servers may add types",
        _sees_the_future,
        judge_reading.crashes,
    ),
    Day(
        "unknown_status",
        f"turns end with the status {day_faults.STATUS}, which nobody knows",
        "stops, and says which status it met",
        _ends_strangely,
        judge_reading.trips_over_a_status,
    ),
    Day(
        "continuation",
        "each turn is told in two answers, the first with status requires_continuation",
        "asks for the rest with the continuation_token, or says that there is more",
        _yields,
        judge_reading.stops_half_way,
        needs="converses",
        more=20,
    ),
    _polled(
        "polling_too_fast",
        f"a background run takes {judge_asking.MANY_POLLS} polls",
        f"sleeps between polls, {judge_asking.LEAST_PAUSE * 1000:g} ms at least in a test",
        _takes_long,
        judge_asking.races,
    ),
    _polled(
        "polling_for_ever",
        _ENDLESS,
        f"gives up some time, before {judge_asking.MOST_POLLS} polls",
        _never_ends,
        judge_asking.polls_for_ever,
        more=judge_asking.MOST_POLLS,
    ),
    _polled(
        "never_cancelled",
        _ENDLESS,
        "cancels or deletes the run that it gives up: it costs until it ends",
        _never_ends,
        judge_asking.walks_away,
        more=judge_asking.MOST_POLLS,
        ends=False,
    ),
    _polled(
        "poll_fails_once",
        "the first poll of a run is answered 404, the third 403, as was observed",
        "polls again, or cancels the run before it gives up",
        _polls_badly,
        judge_asking.loses_the_run,
    ),
    Day(
        "parallel_calls",
        "the model calls two functions in one turn",
        "answers every call, all in one request",
        _calls_twice,
        judge_history.answers_some,
        needs="calls",
    ),
    Day(
        "signature_dropped",
        "nothing: thoughts are signed as always",
        "resends thoughts with what followed them, as they came",
        _as_usual,
        judge_history.drops_signatures,
        needs="resends",
    ),
    Day(
        "signature_edited",
        "nothing: thoughts are signed as always",
        "resends signatures as they came",
        _as_usual,
        judge_history.edits_signatures,
        needs="resends",
    ),
)
