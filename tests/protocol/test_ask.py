"""Whatever form a request has, the model sees one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakegemini.protocol.ask import Ask, build_ask, has_bare_content, steps_of, without_nulls
from fakegemini.protocol.step_reading import CONTENT_TYPES, hoist_results, text_of, unanswered_calls
from fakegemini.wire.http import Json

HELLO = {"text": "Hello", "type": "text"}
IMAGE = {"type": "image", "mime_type": "image/png", "data": "iVBORw=="}
CALL = {"id": "a1", "type": "function_call", "name": "tide", "arguments": {}}
OTHER = {"id": "b2", "type": "function_call", "name": "tide", "arguments": {}}
RESULT = {"type": "function_result", "call_id": "a1", "name": "tide", "result": "low"}
LATER = {"type": "function_result", "call_id": "b2", "name": "tide", "result": {"m": 3}}
THOUGHT = {"signature": "EjRp", "type": "thought"}
ANSWER = {"content": [{"text": "Low.", "type": "text"}], "type": "model_output"}


def user(*blocks: Any) -> Json:
    """A `user_input` of texts and blocks."""
    content = [{"text": item, "type": "text"} if isinstance(item, str) else item for item in blocks]
    return {"type": "user_input", "content": content}


def ask(given: Any, *history: Json, **body: Any) -> Ask:
    """A request with this input, after this history."""
    return build_ask({**body, "input": given}, history=history)


FORMS: dict[str, tuple[Any, list[Json]]] = {
    "nothing": (None, []),
    "a string": ("Hello", [user("Hello")]),
    "an empty list": ([], []),
    "a block": (HELLO, [user("Hello")]),
    "a block without a type": ({"text": "Hello"}, [user("Hello")]),
    "blocks": ([HELLO, IMAGE], [user("Hello", IMAGE)]),
    "strings": (["Hello", "there"], [user("Hello", "there")]),
    "a step": (user("Hello"), [user("Hello")]),
    "steps": ([user("Hello"), ANSWER, user("More")], [user("Hello"), ANSWER, user("More")]),
    "a step with bare content": ([{"type": "user_input", "content": "Hello"}], [user("Hello")]),
    "one step with bare content": ({"type": "user_input", "content": "Hello"}, [user("Hello")]),
    "a result": (RESULT, [RESULT]),
    "results": ([RESULT, LATER], [RESULT, LATER]),
    "a result between blocks": (
        [HELLO, RESULT, IMAGE, HELLO],
        [user("Hello"), RESULT, user(IMAGE, "Hello")],
    ),
    "a result inside": ([user(RESULT)], [user(RESULT)]),
    "a type nobody knows": (
        [{"type": "teleport", "to": "Mars"}],
        [{"type": "teleport", "to": "Mars"}],
    ),
}


@pytest.mark.parametrize(("given_", "steps"), FORMS.values(), ids=FORMS.keys())
def test_every_form_of_input_becomes_steps(given_: Any, steps: list[Json]) -> None:
    """The form in which a get shows it."""
    assert steps_of(given_) == steps


@pytest.mark.parametrize("kind", sorted(CONTENT_TYPES))
def test_a_block_of_every_medium_is_content(kind: str) -> None:
    """Alone and in a list."""
    block = {"type": kind, "uri": "https://a.example/x"}

    assert steps_of(block) == steps_of([block]) == [user(block)]


def test_the_form_of_a_string_is_recorded_to_the_key() -> None:
    """`text` before `type` in the block, `type` before `content` in the step."""
    assert json.dumps(steps_of("x")) == (
        '[{"type": "user_input", "content": [{"text": "x", "type": "text"}]}]'
    )


@pytest.mark.parametrize(
    ("value", "bare"),
    [
        ([{"type": "user_input", "content": "x"}], True),
        ([user("x"), {"type": "user_input", "content": "x"}], True),
        ([user("x")], False),
        ("x", False),
        (["x"], False),
        (HELLO, False),
        (None, False),
    ],
)
def test_bare_content_is_seen(value: Any, bare: bool) -> None:
    """The form that only the REST samples have."""
    assert has_bare_content(value) is bare


NULLS = [
    ({"a": None, "b": 1}, {"b": 1}),
    ({"previous_interaction_id": None}, {}),
    ({"input": [{"type": "thought", "summary": None}]}, {"input": [{"type": "thought"}]}),
    ({"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
    ({"a": [None, {"b": None}]}, {"a": [None, {}]}),
    ({"arguments": {"a": None}}, {"arguments": {"a": None}}),
    ({"result": {"a": [None]}}, {"result": {"a": [None]}}),
    ({"parameters": {"default": None}}, {"parameters": {"default": None}}),
    ({"schema": {"enum": [None], "const": None}}, {"schema": {"enum": [None], "const": None}}),
    ({"arguments": None}, {}),
    (None, None),
    ("x", "x"),
    ({"a": False, "b": 0, "c": ""}, {"a": False, "b": 0, "c": ""}),
]


@pytest.mark.parametrize(("value", "rest"), NULLS)
def test_a_null_member_reads_as_absent(value: Any, rest: Any) -> None:
    """But for what belongs to functions and schemas."""
    assert without_nulls(value) == rest


MEMBERS: list[tuple[Json, str, Any]] = [
    ({"model": "gemini-3.5-flash"}, "model", "gemini-3.5-flash"),
    ({"model": "models/gemini-3.5-flash"}, "model", "gemini-3.5-flash"),
    ({}, "model", None),
    ({"agent": "a"}, "agent", "a"),
    ({}, "tools", ()),
    ({"tools": [1]}, "tools", (1,)),
    ({}, "config", {}),
    ({"generation_config": {"seed": 1}}, "config", {"seed": 1}),
    ({}, "store", True),
    ({"store": True}, "store", True),
    ({"store": False}, "store", False),
    ({}, "background", False),
    ({"background": True}, "background", True),
    ({}, "stream", False),
    ({"stream": False}, "stream", False),
    ({"stream": True}, "stream", True),
    ({}, "parent", None),
    ({"previous_interaction_id": ""}, "parent", None),
    ({"previous_interaction_id": "v1_x"}, "parent", "v1_x"),
]


@pytest.mark.parametrize(("body", "name", "value"), MEMBERS)
def test_a_member_of_the_request_has_its_default(body: Json, name: str, value: Any) -> None:
    """One row a case."""
    assert getattr(Ask(body, ()), name) == value


HOISTED: list[tuple[list[Json], list[Json]]] = [
    ([user("Hello")], [user("Hello")]),
    ([user(RESULT)], [RESULT]),
    ([user(RESULT, LATER)], [RESULT, LATER]),
    ([user("Also:", RESULT)], [RESULT, user("Also:")]),
    ([CALL, user(RESULT), ANSWER], [CALL, RESULT, ANSWER]),
    ([{"type": "user_input"}], [{"type": "user_input"}]),
    ([user()], [user()]),
]


@pytest.mark.parametrize(("steps", "out"), HOISTED)
def test_a_result_inside_a_user_input_becomes_a_step(steps: list[Json], out: list[Json]) -> None:
    """A server that reads only top-level results loops for ever."""
    assert hoist_results(steps) == out


RESENT: dict[str, tuple[tuple[Json, ...], Any, list[Json]]] = {
    "nothing is resent": ((user("Tide?"), THOUGHT, CALL), [RESULT], [RESULT]),
    "the call": ((user("Tide?"), THOUGHT, CALL), [CALL, RESULT], [RESULT]),
    "thought and call": ((user("Tide?"), THOUGHT, CALL), [THOUGHT, CALL, RESULT], [RESULT]),
    "a call without its signature": (
        (user("Tide?"), {**CALL, "signature": "EjRp"}),
        [CALL, RESULT],
        [RESULT],
    ),
    "the whole history": (
        (user("Tide?"), THOUGHT, CALL),
        [user("Tide?"), THOUGHT, CALL, user(RESULT)],
        [RESULT],
    ),
    "an output": ((user("Hi"), ANSWER), [user("Hi"), ANSWER, user("More")], [user("More")]),
    "the same words again": ((user("Again"), ANSWER), "Again", [user("Again")]),
    "the same words after the output": (
        (user("Again"), ANSWER),
        [user("Again"), ANSWER, user("Again")],
        [user("Again")],
    ),
    "a history nobody knows": (
        (),
        [user("Hi"), ANSWER, user("More")],
        [user("Hi"), ANSWER, user("More")],
    ),
    "one of two results": ((user("Tide?"), CALL, OTHER), [CALL, OTHER, LATER], [LATER]),
}


@pytest.mark.parametrize(("history", "given_", "fresh"), RESENT.values(), ids=RESENT.keys())
def test_what_is_resent_with_a_parent_counts_once(
    history: tuple[Json, ...], given_: Any, fresh: list[Json]
) -> None:
    """Some clients name the parent and repeat its steps all the same."""
    seen = ask(given_, *history)

    assert list(seen.new_steps) == fresh
    assert list(seen.conversation) == [*hoist_results(history), *fresh]


TURNS: list[tuple[tuple[Json, ...], Any, int]] = [
    ((), "Hi", 1),
    ((user("Hi"), THOUGHT, ANSWER), "More", 2),
    ((user("Hi"), THOUGHT, CALL), [RESULT], 2),
    ((user("Hi"), CALL, RESULT, THOUGHT, ANSWER), "More", 3),
    ((), [user("Hi"), THOUGHT, ANSWER, user("More")], 2),
    ((), [user("Hi"), THOUGHT, CALL, user(RESULT)], 2),
    ((user("Hi"), THOUGHT, CALL), [THOUGHT, CALL, RESULT], 2),
    ((user("Hi"), user("there")), "More", 1),
]


@pytest.mark.parametrize(("history", "given_", "turn"), TURNS)
def test_turns_of_the_model_are_counted(history: tuple[Json, ...], given_: Any, turn: int) -> None:
    """Runs of the model's steps before it, plus one; however the history came."""
    assert ask(given_, *history).turn == turn


def test_the_newest_words_of_the_user_are_found() -> None:
    """Blocks are joined, results and media have no words."""
    seen = ask([user("Look:", IMAGE, "here")], user("Hi"), ANSWER, CALL, RESULT)

    assert seen.text == "Look:\nhere"
    assert seen.said == ("Hi", "Look:\nhere")
    assert ask([RESULT], user("Tide?"), CALL).text == "Tide?"
    assert ask([user(IMAGE)]).text == ""


def test_the_tail_is_what_this_turn_answers() -> None:
    """Everything after the model's last step."""
    assert ask([RESULT, user("Well?")], user("Hi"), CALL).steps_to_answer == (RESULT, user("Well?"))
    assert ask("Hi").steps_to_answer == (user("Hi"),)
    assert ask([user("Hi"), ANSWER]).steps_to_answer == ()


@pytest.mark.parametrize(
    ("steps", "waiting"),
    [
        ([CALL], [CALL]),
        ([CALL, RESULT], []),
        ([CALL, OTHER, LATER], [CALL]),
        ([RESULT, CALL], []),
        ([ANSWER, {"type": "google_search_call", "id": "s"}], []),
        ([], []),
    ],
)
def test_calls_without_a_result_wait(steps: list[Json], waiting: list[Json]) -> None:
    """Only those of functions, whatever the order."""
    assert unanswered_calls(steps) == waiting


def test_the_results_of_this_request_are_told() -> None:
    """Not those of earlier turns."""
    seen = ask([user(LATER)], CALL, RESULT, OTHER)

    assert seen.results == (LATER,)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (user("a", "b"), "a\nb"),
        (user(IMAGE), ""),
        ({"content": "bare"}, "bare"),
        ({"type": "thought"}, ""),
        (ANSWER, "Low."),
    ],
)
def test_the_text_of_a_step(step: Json, text: str) -> None:
    """Its text blocks, joined by a line break."""
    assert text_of(step) == text


STEP = st.sampled_from([user("a"), user("b"), CALL, OTHER, RESULT, LATER, THOUGHT, ANSWER])


@given(st.lists(STEP, max_size=8), st.lists(STEP, max_size=8))
def test_resent_history_is_never_counted_twice(history: list[Json], new: list[Json]) -> None:
    """Resending a chain that ends with the model changes nothing, whatever is new."""
    chain = [*history, ANSWER]
    fresh = [step for step in new if step["type"] == "user_input"]

    short, long = ask(fresh, *chain), ask([*chain, *fresh], *chain)

    assert short.conversation == long.conversation
    assert short.turn == long.turn
