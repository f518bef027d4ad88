"""The function-calling loop in all the forms that clients have for it."""

from __future__ import annotations

from typing import Any

import pytest

from fakegemini import Fake, call, say
from fakegemini.protocol.ask import Ask
from fakegemini.wire.http import Json

from .door import Door, invalid

TOOL = {
    "type": "function",
    "name": "tide",
    "parameters": {"type": "OBJECT", "properties": {"at": {"type": "STRING"}}},
}
OUT_OF_PLACE = (
    "Please ensure that function response turn comes immediately after a function call turn. "
    "Got function response with name '{}'."
)


def result(step: Json, value: Any = "low", **more: Any) -> Json:
    """A function result for a call."""
    named = {"type": "function_result", "name": step["name"], "call_id": step["id"]}
    return {**named, "result": value, **more}


def calls(body: Json) -> list[Json]:
    """The calls of a turn."""
    return [step for step in body["steps"] if step["type"] == "function_call"]


@pytest.fixture
def asked(fake: Fake, door: Door) -> Json:
    """A turn that ended in two calls; the next reply is a text."""
    fake.replies(call("tide", at="Dover"), call("tide", at="Calais"))
    fake.replies(say("Low in both."))
    body: Json = door.create("The tides?", tools=[TOOL]).json
    return body


def test_a_turn_with_calls_requires_action(asked: Json) -> None:
    """A thought, then the calls, each with an id of its own and whole arguments."""
    assert asked["status"] == "requires_action"
    assert [step["type"] for step in asked["steps"]] == ["thought", *["function_call"] * 2]
    assert [step["arguments"] for step in calls(asked)] == [{"at": "Dover"}, {"at": "Calais"}]
    assert calls(asked)[0]["id"] != calls(asked)[1]["id"]
    assert calls(asked)[0]["signature"] == asked["steps"][0]["signature"]


VALUES: dict[str, Any] = {
    "a string": "low",
    "an empty string": "",
    "an object": {"metres": 3.5, "none": None},
    "an empty object": {},
    "blocks": [{"type": "text", "text": "low"}],
    "an image": [{"type": "image", "mime_type": "image/png", "data": "iVBORw=="}],
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_result_of_any_form_is_taken(door: Door, asked: Json, value: Any) -> None:
    """String, object, list of blocks."""
    results = [result(step, value) for step in calls(asked)]

    answer = door.create(results, previous_interaction_id=asked["id"])

    assert (answer.status, answer.json["status"]) == (200, "completed")
    assert answer.text == "Low in both."


def wrapped(*results: Json) -> list[Json]:
    """The results inside the content of a user's step."""
    return [{"type": "user_input", "content": list(results)}]


def forms(asked: Json) -> dict[str, tuple[Any, bool]]:
    """The inputs that answer both calls, and whether they name the parent."""
    first, second = calls(asked)
    one, two = result(first), result(second)
    question = {"type": "user_input", "content": [{"type": "text", "text": "The tides?"}]}
    history = [question, *asked["steps"]]
    unsigned = [{k: v for k, v in step.items() if k != "signature"} for step in calls(asked)]
    return {
        "results": ([one, two], True),
        "the other order": ([two, one], True),
        "inside a user input": (wrapped(one, two), True),
        "one inside each": ([*wrapped(two), *wrapped(one)], True),
        "inside and beside": ([*wrapped(two), one], True),
        "with words": ([one, two, {"type": "text", "text": "Well?"}], True),
        "words first": ([{"type": "text", "text": "Well?"}, one, two], True),
        "errors": ([result(first, is_error=True), result(second, is_error=True)], True),
        "signed": ([{**one, "signature": "EjRp"}, {**two, "signature": ""}], True),
        "nulls": ([{**one, "is_error": None}, {**two, "signature": None}], True),
        "history and parent": ([*history, one, two], True),
        "steps and parent": ([*asked["steps"], one, two], True),
        "dumped steps and parent": (
            [
                *(
                    {**step, "summary": None} if step["type"] == "thought" else step
                    for step in asked["steps"]
                ),
                one,
                two,
            ],
            True,
        ),
        "unsigned calls and parent": ([*unsigned, one, two], True),
        "history alone": ([*history, one, two], False),
        "history alone, inside": ([*history, *wrapped(one, two)], False),
    }


NAMES = [
    "results",
    "the other order",
    "inside a user input",
    "one inside each",
    "inside and beside",
    "with words",
    "words first",
    "errors",
    "signed",
    "nulls",
    "history and parent",
    "steps and parent",
    "dumped steps and parent",
    "unsigned calls and parent",
    "history alone",
    "history alone, inside",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tools", [[TOOL], None], ids=["tools", "no tools"])
def test_results_are_taken_in_every_form(
    door: Door, asked: Json, name: str, tools: list[Json] | None
) -> None:
    """With and without the tools resent; nothing is counted twice."""
    given, parented = forms(asked)[name]

    answer = door.create(
        given, tools=tools, previous_interaction_id=asked["id"] if parented else None
    )

    assert answer.status == 200, answer.body
    assert answer.text == "Low in both."


def test_every_form_has_its_row(asked: Json) -> None:
    """The names above are those of the table."""
    assert list(forms(asked)) == NAMES


def test_resent_history_is_not_counted_twice(fake: Fake, door: Door, asked: Json) -> None:
    """The model sees the question, the thought, both calls and both results once."""
    seen: list[list[str]] = []

    def note(ask: Ask) -> bool:
        seen.append([step["type"] for step in ask.conversation])
        return True

    fake.when(where=note)
    given, _ = forms(asked)["history and parent"]

    door.create(given, previous_interaction_id=asked["id"])
    usage = door.create(given, previous_interaction_id=asked["id"])

    assert usage.status == 400
    assert seen[-1] == [
        "user_input",
        "thought",
        *["function_call"] * 2,
        *["function_result"] * 2,
    ]


def wrong(asked: Json) -> dict[str, tuple[Any, str]]:
    """Inputs that do not answer both calls, and the name that the refusal tells."""
    first, second = calls(asked)
    one, two = result(first), result(second)
    return {
        "one of two": ([one], "tide"),
        "none": ("Go on", "tide"),
        "none, inside": (wrapped(), "tide"),
        "an unknown id": ([one, two, {**one, "call_id": "nobody", "name": "moon"}], "moon"),
        "only an unknown id": ([{**one, "call_id": "nobody", "name": "moon"}], "moon"),
    }


@pytest.mark.parametrize("name", ["one of two", "none", "an unknown id", "only an unknown id"])
@pytest.mark.parametrize("stream", [False, True])
def test_what_does_not_answer_the_calls_is_refused(
    door: Door, asked: Json, name: str, stream: bool
) -> None:
    """Unverified, in the only words anybody reported; the right answer still works after."""
    given, named = wrong(asked)[name]

    answer = door.create(given, previous_interaction_id=asked["id"], stream=stream)

    assert answer.status == 400
    body = answer.events[0] if stream else answer.json
    assert {"error": body["error"]} == invalid(OUT_OF_PLACE.format(named))
    good, _ = forms(asked)["results"]
    assert door.create(good, previous_interaction_id=asked["id"]).status == 200


def test_a_result_without_any_history_is_refused(door: Door) -> None:
    """There is no call it could answer."""
    lone = {"type": "function_result", "name": "tide", "call_id": "a", "result": "low"}

    assert door.create([lone]).json == invalid(OUT_OF_PLACE.format("tide"))


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("name", "Missing name in content of type function_result"),
        ("call_id", "Missing call_id in content of type function_result"),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_a_result_needs_its_name_and_its_call(
    door: Door, asked: Json, gone: str, message: str, inside: bool
) -> None:
    """The live server's words, wherever it stands."""
    results = [result(step) for step in calls(asked)]
    del results[1][gone]

    answer = door.create(
        wrapped(*results) if inside else results, previous_interaction_id=asked["id"]
    )

    assert (answer.status, answer.json) == (400, invalid(message))


def loop(door: Door, how: str) -> list[str]:
    """A client's loop until nothing is called any more; gives the statuses."""
    statuses: list[str] = []
    history: list[Json] = []
    body: Json = {"given": "The tide?", "tools": [TOOL]}
    history.append({"type": "user_input", "content": [{"type": "text", "text": "The tide?"}]})
    while len(statuses) < 9:
        answer = door.create(**body).json
        statuses.append(answer["status"])
        results = [result(step) for step in calls(answer)]
        if not results:
            break
        if how == "parent":
            body = {**body, "given": results, "previous_interaction_id": answer["id"]}
        else:
            history += [*answer["steps"], *(wrapped(*results) if how == "wrapped" else results)]
            body = {**body, "given": history, "store": False}
    return statuses


@pytest.mark.parametrize("how", ["parent", "stateless", "wrapped"])
def test_a_loop_ends(door: Door, how: str) -> None:
    """The unscripted model calls once and then answers."""
    assert loop(door, how) == ["requires_action", "completed"]


@pytest.mark.parametrize("how", ["parent", "stateless", "wrapped"])
def test_a_scripted_loop_of_several_turns_ends(fake: Fake, door: Door, how: str) -> None:
    """As long as the script says."""
    for _ in range(3):
        fake.replies(call("tide", at="Dover"))
    fake.replies("Low.")

    assert loop(door, how) == [*["requires_action"] * 3, "completed"]


def test_calls_are_streamed_with_their_arguments_in_the_deltas(fake: Fake, door: Door) -> None:
    """Start: id, name and empty arguments; delta: JSON text; the end requires action."""
    fake.replies(call("tide", at="Dover"), call("now"))
    now = {"type": "function", "name": "now"}

    events = door.create(tools=[TOOL, now], stream=True).events

    starts = [event["step"] for event in events if event["event_type"] == "step.start"][1:]
    assert [list(start) for start in starts] == [["id", "type", "name", "arguments"]] * 2
    assert [start["arguments"] for start in starts] == [{}, {}]
    deltas = [event["delta"] for event in events if event["event_type"] == "step.delta"][1:]
    assert deltas == [
        {"arguments": '{"at":"Dover"}', "type": "arguments_delta"},
        {"arguments": "{}", "type": "arguments_delta"},
    ]
    assert events[-1]["event_type"] == "interaction.completed"
    assert events[-1]["interaction"]["status"] == "requires_action"


def test_a_streamed_turn_reads_the_same_in_a_get(fake: Fake, door: Door) -> None:
    """Ids are those of the stream."""
    fake.replies(call("tide", at="Dover"))
    events = door.create(tools=[TOOL], stream=True).events

    body = door.get(events[-1]["interaction"]["id"]).json

    (one,) = calls(body)
    (start,) = [event["step"] for event in events if event.get("step", {}).get("name")]
    assert one["id"] == start["id"]
    assert one["arguments"] == {"at": "Dover"}
