"""What the server remembers, and what it says about a parent in an odd state."""

from __future__ import annotations

import json

import pytest

from fakegemini import Fake, Model, VirtualClock, call, say
from fakegemini.doors.loopback import serve
from fakegemini.protocol.background import never_ending
from fakegemini.protocol.ids import InteractionId
from fakegemini.wire.http import Json

from .door import MODEL, NOT_FOUND, Door, invalid

AGENT = "antigravity-preview-09-2026"
UNKNOWN = "v1_ChdMTGpEYW9LRUt0LTkzOUlQajR6SnFBbxIXTExqRGFvS0VLdC05MzlJUGo0ekpxQW8"
SYNTAX = "Invalid JSON payload: syntax error in request body"
BLOCKED = "The previous interaction is still in progress. Active executions are blocked."
SWITCH = ["unary", "stream"]


def chained(door: Door, parent: str, **body: object) -> str:
    """A child of this interaction."""
    identifier: str = door.create("More", previous_interaction_id=parent, **body).json["id"]
    return identifier


def refusal(door: Door, parent: str, how: str) -> tuple[int, Json]:
    """Status and body of the refusal to continue this parent."""
    answer = door.create("More", previous_interaction_id=parent, stream=how == "stream")
    if how == "unary":
        assert answer.kind == "application/json; charset=UTF-8"
        return answer.status, answer.json
    (event,) = answer.events
    assert not answer.done
    assert event.pop("event_type") == "error"
    return answer.status, event


@pytest.mark.parametrize("how", SWITCH)
def test_an_unknown_parent(door: Door, how: str) -> None:
    """The same body as for a get."""
    assert refusal(door, UNKNOWN, how) == (404, NOT_FOUND)


@pytest.mark.parametrize("how", SWITCH)
def test_a_deleted_parent(door: Door, how: str) -> None:
    """As unknown as one never made."""
    parent = door.create().json["id"]
    assert door.delete(parent).body == b"{}"

    assert refusal(door, parent, how) == (404, NOT_FOUND)


@pytest.mark.parametrize("how", SWITCH)
@pytest.mark.parametrize("parent", ["v1_bogus", "x", "v1_abc123", " ", "vrai é"])
def test_a_malformed_parent(door: Door, parent: str, how: str) -> None:
    """Measured words."""
    assert refusal(door, parent, how) == (400, invalid(SYNTAX))


@pytest.mark.parametrize("how", SWITCH)
def test_a_running_parent(door: Door, how: str) -> None:
    """Refused, and afterwards not."""
    parent = door.create(background=True).json["id"]

    assert refusal(door, parent, how) == (400, invalid(BLOCKED))
    assert door.get(parent).json["status"] == "in_progress"
    assert door.get(parent).json["status"] == "completed"
    assert door.create(previous_interaction_id=parent).status == 200


@pytest.mark.parametrize("parent", [None, ""])
def test_no_parent(door: Door, parent: str | None) -> None:
    """Null and empty mean none."""
    assert door.create(previous_interaction_id=parent).status == 200


@pytest.mark.parametrize(
    "status",
    ["incomplete", "failed", "budget_exceeded", "requires_continuation", "idle", "marinating"],
)
def test_a_parent_that_ended_otherwise_is_continued(fake: Fake, door: Door, status: str) -> None:
    """Work and context are preserved."""
    fake.replies(say("half"), status=status)
    fake.replies(say("whole"))
    parent = door.create().json

    assert parent["status"] == status
    assert door.create("continue", previous_interaction_id=parent["id"]).status == 200


def test_a_cancelled_parent_has_said_nothing(fake: Fake, door: Door) -> None:
    """What was never shown is not in the history: neither its words nor its calls."""
    fake.replies(call("tide"), background=never_ending())
    fake.answers(lambda ask: f"{len(ask.history)} step")
    parent = door.create(background=True).json["id"]
    door.cancel(parent)

    answer = door.create("More", previous_interaction_id=parent)

    assert answer.status == 200
    assert answer.text == "1 step"


def test_what_is_not_stored_has_no_id(door: Door) -> None:
    """And cannot be asked for."""
    body = door.create(store=False).json

    assert "id" not in body
    assert body["status"] == "completed"


def test_what_is_not_stored_may_continue_what_is(fake: Fake, door: Door) -> None:
    """It sees the history."""
    fake.replies("one")
    fake.answers(lambda ask: say(f"{len(ask.history)} steps, turn {ask.turn}"))
    parent = door.create().json["id"]

    body = door.create("More", previous_interaction_id=parent, store=False)

    assert body.text == "3 steps, turn 2"


def test_the_stateless_samples_find_an_id(door: Door) -> None:
    """Only the form of the REST samples has one without store, and it names nothing."""
    given = [{"type": "user_input", "content": "Hello"}]
    identifier = door.create(given, store=False).json["id"]

    assert door.get(identifier).json == NOT_FOUND


def test_a_chain_keeps_its_root(door: Door) -> None:
    """Field 1 of every id is where the conversation began; the own halves differ."""
    first = door.create().json["id"]
    second = chained(door, first)
    third = chained(door, second)
    other = door.create("else").json["id"]

    ids = [InteractionId.parse(text) for text in (first, second, third, other)]
    roots = [one.root for one in ids if one]
    owns = [one.own_half for one in ids if one]
    assert roots[:3] == [owns[0]] * 3
    assert roots[3] == owns[3]
    assert len(set(owns)) == 4


def test_branches_do_not_see_each_other(fake: Fake, door: Door) -> None:
    """Two children of one parent."""
    fake.answers(lambda ask: say(" | ".join(ask.said)))
    root = door.create("root").json["id"]

    left = door.create("left", previous_interaction_id=root)
    right = door.create("right", previous_interaction_id=root)
    leaf = door.create("leaf", previous_interaction_id=left.json["id"])

    assert left.text == "root | left"
    assert right.text == "root | right"
    assert leaf.text == "root | left | leaf"


def test_models_and_agents_mix_in_one_chain(fake: Fake, door: Door) -> None:
    """Each names who made it."""
    fake.answers(lambda ask: say(f"{ask.agent or ask.model}: {len(ask.said)}"))
    first = door.create("a").json
    second = door.create("b", agent=AGENT, previous_interaction_id=first["id"]).json
    third = door.create("c", previous_interaction_id=second["id"])

    assert (first["model"], second["agent"], third.json["model"]) == (MODEL, AGENT, MODEL)
    assert "model" not in second
    assert third.text == f"{MODEL}: 3"


def test_a_parent_deleted_in_mid_chain_is_not_missed(fake: Fake, door: Door) -> None:
    """The children keep what they continued; only the deleted one is gone."""
    fake.answers(lambda ask: say(" | ".join(ask.said)))
    first = door.create("one").json["id"]
    second = chained(door, first)
    door.delete(first)

    assert door.get(first).status == 404
    assert door.get(second).status == 200
    assert door.create("three", previous_interaction_id=second).text == "one | More | three"


def test_nothing_but_the_history_is_inherited(fake: Fake, door: Door) -> None:
    """Instruction, tools and configuration belong to one interaction."""
    fake.answers(lambda ask: say(json.dumps(sorted(ask.body))))
    first = door.create(
        system_instruction="Be brief.", tools=[{"type": "google_search"}], generation_config={}
    ).json["id"]

    inherited = door.create("More", previous_interaction_id=first).text

    assert inherited == '["input", "model", "previous_interaction_id"]'


def test_a_get_shows_only_its_own_turn(door: Door) -> None:
    """The timeline of the turn, not of the chain."""
    first = door.create("one").json["id"]
    second = door.get(chained(door, first)).json

    texts = [step["content"][0]["text"] for step in second["steps"] if step["type"] == "user_input"]
    assert texts == ["More"]


def test_a_second_delete_is_not_found(door: Door) -> None:
    """Nobody observed it; recommended."""
    identifier = door.create().json["id"]

    assert door.delete(identifier).status == 200
    assert (door.delete(identifier).status, door.delete(identifier).json) == (404, NOT_FOUND)
    assert door.cancel(identifier).json == NOT_FOUND
    assert door.get(identifier, stream="true").status == 404


def test_times_are_those_of_the_clock() -> None:
    """Stamped when it was asked; whole seconds, Z; `updated` stays equal."""
    clock = VirtualClock(1_790_000_000.9)
    with serve(Fake(clock=clock).handle) as url:
        door = Door(url)
        body = door.create(background=True).json
        clock.advance(3600)
        later = door.get(body["id"]).json

    identifier = InteractionId.parse(body["id"])
    assert identifier
    assert identifier.second == 1_790_000_000
    assert body["created"] == body["updated"] == "2026-09-21T14:13:20Z"
    assert later["status"] == "completed"
    assert (later["created"], later["updated"]) == (body["created"], body["updated"])


def test_names_of_models_can_be_added() -> None:
    """And what they can do; `models/` before a name is read too."""
    fake = Fake(models={"mine": Model("mine", thinks=False, background=False)})
    fake.replies("x", times=2)
    with serve(fake.handle) as url:
        door = Door(url)
        assert [step["type"] for step in door.create(model="mine").json["steps"]] == [
            "model_output"
        ]
        assert door.create(model="models/mine").status == 200
        assert door.create(model="mine", background=True).json == invalid(
            "Model 'mine' does not support background interactions."
        )
        assert door.create(model="other").json == NOT_FOUND
    with serve(Fake(any_model=True).handle) as url:
        assert Door(url).create(model="other").status == 200
