"""List the bad days: a row says what is done, who judges it, and where it applies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from .. import faults
from ..protocol.background import never_ending, running_for
from ..wire.http import Cut
from . import day_faults, judge_asking, judge_history, judge_reading
from .day_server import DayServer
from .evidence import Evidence

Prepare: TypeAlias = Callable[[DayServer], object]
"""Does to a server what makes the day bad; days that share it are played once and judged each."""

Judge: TypeAlias = Callable[[Evidence], str | None]
"""Says what the client did wrong; None where it did well, or where that cannot be known."""


@dataclass(frozen=True, slots=True)
class Day:
    """A bad day. `happens` is what happens to the client, `good_client_does` what a good one does.

    `needs_habit` names the row of `habits.HABITS` without which the day does not apply;
    `extra_requests` is how many more requests the day grants; with `must_end` a run that does not
    come back is bad; with `needs_text` the day can only be judged by a text that the run returns.
    """

    name: str
    happens: str
    good_client_does: str
    prepare: Prepare
    judge: Judge
    needs_habit: str = ""
    extra_requests: int = 0
    must_end: bool = True
    needs_text: bool = False


def _prepare_busy_server(server: DayServer) -> None:
    server.fake.faults(faults.refuse(503, retry_after_ms=5), on="create")


def _prepare_rate_limit(server: DayServer) -> None:
    seconds = judge_asking.RETRY_AFTER_SECONDS
    fault = faults.refuse(429, retry_after=round(seconds), retry_after_ms=seconds * 1000)
    server.fake.faults(fault, times=1, on="create")


def _prepare_blocked_prompt(server: DayServer) -> None:
    server.fake.faults("content_blocked", on="create")


def _prepare_cut_stream(server: DayServer) -> None:
    server.fake.faults(day_faults.break_stream(server, Cut()))


def _prepare_cut_in_event(server: DayServer) -> None:
    server.fake.faults(day_faults.break_stream(server, Cut(), half_event=True))


def _prepare_early_end(server: DayServer) -> None:
    server.fake.faults(day_faults.break_stream(server))


def _prepare_error_event(server: DayServer) -> None:
    server.fake.faults(day_faults.break_stream(server, day_faults.ERROR_EVENT))


def _prepare_unknown_event(server: DayServer) -> None:
    server.fake.faults(faults.unknown_event())


def _prepare_unknown_step(server: DayServer) -> None:
    server.change_turn = day_faults.add_unknown_step
    server.change_request = day_faults.drop_unknown_step


def _prepare_unknown_status(server: DayServer) -> None:
    server.change_turn = day_faults.set_unknown_status


def _prepare_long_run(server: DayServer) -> None:
    day_faults.set_course(server, running_for(judge_asking.LONG_RUN_POLLS))


def _prepare_endless_run(server: DayServer) -> None:
    day_faults.set_course(server, never_ending())


def _prepare_failing_polls(server: DayServer) -> None:
    day_faults.set_course(server, running_for(4))
    faults_by_poll = {1: faults.refuse(404), 3: faults.refuse(403)}
    server.fake.faults(day_faults.fault_by_number(faults_by_poll), on="get")


def _prepare_parallel_calls(server: DayServer) -> None:
    server.change_turn = day_faults.double_call


def _prepare_continuation(server: DayServer) -> None:
    server.change_turn = day_faults.split_in_two_hops


def _prepare_nothing(server: DayServer) -> None:
    pass


_polling_day = partial(Day, needs_habit="polls")
_streaming_day = partial(Day, needs_habit="streams", needs_text=True)
_ENDLESS_RUN = "a background run never ends"

DayName: TypeAlias = Literal[
    "retry_storm",
    "retry_after_ignored",
    "blocked",
    "cut_stream",
    "no_terminal",
    "error_event",
    "duplicated_text",
    "unknown_event",
    "unknown_step",
    "unknown_status",
    "continuation",
    "polling_too_fast",
    "polling_for_ever",
    "never_cancelled",
    "poll_fails_once",
    "parallel_calls",
    "signature_dropped",
    "signature_edited",
]

DAYS: tuple[Day, ...] = (
    Day(
        "retry_storm",
        "every create is answered 503",
        f"tries a few times, at most {judge_asking.MAX_TRIES}, then gives up",
        _prepare_busy_server,
        judge_asking.judge_retry_count,
    ),
    Day(
        "retry_after_ignored",
        f"a create is answered 429 with Retry-After: {judge_asking.RETRY_AFTER_SECONDS:g}",
        "waits as long as it is told, or gives up",
        _prepare_rate_limit,
        judge_asking.judge_retry_after,
    ),
    Day(
        "blocked",
        "every create is answered 400 prohibited_content",
        "does not send the same again: it will be blocked again",
        _prepare_blocked_prompt,
        judge_asking.judge_blocked_request,
    ),
    _streaming_day(
        "cut_stream",
        "the connection drops in the middle of the text",
        "raises, resumes or asks again; never gives the part for the whole",
        _prepare_cut_stream,
        judge_reading.judge_shortened_text,
    ),
    _streaming_day(
        "no_terminal",
        "a stream ends in the middle of the text, without interaction.completed",
        "knows that a stream without interaction.completed is not complete",
        _prepare_early_end,
        judge_reading.judge_shortened_text,
    ),
    _streaming_day(
        "error_event",
        "an error event ends a stream in the middle of the text",
        "raises or asks again: an error event is no end of a text",
        _prepare_error_event,
        judge_reading.judge_shortened_text,
    ),
    _streaming_day(
        "duplicated_text",
        "the connection drops in the middle of an event, after the first text",
        "resumes behind the last whole event, or drops what it has",
        _prepare_cut_in_event,
        judge_reading.judge_doubled_text,
    ),
    Day(
        "unknown_event",
        "streams have an event of a type that nobody knows",
        "ignores it: servers may add types",
        _prepare_unknown_event,
        judge_reading.judge_crash,
        needs_habit="streams",
    ),
    Day(
        "unknown_step",
        "turns begin with a step of a type that nobody knows",
        "ignores it: servers may add types",
        _prepare_unknown_step,
        judge_reading.judge_crash,
    ),
    Day(
        "unknown_status",
        f"turns end with the status {day_faults.UNKNOWN_STATUS}, which nobody knows",
        "stops, and says which status it met",
        _prepare_unknown_status,
        judge_reading.judge_unknown_status,
    ),
    Day(
        "continuation",
        "each turn comes in two answers, the first with status requires_continuation",
        "asks for the rest with the continuation_token, or says that there is more",
        _prepare_continuation,
        judge_reading.judge_continuation,
        needs_habit="converses",
        extra_requests=20,
    ),
    _polling_day(
        "polling_too_fast",
        f"a background run takes {judge_asking.LONG_RUN_POLLS} polls",
        f"sleeps between polls, {judge_asking.MIN_POLL_PAUSE * 1000:g} ms at least in a test",
        _prepare_long_run,
        judge_asking.judge_poll_pauses,
    ),
    _polling_day(
        "polling_for_ever",
        _ENDLESS_RUN,
        f"gives up some time, before {judge_asking.MAX_POLLS} polls",
        _prepare_endless_run,
        judge_asking.judge_poll_count,
        extra_requests=judge_asking.MAX_POLLS,
    ),
    _polling_day(
        "never_cancelled",
        _ENDLESS_RUN,
        "cancels or deletes the run that it gives up: it costs until it ends",
        _prepare_endless_run,
        judge_asking.judge_abandoned_runs,
        extra_requests=judge_asking.MAX_POLLS,
        must_end=False,
    ),
    _polling_day(
        "poll_fails_once",
        "the first poll of a run is answered 404, the third 403, as was observed",
        "polls again, or cancels the run before it gives up",
        _prepare_failing_polls,
        judge_asking.judge_failed_polls,
    ),
    Day(
        "parallel_calls",
        "the model calls two functions in one turn",
        "answers every call, all in one request",
        _prepare_parallel_calls,
        judge_history.judge_call_results,
        needs_habit="calls",
    ),
    Day(
        "signature_dropped",
        "nothing: thoughts are signed as always",
        "resends thoughts with what followed them, as they came",
        _prepare_nothing,
        judge_history.judge_missing_signatures,
        needs_habit="resends",
    ),
    Day(
        "signature_edited",
        "nothing: thoughts are signed as always",
        "resends signatures as they came",
        _prepare_nothing,
        judge_history.judge_edited_signatures,
        needs_habit="resends",
    ),
)
