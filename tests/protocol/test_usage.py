"""Token counts whose sums hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakegemini import call, say, step, think
from fakegemini.protocol.ask import Ask, steps_of
from fakegemini.protocol.tokens import MEDIA_TOKENS, estimate_tokens
from fakegemini.protocol.turn import Turn
from fakegemini.protocol.usage import count_output_tokens, count_usage
from fakegemini.wire.http import Json

ORDER = [
    "total_tokens",
    "total_input_tokens",
    "input_tokens_by_modality",
    "cached_tokens_by_modality",
    "total_cached_tokens",
    "total_output_tokens",
    "output_tokens_by_modality",
    "total_tool_use_tokens",
    "tool_use_tokens_by_modality",
    "total_thought_tokens",
    "grounding_tool_count",
]
IMAGE = {"type": "image", "mime_type": "image/jpeg", "data": "/9j/4AAQ"}
MEDIA = [{"type": kind, "uri": "https://a.example"} for kind in MEDIA_TOKENS]
BLOCKS = st.lists(
    st.sampled_from(MEDIA) | st.builds(lambda text: {"text": text, "type": "text"}, st.text()),
    max_size=4,
)
STEPS = st.lists(
    st.one_of(
        st.builds(lambda blocks: {"type": "model_output", "content": blocks}, BLOCKS),
        st.builds(lambda text: call("f", a=text), st.text()),
        st.just(think("A long thought that counts on its own.")),
        st.just(step("teleport_call", to="Mars")),
    ),
    max_size=5,
)


def counted(given: Any, *steps: Json, **body: Any) -> Json:
    """The usage of a turn of these steps on this input."""
    ask = Ask({**body, "input": given}, tuple(steps_of(given)))
    return count_usage(ask, Turn(steps))


def total(usage: Json, name: str) -> int:
    """The sum of a breakdown."""
    return sum(row["tokens"] for row in usage.get(name, ()))


@given(
    given_=BLOCKS,
    history=STEPS,
    steps=STEPS,
    thought=st.integers(0, 999),
    tool=st.integers(0, 99),
    system=st.none() | st.text(),
)
def test_the_sums_hold(
    given_: list[Json],
    history: list[Json],
    steps: list[Json],
    thought: int,
    tool: int,
    system: str | None,
) -> None:
    """The total of its parts, each part of its modalities; keys in the recorded order."""
    body = {"input": given_} | ({"system_instruction": system} if system is not None else {})
    ask = Ask(body, tuple(steps_of(given_)), tuple(history))

    usage = count_usage(ask, Turn(tuple(steps), thought_tokens=thought, tool_use_tokens=tool))

    assert usage["total_tokens"] == (
        usage["total_input_tokens"] + usage["total_output_tokens"] + thought + tool
    )
    assert total(usage, "input_tokens_by_modality") == usage["total_input_tokens"]
    if "output_tokens_by_modality" in usage:  # media alone, so no text beside them
        rows = usage["output_tokens_by_modality"]
        assert "text" not in [row["modality"] for row in rows]
        assert total(usage, "output_tokens_by_modality") <= usage["total_output_tokens"]
    assert [name for name in ORDER if name in usage] == list(usage)
    assert all(value for name, value in usage.items() if name.endswith("_by_modality"))


def test_a_text_turn_has_the_recorded_keys() -> None:
    """Zeros are there, empty breakdowns are not, output is only broken down for media."""
    assert counted("Hello", say("Hi there, you.")) == {
        "total_tokens": 6,
        "total_input_tokens": 2,
        "input_tokens_by_modality": [{"modality": "text", "tokens": 2}],
        "total_cached_tokens": 0,
        "total_output_tokens": 4,
        "total_tool_use_tokens": 0,
        "total_thought_tokens": 0,
    }


def test_media_are_broken_down() -> None:
    """Each medium has its row."""
    usage = counted([IMAGE, {"text": "Hm", "type": "text"}], say(IMAGE))

    assert usage["input_tokens_by_modality"] == [
        {"modality": "image", "tokens": 1120},
        {"modality": "text", "tokens": 1},
    ]
    assert usage["output_tokens_by_modality"] == [{"modality": "image", "tokens": 1120}]


def test_the_history_counts_as_input() -> None:
    """Since July 2026 the whole chain does."""
    ask = Ask({"input": "More"}, tuple(steps_of("More")), (say("x" * 400),))

    assert count_usage(ask, Turn((say("x"),)))["total_input_tokens"] == 101


def test_resent_history_counts_once() -> None:
    """A client that names the parent and repeats it pays once."""
    history = (*steps_of("Tide?"), {"id": "a", **call("f")})
    result = {"type": "function_result", "call_id": "a", "name": "f", "result": "low"}
    short = Ask({}, (result,), history)
    long = Ask({}, (*history, result), history)

    assert count_usage(short, Turn(())) == count_usage(long, Turn(()))


def test_instruction_and_tools_count_as_input() -> None:
    """They are sent with every turn."""
    bare = counted("x", say("y"))["total_input_tokens"]

    assert counted("x", say("y"), system_instruction="be brief")["total_input_tokens"] == bare + 2
    assert counted("x", say("y"), tools=[{"type": "google_search"}])["total_input_tokens"] > bare


def test_a_fixed_usage_is_sent_as_it_is() -> None:
    """Even one whose sums do not hold: a test may want it."""
    ask = Ask({}, ())

    assert count_usage(ask, Turn((say("x"),), usage={"total_tokens": 0})) == {"total_tokens": 0}


def test_grounding_is_counted_last() -> None:
    """Only where there was some."""
    grounding = {"type": "google_search", "count": 2}
    usage = count_usage(Ask({}, ()), Turn((say("x"),), grounding=(grounding,)))

    assert list(usage)[-1] == "grounding_tool_count"
    assert usage["grounding_tool_count"] == [grounding]
    assert "grounding_tool_count" not in counted("x", say("y"))


@pytest.mark.parametrize(
    ("text", "size"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("🌊", 1), ("\ud800", 1)]
)
def test_four_bytes_are_a_token(text: str, size: int) -> None:
    """An estimate, but the same one everywhere."""
    assert estimate_tokens(text) == size


def test_the_output_of_steps_is_counted_alike() -> None:
    """Calls have tokens too."""
    assert (
        count_output_tokens([say("abcd"), call("f")])
        == counted("", say("abcd"), call("f"))["total_output_tokens"]
    )
