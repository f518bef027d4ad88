"""Streams: their order, their resume tokens, and what happens to a run while it is watched."""

from __future__ import annotations

import json
import re

import pytest

from fakegemini import Fake, call, say, step, think
from fakegemini.protocol.background import never_ending, running_for
from fakegemini.protocol.events import to_steps
from fakegemini.wire.http import Json

from .door import NOT_FOUND, Door

RICH = (
    think("Weighing moon and sun."),
    step("google_search_call", arguments={"queries": ["tides"]}),
    step("google_search_result", result=[{"search_suggestions": "<b>tides</b>"}]),
    say("Tides follow the moon 🌊, and a little the sun, twice a day in most harbours."),
    call("tide", at="Dover"),
)
UNKNOWN = "v1_ChdMTGpEYW9LRUt0LTkzOUlQajR6SnFBbxIXTExqRGFvS0VLdC05MzlJUGo0ekpxQW8"
NEVER = "Failed to get completed interaction: Result not found."


@pytest.fixture
def run(fake: Fake, door: Door) -> str:
    """A background run with something of everything, not yet polled."""
    fake.replies(*RICH, background=running_for(1))
    identifier: str = door.create("Tides?", background=True).json["id"]
    return identifier


def names(events: list[Json]) -> list[str]:
    """The names of the events."""
    return [event["event_type"] for event in events]


def is_lawful(events: list[Json]) -> None:
    """Created first and once, steps one after the other, completed last."""
    kinds = names(events)
    assert kinds[:2] == ["interaction.created", "interaction.status_update"]
    assert kinds[-1] == "interaction.completed"
    assert kinds.count("interaction.created") == kinds.count("interaction.completed") == 1
    inner = "".join(kind.removeprefix("step.")[:3] + " " for kind in kinds[2:-1])
    assert re.fullmatch(r"(sta (del )*sto )*", inner)
    starts = [event["index"] for event in events if event["event_type"] == "step.start"]
    assert starts == list(range(len(starts)))
    current = -1
    for event in events[2:-1]:
        current += event["event_type"] == "step.start"
        assert event["index"] == current
    assert all(list(event)[-1] == "event_type" for event in events)


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("store", [False, True])
def test_a_stream_is_lawful(fake: Fake, door: Door, background: bool, store: bool) -> None:
    """Whatever is in it."""
    if background and not store:
        return
    fake.replies(*RICH)

    answer = door.create(stream=True, background=background, store=store)

    is_lawful(answer.events)
    assert answer.done


@pytest.mark.parametrize(
    "status", ["completed", "requires_action", "incomplete", "failed", "idle", "marinating"]
)
def test_the_end_has_one_name_for_every_status(fake: Fake, door: Door, status: str) -> None:
    """`interaction.completed` with the status, the usage and no steps (recorded)."""
    fake.replies("half", status=status)
    fake.allow("breach")  # no server asks for an action and names none

    last = door.create(stream=True).events[-1]

    assert last["event_type"] == "interaction.completed"
    assert last["interaction"]["status"] == status
    assert "steps" not in last["interaction"]
    totals = {k: v for k, v in last["interaction"]["usage"].items() if k.startswith("total_")}
    assert all(isinstance(value, int) for value in totals.values())


def test_event_ids_are_where_resume_is_offered(door: Door) -> None:
    """Not on a foreground stream; on a background one and on every get, right before the name."""
    plain = door.create(stream=True).events
    background = door.create(stream=True, background=True).events
    again = door.get(plain[0]["interaction"]["id"], stream="true").events

    assert all("event_id" not in event for event in plain)
    for events in (background, again):
        assert all(list(event)[-2:] == ["event_id", "event_type"] for event in events)
        assert len({event["event_id"] for event in events}) == len(events)


def test_a_background_run_can_be_streamed_at_once(fake: Fake, door: Door) -> None:
    """Followed to its end in one request."""
    fake.replies(*RICH)

    answer = door.create(stream=True, background=True)

    is_lawful(answer.events)
    assert answer.events[-1]["interaction"]["status"] == "requires_action"
    found = door.get(answer.events[0]["interaction"]["id"]).json
    assert found["status"] == "requires_action"


def test_a_get_follows_a_running_one_to_its_end(door: Door, run: str) -> None:
    """From its first event, without a poll."""
    answer = door.get(run, stream="true")

    assert answer.status == 200
    is_lawful(answer.events)
    assert answer.done
    assert door.get(run).json["status"] == "requires_action"


def test_a_stream_and_a_get_tell_the_same_steps(door: Door, run: str) -> None:
    """But for the signature of a function call, which is not streamed (recorded)."""
    steps = to_steps(door.get(run, stream="true").events)

    stored = door.get(run).json["steps"][1:]

    assert steps == [
        {k: v for k, v in one.items() if one["type"] != "function_call" or k != "signature"}
        for one in stored
    ]


@pytest.mark.parametrize("finished", [False, True], ids=["running", "finished"])
def test_a_resume_from_any_event_gives_the_rest_exactly_once(
    door: Door, run: str, finished: bool
) -> None:
    """Whatever was seen plus what comes is the whole stream."""
    if finished:
        door.get(run)
        door.get(run)
    whole = door.get(run, stream="true").events
    assert len(whole) > 15

    for position, event in enumerate(whole):
        answer = door.get(run, stream="true", last_event_id=event["event_id"])
        assert answer.done
        assert whole[: position + 1] + answer.events == whole


@pytest.mark.parametrize("seen", range(1, 8))
def test_a_dropped_stream_is_resumed_while_it_runs(fake: Fake, door: Door, seen: int) -> None:
    """The run was cut off from its first client in the middle."""
    fake.replies(*RICH, background=running_for(1))
    with door.live(background=True) as stream:
        events = [stream.event() for _ in range(seen)]
    identifier = events[0]["interaction"]["id"]

    answer = door.get(identifier, stream="true", last_event_id=events[-1]["event_id"])

    assert events + answer.events == door.get(identifier, stream="true").events


def test_an_empty_last_event_id_is_none(door: Door, run: str) -> None:
    """The whole stream."""
    is_lawful(door.get(run, stream="true", last_event_id="").events)


@pytest.mark.parametrize("event_id", ["nothing", "evt_x_1", "0", "-1", "é/1+=", "x" * 5000])
def test_an_unknown_event_is_not_found(door: Door, run: str, event_id: str) -> None:
    """The documented words, framed as an event."""
    answer = door.get(run, stream="true", last_event_id=event_id)

    (event,) = answer.events
    assert answer.status == 404
    assert event == {
        "error": {"message": NEVER, "code": "not_found"},
        "event_type": "error",
    }
    assert not answer.done


def test_the_event_of_another_run_is_not_found(fake: Fake, door: Door, run: str) -> None:
    """Tokens belong to one interaction."""
    fake.replies("other", background=running_for(1))
    other = door.create(background=True).json["id"]
    token = door.get(other, stream="true").events[0]["event_id"]

    assert door.get(run, stream="true", last_event_id=token).status == 404


@pytest.mark.parametrize("how", ["unknown", "deleted"])
def test_a_stream_of_nothing_is_not_found(door: Door, run: str, how: str) -> None:
    """As an event, on HTTP 404."""
    door.delete(run)
    identifier = run if how == "deleted" else UNKNOWN

    answer = door.get(identifier, stream="true")

    assert answer.status == 404
    assert answer.events == [{**NOT_FOUND, "event_type": "error"}]


def cancelled(events: list[Json]) -> None:
    """The stream of a cancelled run: lawful, with that status, without usage."""
    is_lawful(events)
    last = events[-1]["interaction"]
    assert list(last) == ["id", "status", "created", "updated", "object", "model"]
    assert last["status"] == "cancelled"


@pytest.mark.parametrize("way", ["create", "get"])
def test_a_cancel_ends_a_stream(fake: Fake, door: Door, way: str) -> None:
    """The client is told how the run ended."""
    fake.replies(*RICH, background=never_ending())
    with door.live(background=True) as first:
        identifier = first.event()["interaction"]["id"]
        if way == "create":
            door.cancel(identifier)
            rest = first.rest()
            events = rest.events
        else:
            with door.follow(identifier) as second:
                events = [second.event()]
                door.cancel(identifier)
                rest = second.rest()
            events += rest.events
            cancelled(events)

    assert rest.done
    assert events[-1]["interaction"]["status"] == "cancelled"


def test_a_cancelled_run_streams_its_beginning_and_its_end(fake: Fake, door: Door) -> None:
    """Whoever asks after the cancel is told that it was one, and can resume that too."""
    fake.replies(*RICH, background=never_ending())
    identifier = door.create(background=True).json["id"]
    door.cancel(identifier)

    whole = door.get(identifier, stream="true").events

    cancelled(whole)
    assert len(whole) == 3
    for position, event in enumerate(whole):
        answer = door.get(identifier, stream="true", last_event_id=event["event_id"])
        assert whole[: position + 1] + answer.events == whole


@pytest.mark.parametrize("seen", range(1, 16))
def test_a_resume_after_a_cancel_closes_what_was_open(fake: Fake, door: Door, seen: int) -> None:
    """The step that the client was in the middle of is stopped, then the run ends, once."""
    fake.replies(*RICH, background=running_for(1, seconds=100.0))
    token = door.create(background=True).json["id"]
    with door.follow(token) as stream:
        events = [stream.event() for _ in range(seen)]
        # The fake is ahead of the reader; that it may have ended is part of the game.
    answer = door.cancel(token)
    rest = door.get(token, stream="true", last_event_id=events[-1]["event_id"])

    is_lawful(events + rest.events)
    ended = "cancelled" if answer.status == 200 else "requires_action"
    assert rest.events[-1]["interaction"]["status"] == ended
    again = door.get(token, stream="true", last_event_id=rest.events[0]["event_id"])
    assert again.events == rest.events[1:]


def test_a_delete_ends_a_stream_with_an_error(fake: Fake, door: Door) -> None:
    """Nobody observed it: the entity is gone, and says so."""
    fake.replies(*RICH, background=never_ending())
    with door.live(background=True) as stream:
        identifier = stream.event()["interaction"]["id"]
        assert door.delete(identifier).status == 200
        rest = stream.rest()

    assert rest.events[-1] == {**NOT_FOUND, "event_type": "error"}
    assert not rest.done


def test_frames_come_one_by_one(fake: Fake, door: Door) -> None:
    """The head and the first event are there while the run still goes on."""
    fake.replies("x", background=never_ending())
    with door.live(background=True) as stream:
        first = stream.frame()
        assert first.startswith(b"event: interaction.created\ndata: {")
        door.cancel(json.loads(first.split(b"data: ")[1])["interaction"]["id"])
        assert stream.rest().done


def test_two_followers_see_the_same(fake: Fake, door: Door) -> None:
    """At the same time."""
    fake.replies(*RICH, background=running_for(3))
    identifier = door.create(background=True).json["id"]
    with door.follow(identifier) as one, door.follow(identifier) as two:
        assert one.rest().body == two.rest().body
