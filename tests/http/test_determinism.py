"""The same seed and the same requests give the same bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from fakegemini import Fake, call
from fakegemini.doors.loopback import serve
from fakegemini.wire.http import Json

from .door import Door

TOOL = {"type": "function", "name": "tide", "parameters": {"type": "object"}}


def session(seed: str | int, *, scripted: bool = False) -> list[bytes]:
    """A few of everything, on a server of its own."""
    fake = Fake(seed=seed)
    if scripted:
        fake.answers(lambda ask: call("tide") if ask.turn == 1 else "Low.")
    with serve(fake.handle) as url:
        door = Door(url)
        first = door.create("The tide?", tools=[TOOL])
        made = first.json["steps"][-1]
        result = {
            "type": "function_result",
            "name": "tide",
            "call_id": made.get("id"),
            "result": "low",
        }
        second = door.create([result], previous_interaction_id=first.json["id"], tools=[TOOL])
        run = door.create("Long.", background=True)
        return [
            first.body,
            second.body,
            run.body,
            door.get(run.json["id"]).body,
            door.get(run.json["id"], stream="true").body,
            door.create("Stream.", stream=True).body,
            door.create(agent="antigravity-preview-09-2026").body,
            door.create(odd=1).body,
        ]


def test_two_servers_with_one_seed_answer_alike() -> None:
    """To the byte, scripted or not."""
    assert session("a") == session("a")
    assert session("a", scripted=True) == session("a", scripted=True)


def test_a_number_is_the_seed_that_it_reads_as() -> None:
    """`--seed 3` and `Fake(seed=3)` are the same."""
    assert session(3)[0] == session("3")[0]


def test_another_seed_gives_other_ids() -> None:
    """And the same statuses."""
    one, other = (Fake(seed=seed) for seed in "ab")
    ids = []
    for fake in (one, other):
        with serve(fake.handle) as url:
            ids.append(Door(url).create().json["id"])

    assert ids[0] != ids[1]


def ids(order: list[int], *, parallel: bool) -> dict[str, str]:
    """The ids of twenty requests, by what each asked."""
    with serve(Fake(seed="s").handle) as url:
        door = Door(url)

        def one(number: int) -> tuple[str, str]:
            body: Json = door.create(f"number {number}").json
            return f"number {number}", body["id"]

        if not parallel:
            return dict(map(one, order))
        with ThreadPoolExecutor(10) as pool:
            return dict(pool.map(one, order))


def test_requests_that_race_do_not_change_each_others_ids() -> None:
    """Neither order nor company matters."""
    order = list(range(20))
    expected = ids(order, parallel=False)

    assert ids(order[::-1], parallel=False) == expected
    assert ids(order, parallel=True) == expected
    assert len(set(expected.values())) == len(order)


def test_the_same_request_again_gets_another_id(door: Door) -> None:
    """But the same second one as everywhere."""
    again = [door.create("same").json["id"] for _ in range(3)]

    assert len(set(again)) == 3
