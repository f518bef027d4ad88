"""Play the days: a good one first, then each bad one that applies."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import BadScript, GoodDayFailed, NotResilient
from ..protocol.ask import Ask
from ..protocol.clock import Clock, VirtualClock
from ..protocol.ids import IdSource
from ..protocol.request_log import Requests
from ..protocol.turn import Turn, TurnMaker
from ..wire.http import Handler
from ..wording import did_you_mean
from .day_server import DayFake, DayServer
from .days import DAYS, Day, Prepare
from .evidence import Evidence
from .habits import HABITS
from .run_once import Outcome, perform
from .same_answers import GoodDayTurns
from .verdicts import BAD, GOOD, IDLE, Verdict, Verdicts

_GOOD_DAY_BUDGET = 5000
"""How many requests a good day may send: more than any test does."""

_TRIES_PER_REQUEST = 12
"""How often a request of the good day may be sent before a bad day ends: more than judges allow."""

_SPARE_REQUESTS = 40
"""How many requests a bad day grants besides, so that a short run can go wrong as well."""


class HostState(Protocol):
    """The part of a fake's state that days need: its clock, and who answers in its place."""

    @property
    def clock(self) -> Clock:
        """The time of the test, in Unix seconds."""

    stand_in: Handler | None


class DayFakeMaker(Protocol):
    """Makes an empty fake like the host's."""

    def __call__(self, model: TurnMaker, timer: Clock, shares_complaints: bool, /) -> DayFake:
        """Give it this model and timer, and the complaints of the host where it shares them."""


@dataclass(frozen=True, slots=True)
class DayHost:
    """What a fake lends for its days: its address, its clock, its model, and fakes like it."""

    state: HostState
    model: TurnMaker
    make_fake: DayFakeMaker

    def read_clock(self) -> float:
        """Return the time: real seconds, and those by which the test moved its clock."""
        clock = self.state.clock
        virtual_seconds = clock() if isinstance(clock, VirtualClock) else 0.0
        return time.monotonic() + virtual_seconds

    def start_day(self, server: DayServer, *, shares_complaints: bool = False) -> None:
        """Give the server an empty fake, and put it behind the address."""
        server.fake = self.make_fake(server.make_turn, self.read_clock, shares_complaints)
        self.state.stand_in = server.handle


def play(
    run: Callable[[], Any],
    host: DayHost,
    *,
    only: Iterable[str] | None,
    skip: Iterable[str],
    timeout: float,
) -> Verdicts:
    """Play `run` on the days and return the verdicts; raises `NotResilient` where one is bad.

    `only` and `skip` are names of days, `timeout` the seconds that one run may take. Raises
    `GoodDayFailed` where the good day already goes badly, and `BadScript` for a name that is no
    day's or where no day can be played.
    """
    days = _choose_days(only, skip)
    try:
        verdicts = _play_days(run, host, days, timeout)
    finally:
        host.state.stand_in = None
    if not (verdicts.of(GOOD) or verdicts.bad):
        raise BadScript(
            "none of these days applies to what the run does: "
            f"{', '.join(map(_describe_idle, verdicts))}"
        )
    if verdicts.bad:
        raise NotResilient(verdicts)
    return verdicts


def _describe_idle(verdict: Verdict) -> str:
    return f"{verdict.day} ({verdict.client_did})"


def _choose_days(only: Iterable[str] | None, skip: Iterable[str]) -> list[Day]:
    """Return the days to play; raises `BadScript` for a name that is no day's, or for none left."""
    day_names = [day.name for day in DAYS]
    wanted_names = day_names if only is None else _list_names(only)
    skipped_names = _list_names(skip)
    for name in (*wanted_names, *skipped_names):
        if name not in day_names:
            hint = did_you_mean(name, day_names)
            raise BadScript(
                f"there is no bad day {name!r} (there are {', '.join(day_names)}){hint}"
            )
    days = [day for day in DAYS if day.name in wanted_names and day.name not in skipped_names]
    if not days:
        raise BadScript("no bad day is left: only= and skip= take all of them away")
    return days


def _list_names(names: Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _play_days(run: Callable[[], Any], host: DayHost, days: list[Day], timeout: float) -> Verdicts:
    """Play the good day, then each of these days once for all that share its `prepare`."""
    good_turns = GoodDayTurns()
    good_value, good_requests = _play_good_day(run, host, good_turns, timeout)
    evidence_by_prepare: dict[Prepare, Evidence] = {}
    verdicts: list[Verdict] = []
    for day in days:
        reason = _reason_not_played(day, good_requests, evidence_by_prepare)
        if not reason and day.prepare not in evidence_by_prepare:
            server = DayServer(
                good_turns.make_model(),
                _SPARE_REQUESTS + _TRIES_PER_REQUEST * len(good_requests) + day.extra_requests,
            )
            host.start_day(server)
            day.prepare(server)
            outcome = perform(run, timeout=timeout, close=server.close)
            evidence_by_prepare[day.prepare] = Evidence(server, outcome, good_value, good_requests)
        verdicts.append(
            _verdict_on(day, IDLE, reason)
            if reason
            else _judge_day(day, evidence_by_prepare[day.prepare], timeout)
        )
    return Verdicts(verdicts)


def _play_good_day(
    run: Callable[[], Any], host: DayHost, good_turns: GoodDayTurns, timeout: float
) -> tuple[Any, Requests]:
    """Return what the run returned and what it asked; `good_turns` gets what the model said."""

    def make_turn(ask: Ask, ids: IdSource) -> Turn:
        turn = host.model(ask, ids)
        good_turns.add(ask, turn)
        return turn

    server = DayServer(make_turn, _GOOD_DAY_BUDGET)
    host.start_day(server, shares_complaints=True)
    outcome = perform(run, timeout=timeout, close=server.close)
    _check_good_day(outcome, server, timeout)
    return outcome.value, server.fake.requests


def _check_good_day(outcome: Outcome, server: DayServer, timeout: float) -> None:
    """Raise `GoodDayFailed` where the run was late, raised, or created nothing."""
    start = "nothing was done to the run yet, and it "
    if outcome.late:
        raise GoodDayFailed(
            f"{start}did not come back within {timeout:g} s: let it sleep less in the test, or let "
            "its sleep move fakegemini.clock, or give assert_resilient() a longer timeout="
        ) from outcome.error
    if outcome.error:
        name = type(outcome.error).__name__
        raise GoodDayFailed(f"{start}raised {name}: {outcome.error}") from outcome.error
    if not server.fake.requests.creates:
        raise GoodDayFailed(f"{start}created no interaction: does it use fakegemini.url?")


def _reason_not_played(
    day: Day, good_requests: Requests, evidence_by_prepare: dict[Prepare, Evidence]
) -> str:
    """Return why the day is not played; empty where it is."""
    if day.needs_habit:
        has_habit, missing_text = HABITS[day.needs_habit]
        if not has_habit(good_requests):
            return missing_text
    # The requests of a run that still goes on would come in the middle of the next day.
    still_running = any(
        evidence.outcome.alive
        for prepare, evidence in evidence_by_prepare.items()
        if prepare is not day.prepare
    )
    return "not played: the run of an earlier day still goes on" if still_running else ""


def _judge_day(day: Day, evidence: Evidence, timeout: float) -> Verdict:
    """Judge a day that was played: bad only where the evidence is clear."""
    client_did = day.judge(evidence)
    if client_did is None and day.must_end and not evidence.came_back:
        late_text = f"did not come back within {timeout:g} s"
        budget_text = f"sent {evidence.server.request_count} requests and did not stop by itself"
        client_did = budget_text if evidence.server.budget_spent else late_text
    if client_did:
        return _verdict_on(day, BAD, client_did)
    if not evidence.server.request_count:
        return _verdict_on(day, IDLE, "it asked nothing this time")
    if day.needs_text and not evidence.shows_text:
        return _verdict_on(day, IDLE, f"{evidence}, with no text that tells")
    return _verdict_on(day, GOOD, str(evidence))


def _verdict_on(day: Day, verdict: str, client_did: str) -> Verdict:
    return Verdict(day.name, verdict, day.happens, client_did, day.good_client_does)
