"""A chain is kept as bytes, and looks as if it were kept as it was made.

A fake whose clock is a function of the test's packs nothing; it is asked the same beside one that
packs all it can.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini import Fake, Request, call, running_for, say, step, think
from fakegemini.fake.answer_templates.conditions import Conditions
from fakegemini.fake.answer_templates.filled_interaction import FilledInteraction
from fakegemini.fake.answer_templates.pack_turn import pack_turn, unpack_turn
from fakegemini.protocol.eras import CURRENT_ERA
from fakegemini.protocol.turn import File, Turn

from .test_answer_templates import (
    ASKS,
    BODIES,
    MODEL,
    SCRIPTS,
    ask,
    filled,
    holding,
    look_back,
    pair,
    read_outcome,
)

TOOLS = [{"type": "function", "name": "tide", "parameters": {"type": "object"}}]
PATH = "/v1beta/interactions"
INPUTS: dict[str, Any] = {
    "a text": "Why are there tides?",
    "a block": {"type": "text", "text": "Why?"},
    "blocks": ["Why?", {"type": "text", "text": "And when?"}],
    "steps": [{"type": "user_input", "content": "Why?"}],
    "a picture": [{"type": "image", "data": "iVBORw0KGgo=", "mime_type": "image/png"}, "What?"],
    "nulls": [{"type": "text", "text": "Why?", "odd": None}],
}


def pack_all(fake: Fake) -> None:
    """Pack whatever can be."""
    for each in filled(fake):
        each.pack()
    assert not any(holding(fake))


def results_of(outcome: Any) -> list[Any]:
    """The results of the calls in an answer."""
    steps = json.loads(outcome[2][0]).get("steps", []) if outcome[0] == 200 else []
    return [
        {"type": "function_result", "call_id": call_step["id"], "name": "tide", "result": "low"}
        for call_step in steps
        if call_step["type"] == "function_call"
    ]


def ask_both(fakes: tuple[Fake, Fake], body: dict[str, Any], place: int | None) -> Any:
    """Ask two fakes the same; `place` is that of the parent in the log."""
    parent = fakes[0].requests[place].id if place is not None else None
    body = {"model": MODEL} | body | ({"previous_interaction_id": parent} if parent else {})
    outcomes = [read_outcome(fake, json.dumps(body).encode()) for fake in fakes]
    assert outcomes[0] == outcomes[1]
    return outcomes[0]


def grow(
    fakes: tuple[Fake, Fake], bodies: list[dict[str, Any]], places: list[int], packs: list[bool]
) -> None:
    """Ask one body after the other behind turns that were made before, some of them packed."""
    for index, body in enumerate(bodies):
        count = len(fakes[0].requests)
        place = places[index] % count if count else None
        if place is not None and packs[index]:
            pack_all(fakes[0])
        ask_both(fakes, body, place)
    pack_all(fakes[0])
    assert not filled(fakes[1])
    assert look_back(fakes[0]) == look_back(fakes[1])


@pytest.mark.parametrize("members", [*BODIES.values(), *ASKS.values()], ids=[*BODIES, *ASKS])
def test_every_kind_of_create_in_a_chain(members: dict[str, Any]) -> None:
    """Turns of any kind, each behind the one before it, and a branch."""
    bodies = [members | {"input": text} for text in ("Hi", "Again", "<é>", "null", "Bye")]

    grow(pair(), bodies, [0, 0, 1, 2, 1], [False, False, True, False, True])


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("name", ["plain", "stream", "unstored", "background"])
def test_scripted_chains(script: Callable[[Fake], object], name: str) -> None:
    """Whatever a script says, in a chain."""
    fakes = pair()
    for fake in fakes:
        script(fake)
    bodies = [BODIES[name] | {"input": text} for text in ("Hi", "Hello", "Hi", "<é>", "Bye")]

    grow(fakes, bodies, [0, 0, 1, 2, 1], [False, False, True, False, True])


@settings(deadline=None, max_examples=40)
@given(
    bodies=st.lists(
        st.builds(
            lambda text, members: {"input": text, **members},
            st.sampled_from([*INPUTS.values()]),
            st.sampled_from([{}, {"stream": True}, {"store": False}, {"system_instruction": "x"}]),
        ),
        min_size=3,
        max_size=8,
    ),
    places=st.lists(st.integers(-1, 30), min_size=8, max_size=8),
    packs=st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_trees_of_any_form(
    bodies: list[dict[str, Any]], places: list[int], packs: list[bool]
) -> None:
    """Branches and chains of inputs in every form, packed at any moment."""
    grow(pair(), bodies, places, packs)


@pytest.mark.parametrize("scripted", [False, True])
def test_functions_called_in_a_long_chain(scripted: bool) -> None:
    """Calls are found again in what is packed: answered, answered twice, and forgotten."""
    fakes = pair()
    for fake in fakes if scripted else ():
        fake.answers(lambda ask: "Low." if ask.results else [think("Hm."), call("tide")])
    place: int | None = None
    for number in range(40):
        outcome = ask_both(fakes, {"input": "Call tide", "tools": TOOLS}, place)
        results = results_of(outcome)
        assert results
        if number % 5 == 2:
            pack_all(fakes[0])
        called = len(fakes[0].requests) - 1
        ask_both(fakes, {"input": results, "tools": TOOLS}, called)
        place = len(fakes[0].requests) - 1
        if number % 9 == 3:
            ask_both(fakes, {"input": results, "tools": TOOLS}, place)
            ask_both(fakes, {"input": "Never mind", "tools": TOOLS}, called)
    pack_all(fakes[0])

    assert look_back(fakes[0]) == look_back(fakes[1])


def test_whoever_looks_at_the_history_sees_all_of_it() -> None:
    """A script that reads its whole conversation, and a deleted turn in the middle."""
    fakes = pair()
    for fake in fakes:
        fake.answers(lambda ask: f"{len(ask.history)} {ask.said} {ask.turn} {ask.conversation[0]}")
    for number in range(40):
        place = number - 1 if number else None
        ask_both(fakes, {"input": f"Question {number}"}, place)
        if number == 20:
            pack_all(fakes[0])
            path = f"{PATH}/{fakes[0].requests[10].id}"
            assert [fake.handle(Request("DELETE", path)).status for fake in fakes] == [200, 200]
            for fake in fakes:
                del fake.requests[-1]
    pack_all(fakes[0])

    assert look_back(fakes[0]) == look_back(fakes[1])


def chain(fake: Fake, count: int, parent: str | None = None) -> str | None:
    """Ask so many questions, one behind the other."""
    for _ in range(count):
        body = {"model": MODEL, "input": "Why are there tides?"}
        body |= {"previous_interaction_id": parent} if parent else {}
        ask(fake, json.dumps(body).encode())
        parent = fake.requests[-1].id
    return parent


@pytest.mark.parametrize("scripted", [False, True])
def test_only_the_newest_turns_are_held_as_they_were_made(scripted: bool) -> None:
    """A stored turn of a chain is a few objects, however long the chain is."""
    fake = Fake()
    if scripted:
        fake.default(think(), "Of the moon.")
    parent = chain(fake, 150)
    gc.collect()
    before = len(gc.get_objects())
    chain(fake, 160, parent)
    gc.collect()

    assert sum(holding(fake)) == 64
    assert len(gc.get_objects()) - before <= 9 * 160  # 21 for each turn, where all is held


def test_a_turn_that_is_continued_again_is_held_again() -> None:
    """Many branches of one early turn do not recall it each time."""
    fake = Fake()
    chain(fake, 80)
    early = filled(fake)[3]
    early.pack()
    chain(fake, 1, str(early.id))
    held = early.ask
    chain(fake, 3, str(early.id))

    assert early.ask is held


def test_a_reset_forgets_the_newest_turns() -> None:
    """Nothing of before is held."""
    fake = Fake()
    chain(fake, 5)
    fake.reset()

    assert not fake._state.recent


def test_a_long_chain_is_dropped_without_recursion() -> None:
    """Each turn holds its parent."""
    conditions = Conditions("", CURRENT_ERA, None, "")
    turn: FilledInteraction | None = None
    for _ in range(100_000):
        turn = FilledInteraction(conditions, b"{}", 1, None, 0.0, parent=turn)

    del turn


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.just("type"), inner, max_size=3)
    ),
    max_leaves=9,
)
STEPS = st.dictionaries(
    st.sampled_from(["type", "content", "arguments", "signature", "id"]), JSON_VALUES
)


@settings(deadline=None)
@given(
    st.lists(STEPS, max_size=3),
    st.none() | st.sampled_from(["incomplete", "odd"]),
    st.integers(0, 9),
    st.none() | STEPS,
)
def test_a_turn_is_unpacked_as_it_was_packed(
    steps: list[Any], status: str | None, tokens: int, usage: Any
) -> None:
    """Values, types and the order of members; the packed turn shares nothing that can change."""
    turn = Turn(tuple(steps), status, thought_tokens=tokens, usage=usage, errors=(*steps,))
    packed = pack_turn(turn)
    assert packed is not None
    text = repr(turn)
    for each in steps:
        each.clear()

    assert repr(unpack_turn(packed)) == text


class Word(StrEnum):
    """A text of another type."""

    LOW = "low"


ODD_TURNS: dict[str, Turn] = {
    "an enum": Turn((step("model_output", content=Word.LOW),)),
    "a date": Turn((step("model_output", content=[object()]),)),
    "a subclass": Turn((step("function_call", arguments=type("Own", (dict,), {})()),)),
    "very deep": Turn((json.loads('{"a":' * 900 + "1" + "}" * 900),)),
    "many texts": Turn((step("model_output", content=["x"] * 2000),)),
    "a file": Turn((say("x"),), files=(File("files/x", "text/plain", b"x"),)),
    "a course": Turn((say("x"),), course=running_for(5)),
}


@pytest.mark.parametrize("turn", ODD_TURNS.values(), ids=ODD_TURNS)
def test_what_cannot_be_packed_is_held(turn: Turn) -> None:
    """A turn of more than JSON's own types, or of very much."""
    packed = pack_turn(turn)

    assert packed is None or repr(unpack_turn(packed)) == repr(turn)
    assert packed is None or turn is ODD_TURNS["very deep"]
