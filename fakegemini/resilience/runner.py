"""Plays the days: a good one first, then each bad one that applies."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..errors import BadScript, GoodDayFailed, NotResilient
from ..protocol.ask import Ask
from ..protocol.clock import Clock, VirtualClock
from ..protocol.ids import Mint
from ..protocol.request_log import Requests
from ..protocol.turn import Turn
from ..wire.http import Handler
from ..wording import did_you_mean
from .day_server import DayFake, Stage
from .days import DAYS, Day, Prepare
from .evidence import Evidence
from .habits import HABITS
from .run_once import Outcome, perform
from .same_answers import Memory
from .verdicts import BAD, GOOD, IDLE, Verdict, Verdicts

Answer: TypeAlias = Callable[[Ask, Mint], Turn]

_FIRST_BUDGET = 5000
_PER_REQUEST = 12
"""How often a request of the good day may be tried before a bad day ends: more than any storm."""

_SPARE = 40


@dataclass(frozen=True, slots=True)
class House:
    """What a fake lends for its days: its address, its model, and fakes that are like it.

    `give` puts a handler behind the address, None its own; `fresh` makes an empty fake with that
    model and timer, `complaining` one whose complaints are those of the lender.
    """

    give: Callable[[Handler | None], object]
    answer: Answer
    fresh: Callable[[Answer, Clock], DayFake]
    complaining: Callable[[Any], object]
    clock: Clock

    def timer(self) -> float:
        """When a request comes: what passes for real, and what the test's clock is moved by."""
        moved = self.clock() if isinstance(self.clock, VirtualClock) else 0.0
        return time.monotonic() + moved

    def enter(self, stage: Stage) -> None:
        """Give the stage a fake, and put it behind the address."""
        stage.enter(self.fresh(stage.speak, self.timer))
        self.give(stage.handle)


def play(
    run: Callable[[], Any],
    house: House,
    *,
    only: Iterable[str] | None,
    skip: Iterable[str],
    timeout: float,
) -> Verdicts:
    """The verdicts on `run`; raises `NotResilient` where one is bad.

    Raises `GoodDayFailed` where the good day already goes badly, and `BadScript` for a day that is
    not in the catalogue or where nothing is left to play.
    """
    wanted = _chosen(only, skip)
    try:
        verdicts = _played(run, house, wanted, timeout)
    finally:
        house.give(None)
    if not (verdicts.of(GOOD) or verdicts.bad):
        raise BadScript(
            f"none of these days applies to what the run does: {', '.join(map(_why_not, verdicts))}"
        )
    if verdicts.bad:
        raise NotResilient(verdicts)
    return verdicts


def _why_not(verdict: Verdict) -> str:
    return f"{verdict.day} ({verdict.did})"


def _chosen(only: Iterable[str] | None, skip: Iterable[str]) -> list[Day]:
    known = [day.name for day in DAYS]
    named = known if only is None else _names(only)
    left_out = _names(skip)
    for name in (*named, *left_out):
        if name not in known:
            hint = did_you_mean(name, known)
            raise BadScript(f"there is no bad day {name!r} (there are {', '.join(known)}){hint}")
    days = [day for day in DAYS if day.name in named and day.name not in left_out]
    if not days:
        raise BadScript("no bad day is left: only= and skip= take all of them away")
    return days


def _names(names: Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _played(run: Callable[[], Any], house: House, days: list[Day], timeout: float) -> Verdicts:
    memory = Memory()
    value, before = _good_day(run, house, memory, timeout)
    seen: dict[Prepare, Evidence] = {}
    verdicts: list[Verdict] = []
    for day in days:
        why = _idle(day, before, seen)
        if not why and day.prepare not in seen:
            stage = Stage(memory.model(), _SPARE + _PER_REQUEST * len(before) + day.more)
            house.enter(stage)
            day.prepare(stage)
            outcome = perform(run, timeout=timeout, close=stage.close)
            seen[day.prepare] = Evidence(stage, outcome, value, before)
        verdicts.append(
            Verdict(day.name, IDLE, day.done, why, day.wants)
            if why
            else _verdict(day, seen[day.prepare], timeout)
        )
    return Verdicts(verdicts)


def _good_day(
    run: Callable[[], Any], house: House, memory: Memory, timeout: float
) -> tuple[Any, Requests]:
    def answer(ask: Ask, mint: Mint) -> Turn:
        turn = house.answer(ask, mint)
        memory.keep(ask, turn)
        return turn

    stage = Stage(answer, _FIRST_BUDGET)
    house.enter(stage)
    house.complaining(stage.fake)
    outcome = perform(run, timeout=timeout, close=stage.close)
    _went_well(outcome, stage, timeout)
    return outcome.value, stage.fake.requests


def _went_well(outcome: Outcome, stage: Stage, timeout: float) -> None:
    start = "nothing was done to the run yet, and it "
    if outcome.late:
        raise GoodDayFailed(
            f"{start}did not come back within {timeout:g} s: let it sleep less in the test, or let "
            "its sleep move fakegemini.clock, or give assert_resilient() a longer timeout="
        ) from outcome.error
    if outcome.error:
        name = type(outcome.error).__name__
        raise GoodDayFailed(f"{start}raised {name}: {outcome.error}") from outcome.error
    if not stage.fake.requests.creates:
        raise GoodDayFailed(f"{start}created no interaction: does it use fakegemini.url?")


def _idle(day: Day, before: Requests, seen: dict[Prepare, Evidence]) -> str:
    """Why the day is not played, if it is not."""
    if day.needs:
        shows, missing = HABITS[day.needs]
        if not shows(before):
            return missing
    # A run that still goes on would ask in the middle of the next day.
    alive = any(one.outcome.alive for prepare, one in seen.items() if prepare is not day.prepare)
    return "not played: the run of an earlier day still goes on" if alive else ""


def _verdict(day: Day, evidence: Evidence, timeout: float) -> Verdict:
    did = day.judge(evidence)
    if did is None and day.ends and not evidence.ended:
        late = f"did not come back within {timeout:g} s"
        asked = f"sent {evidence.stage.asked} requests and did not stop by itself"
        did = asked if evidence.stage.over else late
    if did:
        return Verdict(day.name, BAD, day.done, did, day.wants)
    if not evidence.stage.asked:
        return Verdict(day.name, IDLE, day.done, "it asked nothing this time", day.wants)
    if day.told and not evidence.tells:
        return Verdict(day.name, IDLE, day.done, f"{evidence}, with no text that tells", day.wants)
    return Verdict(day.name, GOOD, day.done, str(evidence), day.wants)
