"""Turns are divided without losing anything of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini import call, say, strategies, think
from fakegemini.protocol.split_turn import HopSteps, split_by_limit, split_in_hops
from fakegemini.protocol.step_reading import text_of
from fakegemini.protocol.tokens import estimate_tokens
from fakegemini.wire.http import Json

THOUGHT = think("Hm.")
CALL = call("f", x=1)

CASES: dict[str, tuple[list[Json], int, list[list[Json]]]] = {
    "one word": ([say("one")], 2, [[say("one")]]),
    "words": ([say("one two three")], 2, [[say("one two ")], [say("three")]]),
    "a thought goes with what follows": (
        [THOUGHT, say("one two")],
        2,
        [[THOUGHT, say("one ")], [say("two")]],
    ),
    "between steps": ([say("a b c"), CALL], 2, [[say("a b c")], [CALL]]),
    "steps and words": ([say("a b"), CALL], 3, [[say("a ")], [say("b")], [CALL]]),
    "calls come last": (
        [say("a b"), CALL, say("c d")],
        9,
        [[say("a ")], [say("b")], [CALL, say("c d")]],
    ),
    "a last thought": ([say("a b"), THOUGHT], 2, [[say("a ")], [say("b"), THOUGHT]]),
    "nothing": ([], 3, []),
    "a thought alone": ([THOUGHT], 2, [[THOUGHT]]),
}


@pytest.mark.parametrize("name", CASES)
def test_where_it_is_divided(name: str) -> None:
    """Between steps where there are enough, else between words."""
    steps, hops, parts = CASES[name]

    assert [[*part] for part in split_in_hops(tuple(steps), hops)] == parts


def words(steps: list[Json]) -> list[str]:
    """The texts of the outputs, and the types of all else."""
    return [text_of(one) if one["type"] == "model_output" else one["type"] for one in steps]


def joined(parts: list[HopSteps]) -> list[Json]:
    """The parts put together, as a client does that folds outputs which follow each other."""
    return [step for part in parts for step in part]


def content(steps: list[Json]) -> list[Json]:
    """All blocks of all outputs, plain texts that follow each other in one."""
    blocks: list[Json] = []
    for block in (block for step in steps for block in step.get("content", ())):
        plain = set(block) == {"text", "type"}
        if plain and blocks and set(blocks[-1]) == {"text", "type"}:
            blocks[-1] = {**block, "text": blocks[-1]["text"] + block["text"]}
        else:
            blocks.append(block)
    return blocks


@settings(deadline=None)
@given(strategies.turns(), st.integers(1, 9), st.integers(1, 30), st.booleans())
def test_nothing_is_lost(turn: list[Json], hops: int, limit: int, counted: bool) -> None:
    """The steps in their order, all their blocks; never more parts than asked for."""
    parts = split_in_hops(tuple(turn), hops) if counted else split_by_limit(tuple(turn), limit)

    others = [step for step in turn if step["type"] != "model_output"]
    assert [step for step in joined(parts) if step["type"] != "model_output"] == others
    assert content(joined(parts)) == content(turn)
    assert all(parts)
    assert not counted or 1 <= len(parts) <= hops


@given(st.text(min_size=1), st.integers(1, 20))
def test_no_part_is_longer_than_the_limit(text: str, limit: int) -> None:
    """But for a word that is longer by itself."""
    for part in split_by_limit((say(text),), limit):
        said = text_of(part[0])
        assert (
            estimate_tokens(said) <= limit
            or len(said.split()) <= 1
            or estimate_tokens(said) <= 2 * limit
        )
