"""Background runs: polled, cancelled and deleted at each moment."""

from __future__ import annotations

import pytest

from fakegemini import Fake, VirtualClock, call, say
from fakegemini.doors.loopback import serve
from fakegemini.protocol.background import never_ending, running_for
from fakegemini.wire.http import Json

from .door import AGENT, NOT_FOUND, Door, invalid

UNSHOWN = {"usage", "steps", "service_tier", "errors", "input", "environment_id"}


def statuses(door: Door, identifier: str, polls: int) -> list[str]:
    """What so many polls find."""
    return [door.get(identifier).json["status"] for _ in range(polls)]


@pytest.mark.parametrize("body", [{}, {"agent": AGENT}, {"store": True}], ids=str)
def test_the_first_answer_is_in_progress_and_empty(door: Door, body: Json) -> None:
    """`queued` would break clients; steps and usage are not there yet (recorded)."""
    answer = door.create(background=True, **body).json

    assert answer["status"] == "in_progress"
    assert not UNSHOWN & set(answer)
    assert answer["id"].startswith("v1_")


def test_the_second_poll_finds_it_done(fake: Fake, door: Door) -> None:
    """So that no test sleeps; afterwards it stays."""
    fake.replies("Done.")
    identifier = door.create(background=True).json["id"]

    assert statuses(door, identifier, 4) == ["in_progress", *["completed"] * 3]
    body = door.get(identifier).json
    assert [step["type"] for step in body["steps"]] == ["user_input", "thought", "model_output"]
    assert body["usage"]["total_tokens"] > 0


def test_a_running_one_shows_nothing_yet(door: Door) -> None:
    """Not even to who asks for the input."""
    identifier = door.create(background=True).json["id"]

    assert not UNSHOWN & set(door.get(identifier, include_input="true").json)


COURSES = [
    (running_for(0), ["completed"]),
    (running_for(1), ["in_progress", "completed"]),
    (running_for(3), ["in_progress"] * 3 + ["completed"]),
    (running_for(1, queued=2), ["queued", "queued", "in_progress", "completed"]),
    (running_for(2, queued=0), ["in_progress", "in_progress", "completed"]),
    (never_ending(), ["in_progress"] * 6),
]


@pytest.mark.parametrize(("course", "found"), COURSES, ids=range(len(COURSES)))
def test_polls_move_a_run_through_its_course(
    fake: Fake, door: Door, course: tuple[object, ...], found: list[str]
) -> None:
    """As many as the script says."""
    fake.replies("x", background=course)  # type: ignore[arg-type]
    identifier = door.create(background=True).json["id"]

    assert statuses(door, identifier, len(found)) == found


def test_time_ends_a_run_too() -> None:
    """Without a single poll in between."""
    clock = VirtualClock()
    fake = Fake(clock=clock)
    fake.replies("x", background=running_for(99, seconds=30.0))
    with serve(fake.handle) as url:
        door = Door(url)
        identifier = door.create(background=True).json["id"]
        clock.advance(29.9)
        early = door.get(identifier).json["status"]
        clock.advance(0.2)

        assert (early, door.get(identifier).json["status"]) == ("in_progress", "completed")


@pytest.mark.parametrize(
    ("status", "ended"),
    [(None, "completed"), ("failed", "failed"), ("incomplete", "incomplete"), ("odd", "odd")],
)
@pytest.mark.parametrize("queued", [None, 1])
def test_a_run_ends_as_its_turn_does(
    fake: Fake, door: Door, status: str | None, ended: str, queued: int | None
) -> None:
    """Also from the queue, also in a status that nobody knows."""
    fake.replies("x", status=status, background=running_for(0, queued=queued))
    identifier = door.create(background=True).json["id"]
    polls = 4

    assert statuses(door, identifier, polls)[-1] == ended


def test_a_run_may_require_action(fake: Fake, door: Door) -> None:
    """And go on in another run."""
    fake.replies(call("tide"))
    fake.replies("Low.")
    first = door.create(background=True).json["id"]
    assert statuses(door, first, 2)[-1] == "requires_action"
    step = door.get(first).json["steps"][-1]
    result = {"type": "function_result", "call_id": step["id"], "name": "tide", "result": "low"}

    second = door.create([result], background=True, previous_interaction_id=first).json["id"]

    assert statuses(door, second, 2)[-1] == "completed"


def test_runs_do_not_wait_for_each_other(fake: Fake, door: Door) -> None:
    """A poll moves only the one it asks for."""
    fake.replies("x", times=2)
    one, two = (door.create(background=True).json["id"] for _ in range(2))

    assert statuses(door, one, 2) == ["in_progress", "completed"]
    assert statuses(door, two, 2) == ["in_progress", "completed"]


def refused(door: Door, identifier: str) -> None:
    """A cancel of what does not run."""
    answer = door.cancel(identifier)
    assert (answer.status, answer.json) == (
        400,
        invalid(f"Interaction '{identifier}' is not running in the background."),
    )


@pytest.mark.parametrize("polls", [0, 1, 2])
@pytest.mark.parametrize("queued", [None, 1])
def test_a_run_is_cancelled_at_each_moment(
    fake: Fake, door: Door, polls: int, queued: int | None
) -> None:
    """Once; a second cancel is refused, polls find it cancelled for ever, without output."""
    fake.replies("never seen", background=running_for(3, queued=queued))
    identifier = door.create(background=True).json["id"]
    statuses(door, identifier, polls)

    answer = door.cancel(identifier)

    assert (answer.status, answer.json["status"]) == (200, "cancelled")
    assert not UNSHOWN & set(answer.json)
    refused(door, identifier)
    assert statuses(door, identifier, 3) == ["cancelled"] * 3
    assert door.get(identifier).json == answer.json
    assert door.delete(identifier).body == b"{}"


def test_what_does_not_run_is_not_cancelled(fake: Fake, door: Door) -> None:
    """A foreground one, a finished one, one that waits for a result."""
    fake.replies("a")
    fake.replies("b")
    fake.replies(call("tide"))
    foreground = door.create().json["id"]
    finished = door.create(background=True).json["id"]
    statuses(door, finished, 2)
    waiting = door.create().json["id"]

    for identifier in (foreground, finished, waiting):
        before = door.get(identifier).body
        refused(door, identifier)
        assert door.get(identifier).body == before


@pytest.mark.parametrize("moment", ["created", "polled", "finished", "cancelled"])
def test_a_run_is_deleted_at_each_moment(door: Door, moment: str) -> None:
    """Afterwards it is as unknown as one never made, whatever is asked."""
    identifier = door.create(background=True).json["id"]
    if moment == "cancelled":
        door.cancel(identifier)
    statuses(door, identifier, {"polled": 1, "finished": 2}.get(moment, 0))

    answer = door.delete(identifier)

    assert (answer.status, answer.body, answer.kind) == (200, b"{}", "application/json")
    for late in (door.get, door.cancel, door.delete):
        assert (late(identifier).status, late(identifier).json) == (404, NOT_FOUND)
    assert door.create(previous_interaction_id=identifier).json == NOT_FOUND


def test_a_course_is_for_the_background_alone(fake: Fake, door: Door) -> None:
    """In the foreground a run is done when it is answered."""
    fake.replies(say("x"), background=never_ending())

    assert door.create().json["status"] == "completed"
