"""Turns in several hops: `requires_continuation` and its tokens, as bytes on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from fakegemini import BadScript, Fake, LeftOver, call, running_for, say
from tests.http.door import MODEL, Door, invalid

TEXT = "one two three four"


def hop(door: Door, turn: Any, **more: Any) -> Any:
    """The request that the SDKs send for the next hop."""
    return door.create(
        None,
        continuation_token=turn["continuation_token"],
        previous_interaction_id=turn["id"],
        **more,
    )


def text(turn: Any) -> str:
    """The text of an answer."""
    blocks = [block for step in turn["steps"] for block in step.get("content", ())]
    return "".join(block["text"] for block in blocks)


def test_a_turn_in_hops(door: Door, fake: Fake) -> None:
    """Each hop is an interaction of its own in one chain, and usage adds up."""
    fake.replies(say(TEXT), hops=2)
    first = door.create("Count!").json
    last = hop(door, first).json

    assert (first["status"], last["status"]) == ("requires_continuation", "completed")
    assert "continuation_token" not in last
    assert [text(first), text(last)] == ["one two ", "three four"]
    assert [step["type"] for step in first["steps"]] == ["thought", "model_output"]
    assert [step["type"] for step in last["steps"]] == ["model_output"]
    assert last["usage"]["total_thought_tokens"] == 0
    assert door.get(first["id"]).json["continuation_token"] == first["continuation_token"]
    assert door.get(last["id"]).json["steps"] == last["steps"]
    fake.replies(say("5"))
    door.create("And on?", previous_interaction_id=last["id"])
    asked = fake.requests[-1].interaction
    assert asked is not None
    assert [step["type"] for step in asked.ask.conversation] == [
        "user_input",
        "thought",
        "model_output",
        "model_output",
        "user_input",
    ]


def test_hops_as_streams(door: Door, fake: Fake) -> None:
    """Every hop has its own beginning and end; a checkpoint stands between two steps of one."""
    fake.replies(say(TEXT), hops=2)
    first = door.create("Count!", stream=True).events
    last = door.create(
        None,
        continuation_token=first[-1]["interaction"]["continuation_token"],
        previous_interaction_id=first[0]["interaction"]["id"],
        stream=True,
    ).events
    checkpoints = [event for event in first if event.get("continuation_token")]

    assert [event["event_type"] for event in checkpoints] == ["interaction.status_update"]
    assert first[-1]["interaction"]["status"] == "requires_continuation"
    assert last[-1]["interaction"]["status"] == "completed"
    assert [event["index"] for event in last if event["event_type"] == "step.start"] == [0]

    resumed = hop(
        door,
        {
            "id": first[0]["interaction"]["id"],
            "continuation_token": checkpoints[0]["continuation_token"],
        },
    ).json
    assert text(resumed) == "one two "  # what the first hop had told after its thought
    assert text(hop(door, resumed).json) == "three four"


def test_without_store_the_input_comes_again(door: Door, fake: Fake) -> None:
    """The token alone says where it goes on."""
    fake.replies(say(TEXT), hops=4)
    said = ""
    token: dict[str, str] = {}
    for _ in range(4):
        turn = door.create("Count!", store=False, **token).json
        said += text(turn)
        token = {"continuation_token": turn.get("continuation_token", "")}
        assert "id" not in turn

    assert said == TEXT
    assert turn["status"] == "completed"


def test_a_hop_may_be_asked_for_again(door: Door, fake: Fake) -> None:
    """A client that lost an answer gets the same again, as another interaction."""
    fake.replies(say(TEXT), hops=2)
    first = door.create("Count!").json

    again = [hop(door, first).json for _ in range(2)]

    assert again[0]["steps"] == again[1]["steps"]
    assert again[0]["id"] != again[1]["id"]


def test_calls_wait_at_the_end_of_the_last_hop(door: Door, fake: Fake) -> None:
    """Nothing comes behind a call that waits for its result."""
    fake.replies(say("Look: "), call("f"), hops=2)
    tools = [{"type": "function", "name": "f"}]
    first = door.create("Call!", tools=tools).json
    last = hop(door, first, tools=tools).json

    assert (first["status"], last["status"]) == ("requires_continuation", "requires_action")
    fake.replies(say("Done."))
    result = {"type": "function_result", "name": "f", "call_id": last["steps"][0]["id"]}
    turn = door.create([{**result, "result": "1"}], previous_interaction_id=last["id"]).json
    assert text(turn) == "Done."


def test_some_are_never_divided(door: Door, fake: Fake) -> None:
    """Background runs are told whole: no SDK would continue them."""
    fake.replies(say(TEXT), hops=2, background=running_for(0))

    run = door.create("Count!", background=True).json

    assert text(door.get(run["id"]).json | {"steps": door.get(run["id"]).json["steps"][1:]}) == TEXT


@pytest.mark.parametrize(
    "change",
    [
        {"continuation_token": "nonsense"},
        {"model": "gemini-3.7-flash"},
        {"previous_interaction_id": None},
        {"store": False},
        {"background": True},
        {"input": "Something else"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_continues_nothing_is_refused(change: dict[str, Any], door: Door, fake: Fake) -> None:
    """An unknown token, or one of another turn: 400, and the complaint says why."""
    fake.replies(say(TEXT), hops=2)
    first = door.create("Count!").json
    body = {
        "model": MODEL,
        "continuation_token": first["continuation_token"],
        "previous_interaction_id": first["id"],
        **change,
    }

    answer = door.ask("POST", "/v1/interactions", body)

    assert answer.status == 400
    assert answer.json == invalid("Request contains an invalid argument.")
    fake.allow("refused")
    assert text(hop(door, first).json) == "three four"


def test_the_rest_that_nobody_asked_for(door: Door, fake: Fake) -> None:
    """Fails the test at its end, in five parts."""
    fake.replies(say(TEXT), hops=2)
    door.create("Count!")

    with pytest.raises(LeftOver, match="nobody asked for the rest") as caught:
        fake.check()

    assert "never asked for: say('three four')" in str(caught.value)


def test_a_budget_for_all(plug: Any) -> None:
    """`decode_limit` divides what the unscripted model says, too."""
    fake = Fake(decode_limit=8)
    door = plug(fake.handle)
    turn = door.create("Tell me about the tides of the sea.").json
    said, hops = text(turn), 1
    while turn["status"] == "requires_continuation":
        assert turn["usage"]["total_output_tokens"] <= 8
        turn = hop(door, turn).json
        said, hops = said + text(turn), hops + 1

    assert hops > 2
    assert said == text(plug(Fake().handle).create("Tell me about the tides of the sea.").json)


@pytest.mark.parametrize("limit", [0, -3, 2.5, "8"])
def test_a_budget_that_is_none(limit: Any) -> None:
    """One sentence, instead of a fake without the limit that was meant."""
    with pytest.raises(BadScript, match=r"decode_limit= takes a number of tokens from 1, not "):
        Fake(decode_limit=limit)
