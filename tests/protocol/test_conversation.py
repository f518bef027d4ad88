"""What a conversation carries along is what a walk over all of its steps would give."""

from __future__ import annotations

import pickle
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakegemini.protocol.ask import build_ask
from fakegemini.protocol.conversation import EARLIER_TEXTS, Conversation, Facts
from fakegemini.protocol.step_reading import (
    hoist_results,
    is_from_user,
    media_blocks,
    split_turns,
    step_key,
    text_of,
    unanswered_calls,
)
from fakegemini.protocol.tokens import add_tokens
from fakegemini.wire.http import Json

IDS = ("a1", "b2", "c3")
BLOCKS = [
    {"text": "Tide?", "type": "text"},
    {"text": "", "type": "text"},
    {"type": "image", "mime_type": "image/png", "data": "iVBORw=="},
    {"type": "audio", "mime_type": "audio/wav", "data": "UklGRg=="},
    {"type": "function_result", "call_id": "a1", "name": "tide", "result": "low"},
]
STEPS = st.one_of(
    st.lists(st.sampled_from(BLOCKS), max_size=3).map(
        lambda blocks: {"type": "user_input", "content": blocks}
    ),
    st.sampled_from(IDS).map(
        lambda id: {"type": "function_call", "id": id, "name": f"f_{id}", "arguments": {"n": 1}}
    ),
    st.tuples(st.sampled_from(IDS), st.sampled_from(["low", [BLOCKS[3]]])).map(
        lambda pair: {"type": "function_result", "call_id": pair[0], "result": pair[1]}
    ),
    st.sampled_from(
        [
            {"type": "thought", "signature": "EjRp"},
            {"type": "model_output", "content": [{"text": "Low.", "type": "text"}]},
            {"type": "model_output", "content": [BLOCKS[3]]},
            {"type": "tool_search_result", "result": [{"name": "tide"}]},
        ]
    ),
)
PARTS = st.lists(st.lists(STEPS, max_size=5), min_size=1, max_size=8)


def walk(steps: list[Json]) -> dict[str, Any]:
    """What the facts are, read off all of the steps."""
    tail_start = len(steps)
    while tail_start and is_from_user(steps[tail_start - 1]):
        tail_start -= 1

    def texts(some: list[Json]) -> tuple[str, ...]:
        return tuple(filter(None, (text_of(s) for s in some if s["type"] == "user_input")))

    earlier = texts(steps[:tail_start])
    return {
        "steps_to_answer": tuple(steps[tail_start:]),
        "new_texts": texts(steps[tail_start:]),
        "earlier_texts": earlier[-EARLIER_TEXTS:],
        "earlier_text_count": len(earlier),
        "model_turns": sum(not is_from_user(turn[0]) for turn in split_turns(steps)),
        "tokens": tuple(add_tokens({}, steps).items()),
        "open_calls": tuple(unanswered_calls(steps)),
        "loading_steps": tuple(s for s in steps if s["type"] == "tool_search_result"),
        "has_audio": any(block["type"] == "audio" for block in media_blocks(steps)),
    }


def carried(conversation: Conversation) -> dict[str, Any]:
    """The facts that a conversation has, without the sets behind them."""
    facts: Facts = conversation.facts
    return {name: getattr(facts, name) for name in walk([])}


def chain_of(parts: list[list[Json]], asks: list[bool]) -> Conversation:
    """A conversation of these parts; `asks` says at which of them its facts are asked for."""
    conversation = Conversation.of(())
    for part, asks_now in zip(parts, asks, strict=False):
        conversation = conversation.followed_by(part)
        if asks_now:
            assert conversation.facts is conversation.facts
    return conversation


@given(PARTS, PARTS, st.lists(st.booleans(), min_size=16, max_size=16))
def test_what_is_carried_along_is_what_a_walk_gives(
    trunk: list[list[Json]], branch: list[list[Json]], asks: list[bool]
) -> None:
    """On a trunk, on two branches of it, whenever somebody asked; the parent stays as it was."""
    parent = chain_of(trunk, asks)
    trunk_steps = hoist_results([step for part in trunk for step in part])
    before = list(parent)
    for parts in (branch, [*reversed(branch)]):
        child = parent
        for part in parts:
            child = child.followed_by(part)
        steps = trunk_steps + hoist_results([step for part in parts for step in part])
        assert list(child) == steps
        assert len(child) == len(steps)
        assert carried(child) == walk(steps)
        assert [*reversed(child)] == steps[::-1]
    assert list(parent) == before == trunk_steps
    assert carried(parent) == walk(trunk_steps)


@given(PARTS, st.lists(st.sampled_from([*IDS, "zz"]), max_size=3))
def test_calls_and_steps_are_found_from_the_newest_on(
    parts: list[list[Json]], call_ids: list[str]
) -> None:
    """The newest call of each id, and the keys that any step has."""
    conversation = Conversation.of(()).followed_by([step for part in parts for step in part])
    calls = {s["id"]: s for s in conversation if s["type"] == "function_call"}
    keys = {step_key(s) for s in conversation}
    asked_keys = ["thought EjRp", "function_call a1", "user_input Tide?", "thought other"]

    assert conversation.find_calls(call_ids) == {i: calls[i] for i in call_ids if i in calls}
    assert conversation.find_keys(asked_keys) == keys & set(asked_keys)


@given(PARTS, st.lists(STEPS, max_size=6))
def test_a_request_sees_the_same_behind_a_parent_and_behind_its_steps(
    parts: list[list[Json]], new: list[Json]
) -> None:
    """Shared structure or a tuple: what the model sees does not tell them apart."""
    shared = chain_of(parts, [True] * len(parts))
    by_parent = build_ask({"input": new}, history=shared)
    by_steps = build_ask({"input": new}, history=tuple(shared))

    for name in ("conversation", "new_steps", "turn", "said", "text", "results", "history"):
        assert getattr(by_parent, name) == getattr(by_steps, name), name
    assert by_parent.steps_to_answer == by_steps.steps_to_answer
    assert type(by_parent.conversation) is type(by_parent.history) is tuple
    said = by_parent.said
    assert by_parent.text == (said[-1] if said else "")


@pytest.mark.parametrize("copy", [deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_chain_of_any_length_can_be_copied_and_forgotten(copy: Any) -> None:
    """A store may pickle it; no link is followed by recursion, in asking, copying or dropping."""
    conversation = Conversation.of(())
    for number in range(20_000):
        conversation = conversation.followed_by(
            [
                {"type": "user_input", "content": [{"text": f"Tide {number}?", "type": "text"}]},
                {"type": "function_call", "id": f"c{number}", "name": "tide", "arguments": {}},
                {"type": "function_result", "call_id": f"c{number}", "result": "low"},
            ]
        )
    twin = copy(conversation)

    assert twin == conversation
    assert twin.facts.model_turns == conversation.facts.model_turns == 20_000
    assert twin.facts.open_calls == ()
    assert twin.facts.earlier_text_count == 20_000
    del conversation, twin


def test_a_child_shares_the_steps_of_its_parent() -> None:
    """A turn costs its own steps: the ids of answered calls stay in a few shared sets too."""
    conversation = Conversation.of(())
    for number in range(1_000):
        conversation = conversation.followed_by(
            [{"type": "function_result", "call_id": f"c{number}", "result": ""}]
        )
        assert len(conversation.facts.answered_ids) <= 10
    step: Json = {"type": "model_output", "content": []}
    children = [conversation.followed_by([step]) for _ in range(2)]

    assert all(child[0] is conversation[0] for child in children)
    assert children[0] == children[1]
    assert children[0] != conversation
