"""What the server adds to what a model says."""

from __future__ import annotations

from typing import Any

import pytest

from fakegemini import call, say, step, think
from fakegemini.protocol.ask import Ask, steps_of
from fakegemini.protocol.finish_turn import finish
from fakegemini.protocol.ids import NO_THOUGHT_SIGNATURE, IdSource
from fakegemini.protocol.turn import Turn
from fakegemini.wire.http import Json

RESULT = {"type": "function_result", "call_id": "a1", "name": "f", "result": "x"}
HISTORY = ({"id": "a1", "type": "function_call", "name": "f", "arguments": {}},)
SPENT = 40


def finished(*steps: Json, thinks: bool = True, given: Any = "Hi", **body: Any) -> Turn:
    """The turn of these steps as it is sent, for this input."""
    ask = Ask({"model": "m", "input": given, **body}, tuple(steps_of(given)), HISTORY)
    return finish(Turn(steps), ask, IdSource("s"), thinks=thinks)


def kinds(turn: Turn) -> list[str]:
    """The types of its steps."""
    return [step["type"] for step in turn.steps]


SHAPES: dict[str, tuple[tuple[Json, ...], bool, list[str]]] = {
    "a text": ((say("x"),), True, ["thought", "model_output"]),
    "a text of a model that does not think": ((say("x"),), False, ["model_output"]),
    "a call": ((call("f"),), True, ["thought", "function_call"]),
    "two calls": ((call("f"), call("f")), True, ["thought", "function_call", "function_call"]),
    "its own thought": ((think("Hm."), say("x")), True, ["thought", "model_output"]),
    "a thought at the end": ((say("x"), think()), True, ["model_output", "thought"]),
    "nothing": ((), True, []),
    "a search": (
        (step("google_search_call"), step("google_search_result"), say("x")),
        True,
        ["google_search_call", "google_search_result", "thought", "model_output"],
    ),
    "a search alone": ((step("google_search_call"),), True, ["thought", "google_search_call"]),
}


@pytest.mark.parametrize(("steps", "thinks", "types"), SHAPES.values(), ids=SHAPES.keys())
def test_a_thought_goes_before_what_is_said(
    steps: tuple[Json, ...], thinks: bool, types: list[str]
) -> None:
    """A thinking model's turn has one, even with no thought tokens (recorded)."""
    assert kinds(finished(*steps, thinks=thinks)) == types


def test_a_call_gets_an_id_and_repeats_the_signature_of_its_thought() -> None:
    """Keys in the recorded order; only the first call of a batch is signed."""
    thought, first, second = finished(call("f", a=1), call("g")).steps

    assert list(first) == ["id", "signature", "type", "name", "arguments"]
    assert first["signature"] == thought["signature"]
    assert list(second) == ["id", "type", "name", "arguments"]
    assert first["id"] != second["id"]


def test_a_call_of_nothing_stored_is_not_signed() -> None:
    """Recorded without."""
    assert "signature" not in finished(call("f"), store=False).steps[-1]


def test_what_a_script_fixed_stays() -> None:
    """Its ids and signatures are its own."""
    fixed = {
        "id": "mine",
        "signature": "EjRp",
        "type": "function_call",
        "name": "f",
        "arguments": {},
    }

    turn = finished({"type": "thought", "signature": "AAAA"}, fixed)

    assert turn.steps == ({"type": "thought", "signature": "AAAA"}, fixed)


def test_a_whole_turn_is_sent_as_it_is() -> None:
    """That of a recording needs nothing."""
    turn = Turn(({"type": "function_call", "name": "f", "arguments": {}},), is_verbatim=True)

    assert finish(turn, Ask({}, ()), IdSource("s"), thinks=True) is turn


@pytest.mark.parametrize(
    "family",
    ["google_search", "url_context", "code_execution", "file_search", "teleport"],
)
def test_a_result_is_linked_to_its_call(family: str) -> None:
    """By the call's id, of its own family, known or not."""
    made = finished(step(f"{family}_call"), step("other_call"), step(f"{family}_result")).steps

    assert made[-1]["call_id"] == made[1]["id"]
    assert list(made[-1]) == ["call_id", "type"]


def test_results_of_parallel_calls_are_linked_in_order() -> None:
    """The oldest call that waits comes first; what the script names is not linked again."""
    made = finished(
        *(step("google_search_call", id=name) for name in "abc"),
        step("google_search_result"),
        step("google_search_result", call_id="c"),
        step("google_search_result"),
        step("google_search_result"),
        thinks=False,
    ).steps

    assert [one["call_id"] for one in made[3:]] == ["a", "c", "b", "c"]


def test_a_result_without_a_call_is_left_alone() -> None:
    """Nothing to link it to."""
    assert "call_id" not in finished(step("google_search_result"), thinks=False).steps[0]


@pytest.mark.parametrize(
    ("given", "idle"),
    [("Hi", False), ([RESULT], True), ([{"type": "user_input", "content": [RESULT]}], True)],
    ids=["a question", "a result", "a result inside"],
)
def test_a_turn_that_only_digests_results_does_not_think(given: Any, idle: bool) -> None:
    """It carries the constant signature and no thought tokens (recorded)."""
    turn = finished(say("x"), given=given)

    assert (turn.steps[0]["signature"] == NO_THOUGHT_SIGNATURE) is idle
    assert turn.thought_tokens == (0 if idle else SPENT)


def test_the_script_is_not_changed() -> None:
    """The same step may be played twice."""
    scripted = call("f")

    finished(scripted)

    assert scripted == call("f")
