"""Resume, everywhere it is offered: what was seen plus what comes is the stream, to everyone."""

from __future__ import annotations

import base64
import http.client
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakegemini import Fake, call, faults, say, think
from fakegemini.protocol.background import running_for
from fakegemini.protocol.ids import make_event_id
from fakegemini.strategies import turns
from fakegemini.wire.http import Json
from fakegemini.wire.sse import Decoder
from tests import every_medium, every_tool
from tests.every_type import STEPS
from tests.http.door import AGENT, Door

Plug = Callable[..., Door]

TEXT = "Tides follow the moon 🌊, and a little the sun."
RICH = (think("Weighing moon and sun."), say(TEXT), call("tide", at="Dover"))


@dataclass(frozen=True)
class Sort:
    """A sort of stream: what is scripted, what is asked, and of what fake."""

    steps: tuple[Any, ...] = ()
    told: Json = field(default_factory=dict)
    asked: Json = field(default_factory=dict)
    options: Json = field(default_factory=dict)
    version: str = "v1"


RUN = {"background": True}
SORTS: dict[str, Sort] = {
    "foreground": Sort(RICH),
    "foreground stream": Sort(RICH, asked={"stream": True}),
    "unscripted": Sort(asked=RUN),
    "background": Sort(RICH, asked=RUN),
    "background stream": Sort(RICH, asked={**RUN, "stream": True}),
    "queued": Sort(RICH, {"background": running_for(1, queued=1)}, RUN),
    "agent": Sort(RICH, asked={**RUN, "agent": AGENT}),
    "failed": Sort(RICH[:2], {"status": "failed", "errors": [{"message": "x"}]}, RUN),
    "failed at once": Sort((), {"status": "failed", "errors": [{"message": "x"}]}, RUN),
    "incomplete": Sort(RICH[:2], {"status": "incomplete"}, RUN),
    "cancelled by itself": Sort(RICH[:2], {"status": "cancelled"}, RUN),
    "of no known status": Sort(RICH[:2], {"status": "marinating"}, RUN),
    "a hop": Sort((say("one two "), say("three "), say("four")), {"hops": 2}),
    "June": Sort(RICH[:2], asked=RUN, options={"era": "2026-06"}),
    **{name: Sort((step,), asked=RUN) for name, step in STEPS.items()},
    **{
        name: Sort(asked=asked, version=every_tool.version(name))
        for name, asked in every_tool.ASKS.items()
    },
    **{name: Sort(asked=asked) for name, asked in every_medium.ASKS.items()},
}
"""By name. A type, tool or medium that is new is a case here by itself."""


def made(door: Door, asked: Json) -> str:
    """The id of what is created, whichever way it is answered."""
    answer = door.create(**{"given": asked.get("input", "Tides?"), **asked})
    head = answer.events[0]["interaction"] if asked.get("stream") else answer.json
    return str(head["id"])


@pytest.mark.parametrize("sort", SORTS.values(), ids=SORTS)
def test_every_cut_of_every_stream(plug: Plug, sort: Sort) -> None:
    """The rest, with the same ids; behind the end nothing but `[DONE]`."""
    fake = Fake(**sort.options)
    door = Door(plug(fake.handle).url, sort.version)
    if sort.steps or sort.told:
        fake.replies(*sort.steps, **sort.told)
    identifier = made(door, sort.asked)

    whole = door.get(identifier, stream="true").events

    assert len({event["event_id"] for event in whole}) == len(whole) > 2
    for position, event in enumerate(whole):
        rest = door.get(identifier, stream="true", last_event_id=event["event_id"])
        assert rest.done
        assert whole[: position + 1] + rest.events == whole


def lost(door: Door, identifier: str, events: list[Json]) -> tuple[list[Json], bool]:
    """What comes after these events until the connection breaks, and whether it broke."""
    last = {"last_event_id": events[-1]["event_id"]} if events else {}
    with door.follow(identifier, **last) as live:
        try:
            return live.rest().events, False
        except http.client.IncompleteRead as cut:
            frames = Decoder().feed(cut.partial)
            return [frame.json() for frame in frames if not frame.is_done], True


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=turns(ids=False, max_size=3),
    cuts=st.lists(st.integers(1, 6), max_size=5),
    cancels=st.integers(0, 6),
)
def test_a_client_that_loses_its_stream_again_and_again(
    plug: Plug, steps: list[Json], cuts: list[int], cancels: int
) -> None:
    """It has each event once, as whoever comes later; also where somebody cancelled meanwhile."""
    fake = Fake()
    fake.watch()
    door = plug(fake.handle)
    fake.replies(*steps, background=running_for(1, seconds=100.0))
    identifier = door.create(background=True).json["id"]
    events: list[Json] = []
    for number, cut in enumerate(cuts):
        if number == cancels:
            door.cancel(identifier)
        fake.faults(faults.cut_after(cut), times=1, on="get")
        seen, broken = lost(door, identifier, events)
        events += seen
        fake.clear_faults()
        if not broken:
            break
    events += lost(door, identifier, events)[0]

    assert events == door.get(identifier, stream="true").events
    assert len({event["event_id"] for event in events}) == len(events)
    started = [event["index"] for event in events if event["event_type"] == "step.start"]
    assert started == [event["index"] for event in events if event["event_type"] == "step.stop"]
    assert events[-1]["event_type"] == "interaction.completed"
    fake.allow("refused")
    fake.check()


@pytest.mark.parametrize("seen", range(1, 9))
def test_a_cancelled_run_has_one_stream(fake: Fake, door: Door, seen: int) -> None:
    """Whoever asks later is told what was told before the cancel: one end, and the same ids."""
    fake.replies(*RICH, background=running_for(1, seconds=100.0))
    identifier = door.create(background=True).json["id"]
    fake.faults(faults.cut_after(seen), times=1, on="get")
    events, _ = lost(door, identifier, [])
    assert len(events) == seen
    assert door.cancel(identifier).status == 200

    whole = door.get(identifier, stream="true").events

    assert whole[:seen] == events
    assert whole[-1]["interaction"]["status"] == "cancelled"
    for position, event in enumerate(whole):
        rest = door.get(identifier, stream="true", last_event_id=event["event_id"]).events
        assert whole[: position + 1] + rest == whole


def told_ids(events: list[Json], identifier: str) -> list[str]:
    """The ids of such events in the stream of that interaction: the form is the one seen."""
    ids = [
        make_event_id(number, event["event_type"], identifier)
        for number, event in enumerate(events)
    ]
    for number, (event, event_id) in enumerate(zip(events, ids, strict=True)):
        text = base64.urlsafe_b64decode(event_id.removeprefix("v1_") + "==").decode()
        assert re.fullmatch(rf"{number}_{event['event_type']}_\d+", text)
    return ids


def test_an_event_that_nobody_was_told_is_unknown(fake: Fake, door: Door) -> None:
    """Neither one of a running run that is still to come, nor one that a cancel prevented."""
    fake.replies(*RICH, times=2, background=running_for(1, seconds=100.0))
    whole = door.create(background=True, stream=True).events
    identifier = door.create("Again?", background=True).json["id"]
    fake.faults(faults.cut_after(4), times=1, on="get")
    events, _ = lost(door, identifier, [])
    assert [event["event_id"] for event in events] == told_ids(whole[:4], identifier)
    to_come = told_ids(whole, identifier)[5:]

    def statuses(after: list[str]) -> set[int]:
        asked = (door.get(identifier, stream="true", last_event_id=one) for one in after)
        return {answer.status for answer in asked}

    assert statuses(to_come) == {404}
    door.cancel(identifier)
    told = door.get(identifier, stream="true").events
    ids = {event["event_id"] for event in told}
    assert statuses([one for one in to_come if one not in ids]) == {404}
    assert len(told) < len(whole)
