"""A tape is had as a conversation: other ids, other poll counts, the same answers."""

from __future__ import annotations

from typing import Any

import pytest

from fakegemini import call, faults, running_for, say, think
from fakegemini.protocol.ids import InteractionId
from tests.http.door import Answer
from tests.replay.conftest import Played
from tests.scenarios import Client

TOOLS = [{"type": "function", "name": "get_time", "parameters": {"type": "object"}}]


def own_id(answer: Answer) -> InteractionId:
    """The id of an answer, in its halves."""
    found = InteractionId.parse(answer.json["id"])
    assert found
    return found


def chain(client: Client) -> None:
    """Two turns."""
    client.fake.replies(say("Hello Ada."))
    client.fake.replies(say("You are Ada."))
    first = client.create(input="I am Ada.")
    client.create(input="Who am I?", previous_interaction_id=first["id"])


def test_a_chain_has_fresh_ids_and_one_root(played: Played) -> None:
    """Neither id is the recorded one; the second continues the first."""
    recorded = Client()
    chain(recorded)
    _, door = played(chain)

    first = door.create("I am Ada.")
    second = door.create("Who am I?", previous_interaction_id=first.json["id"])

    assert [first.text, second.text] == ["Hello Ada.", "You are Ada."]
    assert own_id(second).root == own_id(first).root == own_id(first).own_half
    old = {exchange.response_json["id"] for exchange in recorded.exchanges}
    assert not old & {first.json["id"], second.json["id"]}
    signatures = [step["signature"] for step in first.json["steps"] if "signature" in step]
    assert all(text not in recorded.exchanges[0].response_body.decode() for text in signatures)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("I am Ada.", id="string"),
        pytest.param({"type": "text", "text": "I am Ada."}, id="block"),
        pytest.param([{"type": "text", "text": "I am Ada."}], id="blocks"),
        pytest.param(
            [{"type": "user_input", "content": [{"text": "I am Ada.", "type": "text"}]}], id="steps"
        ),
    ],
)
@pytest.mark.parametrize(
    "more", [{}, {"store": True}, {"background": False, "stream": False}, {"tools": None}]
)
def test_the_form_of_a_request_does_not_count(given: Any, more: Any, played: Played) -> None:
    """What means the same gets the same answer."""
    _, door = played(chain)

    assert door.create(given, **more).text == "Hello Ada."


def test_order_matters_inside_a_conversation_only(played: Played) -> None:
    """Two conversations, recorded one after the other, are had crosswise."""

    def other(client: Client) -> None:
        client.fake.replies(say("Hello Bo."), times=1)
        client.fake.replies(say("You are Bo."), times=1)
        first = client.create(input="I am Bo.")
        client.create(input="Who am I?", previous_interaction_id=first["id"])

    _, door = played(chain, other)

    bo, ada = door.create("I am Bo."), door.create("I am Ada.")
    who = [
        door.create("Who am I?", previous_interaction_id=answer.json["id"]).text
        for answer in (ada, bo)
    ]

    assert (bo.text, ada.text, who) == ("Hello Bo.", "Hello Ada.", ["You are Ada.", "You are Bo."])


def twins(client: Client) -> None:
    """Two conversations that begin with the same words, and a branch of the first."""
    for text in ("Hi from one.", "Hi from two.", "One goes on.", "Two goes on.", "One branches."):
        client.fake.replies(say(text))
    one, two = client.create(input="Hi"), client.create(input="Hi")
    client.create(input="Go on", previous_interaction_id=one["id"])
    client.create(input="Go on", previous_interaction_id=two["id"])
    client.create(input="Otherwise", previous_interaction_id=one["id"])


def test_twins_are_not_mixed_up(played: Played) -> None:
    """Each goes on as it was recorded, whichever goes on first."""
    _, door = played(twins)

    one, two = door.create("Hi"), door.create("Hi")
    second = door.create("Go on", previous_interaction_id=two.json["id"])
    first = door.create("Go on", previous_interaction_id=one.json["id"])
    branch = door.create("Otherwise", previous_interaction_id=one.json["id"])

    assert (one.text, two.text) == ("Hi from one.", "Hi from two.")
    assert (first.text, second.text) == ("One goes on.", "Two goes on.")
    assert branch.text == "One branches."
    assert own_id(branch).root == own_id(one).own_half != own_id(two).own_half


def test_a_twin_may_take_the_others_branch(played: Played) -> None:
    """Requests that race may swap places: the branch of the one is found from the other."""
    _, door = played(twins)

    door.create("Hi")
    two = door.create("Hi")

    assert door.create("Otherwise", previous_interaction_id=two.json["id"]).text == "One branches."


def function_loop(client: Client) -> None:
    """Two calls at once, and their results."""
    client.fake.replies(call("get_time", zone="UTC"), call("get_time", zone="CET"))
    client.fake.replies(say("Noon and one."))
    turn = client.create(input="What time is it?", tools=TOOLS)
    client.create(
        input=[result(step, at) for step, at in zip(calls(turn), ("12", "13"), strict=True)],
        tools=TOOLS,
        previous_interaction_id=turn["id"],
    )


def calls(turn: Any) -> list[Any]:
    """The function calls of a turn."""
    return [step for step in turn["steps"] if step["type"] == "function_call"]


def result(step: Any, value: str) -> Any:
    """The result of a call."""
    return {
        "type": "function_result",
        "name": step["name"],
        "call_id": step["id"],
        "result": value,
    }


def test_call_ids_are_fresh_and_understood(played: Played) -> None:
    """The results name the calls of the replay; those of the recording mean nothing to it."""
    _, door = played(function_loop)
    turn = door.create("What time is it?", tools=TOOLS).json

    answer = door.create(
        [result(step, at) for step, at in zip(calls(turn), ("12", "13"), strict=True)],
        tools=TOOLS,
        previous_interaction_id=turn["id"],
    )

    recorded = Client()
    function_loop(recorded)
    old = {step["id"] for step in calls(recorded.exchanges[0].response_json)}
    assert answer.text == "Noon and one."
    assert old.isdisjoint(step["id"] for step in calls(turn))


def test_swapped_results_are_a_miss(played: Played) -> None:
    """The result of the one call under the id of the other is another request."""
    fake, door = played(function_loop)
    turn = door.create("What time is it?", tools=TOOLS).json

    answer = door.create(
        [result(step, at) for step, at in zip(calls(turn), ("13", "12"), strict=True)],
        tools=TOOLS,
        previous_interaction_id=turn["id"],
    )

    fake.allow("unrecorded")
    assert answer.status == 400
    assert (
        'input[0].result\n    recorded: "12"\n    asked:    "13"' in answer.json["error"]["message"]
    )


def stateless(client: Client) -> None:
    """A conversation that the client keeps."""
    client.fake.replies(think("Hm."), say("Hello."))
    client.fake.replies(say("Still here."))
    first = user("Hi")
    turn = client.create(input=[first], store=False)
    client.create(input=[first, *turn["steps"], user("Still there?")], store=False)


def user(text: str) -> Any:
    """A step of the user."""
    return {"type": "user_input", "content": [{"type": "text", "text": text}]}


def test_a_stateless_conversation_returns_the_signatures_it_got(played: Played) -> None:
    """They are fresh, and they come back; without one the request is another."""
    fake, door = played(stateless)
    turn = door.create([user("Hi")], store=False).json
    history = [user("Hi"), *turn["steps"], user("Still there?")]
    spoiled = [{k: v for k, v in step.items() if k != "signature"} for step in history]

    missed = door.create(spoiled, store=False)
    answer = door.create(history, store=False)

    fake.allow("unrecorded")
    assert answer.text == "Still here."
    assert missed.status == 400
    assert "input[1].signature" in missed.json["error"]["message"]


def background(client: Client) -> None:
    """A run that is polled three times."""
    client.fake.replies(say("Done."), background=running_for(polls=3))
    turn = client.create(input="Think long", background=True)
    for _ in range(4):
        turn = client.get(turn["id"])
    assert turn["status"] == "completed"
    client.fake.replies(say("And more."))
    client.create(input="More", previous_interaction_id=turn["id"])


@pytest.mark.parametrize("polls", [0, 1, 3, 4, 9])
def test_polls_are_elastic(polls: int, played: Played) -> None:
    """Fewer or more than recorded; the last state stays, and the conversation goes on."""
    _, door = played(background)
    turn = door.create("Think long", background=True).json
    statuses = [door.get(turn["id"]).json["status"] for _ in range(polls)]

    assert statuses == (["in_progress"] * 3 + ["completed"] * 6)[:polls]
    assert door.create("More", previous_interaction_id=turn["id"]).text == "And more."


def test_what_is_known_answers_a_get_that_nobody_recorded(played: Played) -> None:
    """The interaction is what its create said."""
    _, door = played(chain)
    turn = door.create("I am Ada.").json

    assert door.get(turn["id"]).json == turn


def streamed(client: Client) -> None:
    """A stream, and nothing of it fetched."""
    client.fake.replies(think("Hm."), say("The tide follows the moon, twice a day."))
    client.create(input="Tides?", stream=True)


def test_a_stream_can_be_fetched_as_a_whole(played: Played) -> None:
    """What its events made, under the id that they told."""
    _, door = played(streamed)
    events = door.create("Tides?", stream=True).events

    whole = door.get(events[0]["interaction"]["id"])

    assert (whole.text, whole.json["status"]) == (
        "The tide follows the moon, twice a day.",
        "completed",
    )


def retried(client: Client) -> None:
    """A refusal, and the answer to the second try."""
    client.fake.faults(faults.refuse(429), times=1)
    client.fake.replies(say("At last."))
    client.create(input="Hurry")
    client.create(input="Hurry")


def test_a_recorded_retry_is_asked_for_again(played: Played) -> None:
    """The refusal comes first, and asks for no pause; then comes the answer."""
    _, door = played(retried)

    first, second = door.create("Hurry"), door.create("Hurry")

    assert (first.status, first.headers["retry-after-ms"]) == (429, "1")
    assert second.text == "At last."


def test_a_refusal_stays_one(played: Played) -> None:
    """Who asks more often than was recorded is refused as often."""

    def refused(client: Client) -> None:
        client.create(input="", model="no-such-model")

    fake, door = played(refused)

    fake.allow("refused")
    answers = [door.create("", model="no-such-model") for _ in range(3)]
    assert {answer.status for answer in answers} == {answers[0].status}
    assert answers[0].status >= 400


def test_an_answer_is_had_as_often_as_it_was_recorded(played: Played) -> None:
    """Once more is a miss that says so; `repeats` lets it be."""
    fake, door = played(chain)
    _, patient = played(chain, repeats=True)

    answers = [door.create("I am Ada.") for _ in range(2)]
    again = [patient.create("I am Ada.") for _ in range(3)]

    fake.allow("unrecorded")
    assert [answer.status for answer in answers] == [200, 400]
    assert "it was recorded once and came once more" in answers[1].json["error"]["message"]
    assert len({answer.json["id"] for answer in again}) == 3


def ended(client: Client) -> None:
    """One run that is cancelled, one interaction that is deleted."""
    client.fake.replies(say("Never."), background=running_for(polls=5))
    turn = client.create(input="Long", background=True)
    client.get(turn["id"])
    client.cancel(turn["id"])
    client.get(turn["id"])
    client.fake.replies(say("Gone soon."))
    other = client.create(input="Short")
    client.delete(other["id"])


def test_cancel_and_delete(played: Played) -> None:
    """After a cancel the recorded polls behind it are played, after a delete there is nothing."""
    _, door = played(ended)
    run = door.create("Long", background=True).json["id"]
    short = door.create("Short").json["id"]

    cancelled = door.cancel(run)
    seen = [cancelled.json["status"], *(door.get(run).json["status"] for _ in range(2))]
    deleted, gone, twice = door.delete(short), door.get(short), door.delete(short)

    assert seen == ["cancelled"] * 3
    assert (deleted.status, deleted.json, gone.status, twice.status) == (200, {}, 404, 404)


def test_a_conversation_goes_on_beyond_the_tape(played: Played) -> None:
    """What is not on the tape falls to the script or to the model, which know what was said."""
    fake, door = played(chain, missing="script")
    fake.when(input="And now?").answers(lambda ask: say(" / ".join(ask.said)))

    first = door.create("I am Ada.").json
    answer = door.create("And now?", previous_interaction_id=first["id"])
    again = door.create("And now?", previous_interaction_id=answer.json["id"])

    assert answer.text == "I am Ada. / And now?"
    assert again.text == "I am Ada. / And now? / And now?"
    assert own_id(answer).root == InteractionId.parse(first["id"]).root  # type: ignore[union-attr]


@pytest.mark.parametrize("missing", ["model", "script"])
def test_beyond_the_tape_without_a_script(missing: str, played: Played) -> None:
    """The model always has something to say; without a script the miss stays one."""
    fake, door = played(chain, missing=missing)
    fake.allow("unrecorded")

    assert door.create("Anything else").status == (200 if missing == "model" else 400)


def test_the_log_knows_what_was_replayed(played: Played) -> None:
    """Assertions on requests hold for a replay as for a script."""
    fake, door = played(chain)

    first = door.create("I am Ada.").json
    door.create("Who am I?", previous_interaction_id=first["id"])

    assert fake.requests.parent_of(fake.requests[1]) is fake.requests[0]
    assert fake.unplayed == []


def test_what_nobody_asked_for_is_known(played: Played) -> None:
    """Each recorded request that did not come, by its place."""
    fake, door = played(chain)
    door.create("I am Ada.")

    assert [text.partition(" of ")[0] for text in fake.unplayed] == ["exchange 2"]
