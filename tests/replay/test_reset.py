"""After a reset a cassette plays again from its beginning, as it did to begin with."""

from __future__ import annotations

from fakegemini import call, running_for, say
from tests.http.door import Answer, Door
from tests.replay.conftest import Played
from tests.scenarios import Client

TOOLS = [{"type": "function", "name": "get_time", "parameters": {"type": "object"}}]
RESULT = {"type": "function_result", "name": "get_time", "result": "noon"}


def recorded(client: Client) -> None:
    """Two turns with a call between them, and a run in the background with its polls."""
    client.fake.replies(call("get_time"))
    client.fake.replies(say("It is noon."))
    client.fake.replies(say("Done."), background=running_for(2))
    first = client.create(input="What time is it?", tools=TOOLS)
    client.create(
        input=[RESULT | {"call_id": first["steps"][-1]["id"]}],
        tools=TOOLS,
        previous_interaction_id=first["id"],
    )
    run = client.create(input="Take your time", background=True)
    for _ in range(3):
        client.get(run["id"])


def whole(door: Door) -> list[Answer]:
    """All of it, asked as it was recorded."""
    first = door.create("What time is it?", tools=TOOLS)
    second = door.create(
        [RESULT | {"call_id": first.json["steps"][-1]["id"]}],
        tools=TOOLS,
        previous_interaction_id=first.json["id"],
    )
    run = door.create("Take your time", background=True)
    return [first, second, run, *(door.get(run.json["id"]) for _ in range(3))]


def test_it_plays_from_its_beginning(played: Played) -> None:
    """The same answers under the same ids: what was played before is not known any more."""
    fake, door = played(recorded)
    before = whole(door)

    fake.reset()
    after = whole(door)

    assert [answer.status for answer in before] == [200] * 6
    assert [answer.json for answer in after] == [answer.json for answer in before]
    fake.check()


def test_what_was_replayed_is_unknown_until_it_is_replayed_again(played: Played) -> None:
    """Its id is as unknown as one never given, and all its requests count as not yet made."""
    fake, door = played(recorded)
    identifier = whole(door)[0].json["id"]
    assert fake.unplayed == []

    fake.reset()

    assert door.get(identifier).status == 400
    assert len(fake.unplayed) == 3
    assert list(fake.recorded_on) != []
    fake.allow("unrecorded")
    fake.check()


def test_it_rewinds_in_the_middle(played: Played) -> None:
    """A conversation that was left in its middle begins again; its second turn does not."""
    fake, door = played(recorded)
    first = door.create("What time is it?", tools=TOOLS)

    fake.reset()
    other = door.create("What time is it?", tools=TOOLS)

    assert other.json == first.json
