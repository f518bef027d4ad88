"""A step streams, and what a client puts together from the stream is the step again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakegemini import BadScript, call, say, step, think
from fakegemini.protocol.events import step_events, to_steps
from fakegemini.protocol.steps import delta_fits, fold, split_text, unfold
from fakegemini.wire.http import Json

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas" / "interactions" / "step"
SIGNED = {"signature": "EjRpbnZlbnRlZA=="}
TEXT = {"text": "Ebbe und Flut 🌊", "type": "text"}
CITATION = {"type": "url_citation", "start_index": 0, "end_index": 4, "url": "https://a.example"}
IMAGE = {"type": "image", "mime_type": "image/jpeg", "data": "/9j/4AAQ"}

STEPS: list[Json] = [
    {"type": "user_input", "content": [TEXT]},
    {"type": "thought"},
    {"type": "thought", **SIGNED},
    {"type": "thought", "summary": [TEXT, {"text": "more", "type": "text"}], **SIGNED},
    {"type": "model_output", "content": [TEXT]},
    {"type": "model_output", "content": []},
    {"type": "model_output", "content": [TEXT, IMAGE, TEXT]},
    {"type": "model_output", "content": [{**TEXT, "annotations": [CITATION, CITATION]}]},
    {"type": "model_output", "content": [TEXT], "error": {"code": 13, "message": "broke"}},
    {"type": "function_call", "id": "a1", "name": "tide", "arguments": {"at": {"deep": [1, None]}}},
    {"type": "function_call", "id": "a1", "name": "tide", "arguments": {}},
    {"type": "function_result", "call_id": "a1", "name": "tide", "result": {"m": 3}},
    {"type": "function_result", "call_id": "a1", "result": [TEXT], "is_error": True},
    {"type": "google_search_call", "id": "s1", "arguments": {"queries": ["x"]}, **SIGNED},
    {"type": "google_search_call", "id": "s1", "arguments": {}, "search_type": "web_search"},
    {"type": "google_search_result", "call_id": "s1", "result": [{"search_suggestions": "<b>"}]},
    {"type": "google_maps_call", "id": "m1", "arguments": {"queries": ["x"]}, **SIGNED},
    {"type": "google_maps_result", "call_id": "m1", "result": [{"places": []}], **SIGNED},
    {"type": "url_context_call", "id": "u1", "arguments": {"urls": ["https://a.example"]}},
    {"type": "url_context_result", "call_id": "u1", "result": [{"status": "success"}]},
    {"type": "code_execution_call", "id": "c1", "arguments": {"code": "1", "language": "python"}},
    {"type": "code_execution_result", "call_id": "c1", "result": "1\n", "is_error": False},
    {"type": "file_search_call", "id": "f1", **SIGNED},
    {"type": "file_search_call", "id": "f1"},
    {"type": "file_search_result", "call_id": "f1", **SIGNED},
    {"type": "retrieval_call", "id": "r1", "arguments": {"queries": []}, "retrieval_type": "x"},
    {"type": "retrieval_result", "call_id": "r1", "is_error": True},
    {
        "type": "mcp_server_tool_call",
        "id": "p1",
        "name": "tide",
        "server_name": "harbour",
        "arguments": {"a": 1},
    },
    {"type": "mcp_server_tool_result", "call_id": "p1", "name": "tide", "result": "low"},
    {"type": "tool_search_call", "id": "t1", "arguments": {"function_names": ["tide"]}},
    {"type": "tool_search_result", "call_id": "t1", "result": [{"name": "tide"}]},
    {"type": "processing_call", "id": "q1", **SIGNED},
    {"type": "processing_result", "call_id": "q1", **SIGNED},
    {"type": "teleport_call", "id": "x1", "arguments": {"to": "Mars"}, "mood": "brave"},
]
TYPES = 23
EACH = [pytest.param(whole, id=f"{at}-{whole['type']}") for at, whole in enumerate(STEPS)]


def examples() -> list[Any]:
    """The example steps of the schemas, named by their file."""
    return [
        pytest.param(example, id=f"{path.stem}-{position}")
        for path in sorted(SCHEMAS.glob("*.json"))
        for position, example in enumerate(json.loads(path.read_text("utf-8")).get("examples", ()))
    ]


def streamed(whole: Json) -> Json:
    """The step as a stream can tell it: no signature of a function call is sent (recorded)."""
    if whole["type"] != "function_call":
        return whole
    return {key: value for key, value in whole.items() if key != "signature"}


def test_the_table_covers_each_type() -> None:
    """All the types of the API, and one that nobody knows."""
    assert len({whole["type"] for whole in STEPS}) == TYPES + 1


@pytest.mark.parametrize("whole", EACH)
def test_a_step_comes_back_from_its_deltas(whole: Json) -> None:
    """Folding undoes unfolding."""
    assert fold(*unfold(whole)) == whole


@pytest.mark.parametrize("whole", examples())
def test_an_example_of_the_schemas_comes_back_from_its_deltas(whole: Json) -> None:
    """What the schemas show can be streamed."""
    assert fold(*unfold(whole)) == streamed(whole)


@pytest.mark.parametrize("whole", EACH)
def test_a_step_is_named_by_its_start_and_its_deltas_fit_it(whole: Json) -> None:
    """The start has the type and the id; every delta is of a kind that the step may have."""
    start, deltas = unfold(whole)

    assert start["type"] == whole["type"]
    assert {key: whole[key] for key in ("id", "call_id") if key in whole}.items() <= start.items()
    assert all(delta_fits(whole["type"], delta["type"]) for delta in deltas)
    assert all(list(delta)[-1] == "type" for delta in deltas if delta["type"] != "image")


@pytest.mark.parametrize(
    ("whole", "start", "deltas"),
    [
        (
            {"id": "a1", **SIGNED, "type": "function_call", "name": "f", "arguments": {"ä": "ß 1"}},
            {"id": "a1", "type": "function_call", "name": "f", "arguments": {}},
            [{"arguments": '{"ä":"ß 1"}', "type": "arguments_delta"}],
        ),
        (
            {"id": "a1", "type": "function_call", "name": "f", "arguments": {}},
            {"id": "a1", "type": "function_call", "name": "f", "arguments": {}},
            [{"arguments": "{}", "type": "arguments_delta"}],
        ),
        (
            {"summary": [TEXT], **SIGNED, "type": "thought"},
            {"type": "thought"},
            [
                {"content": TEXT, "type": "thought_summary"},
                {**SIGNED, "type": "thought_signature"},
            ],
        ),
        ({"signature": "", "type": "thought"}, {"type": "thought"}, []),
        (
            {"content": [{**TEXT, "text": "Hi!", "annotations": [CITATION]}, IMAGE], "type": "x"},
            {"type": "x"},
            [{"content": [{**TEXT, "text": "Hi!", "annotations": [CITATION]}, IMAGE], "type": "x"}],
        ),
        (
            {
                "content": [{"text": "Hi!", "type": "text", "annotations": [CITATION]}, IMAGE],
                "type": "model_output",
            },
            {"type": "model_output"},
            [
                {"text": "Hi!", "type": "text"},
                {"annotations": [CITATION], "type": "text_annotation_delta"},
                IMAGE,
            ],
        ),
        (
            {"id": "s", **SIGNED, "type": "file_search_call"},
            {"id": "s", "type": "file_search_call"},
            [{**SIGNED, "type": "file_search_call"}],
        ),
        ({"id": "s", "type": "processing_call"}, {"id": "s", "type": "processing_call"}, []),
    ],
)
def test_what_starts_a_step_and_what_follows(whole: Json, start: Json, deltas: list[Json]) -> None:
    """The recorded division of labour, keys in the recorded order."""
    made = unfold(whole)

    assert json.dumps(made) == json.dumps((start, deltas))


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner)))
def test_arguments_are_only_in_the_arguments_delta(value: Any) -> None:
    """A client that reads both places must not see them twice, one that reads one must see all."""
    whole = {"type": "function_call", "id": "a", "name": "f", "arguments": {"value": value}}

    start, deltas = unfold(whole)

    assert start["arguments"] == {}
    assert "".join(delta["arguments"] for delta in deltas) != "{}"
    assert fold(start, deltas) == whole


def test_arguments_may_come_in_fragments() -> None:
    """One fragment a character is as good as one for all."""
    start = {"type": "function_call", "id": "a", "name": "f", "arguments": {}}
    deltas = [{"arguments": char, "type": "arguments_delta"} for char in '{"a":[1,2]}']

    assert fold(start, deltas)["arguments"] == {"a": [1, 2]}


def test_arguments_that_make_no_json_are_an_error() -> None:
    """A cut fragment is not taken for a whole."""
    start = {"type": "function_call", "id": "a", "name": "f", "arguments": {}}

    with pytest.raises(ValueError, match=r"delimiter|Expecting"):
        fold(start, [{"arguments": '{"a":', "type": "arguments_delta"}])


def test_the_last_signature_that_says_something_counts() -> None:
    """Empty ones came between the summaries (recorded in June 2026)."""
    signatures = [{"signature": text, "type": "thought_signature"} for text in ("", "S1", "")]

    assert fold({"type": "thought"}, signatures) == {"type": "thought", "signature": "S1"}


def test_a_later_start_may_bring_content() -> None:
    """A start with its first words is continued, as the documentation shows."""
    start = {"type": "model_output", "content": [{"text": "Hel", "type": "text"}]}

    whole = fold(start, [{"text": "lo", "type": "text"}])

    assert whole["content"] == [{"text": "Hello", "type": "text"}]
    assert start["content"] == [{"text": "Hel", "type": "text"}]


TEXTS = st.one_of(
    st.text(min_size=1),
    st.text(alphabet="🌊🏴‍☠️é漢 ", min_size=1, max_size=200),
    st.text(alphabet="abc", min_size=60, max_size=200),
    st.text(alphabet=" \n", min_size=1, max_size=80),
)


@given(TEXTS)
def test_a_text_is_the_sum_of_its_pieces(text: str) -> None:
    """No character is lost, none doubled, no piece empty."""
    cut = split_text(text)

    assert "".join(cut) == text
    assert all(cut)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_any_text_comes_back(texts: list[str]) -> None:
    """Whatever the words, with media between them."""
    blocks: list[Json] = []
    for text in texts:
        blocks += [{"text": text, "type": "text"}, IMAGE]
    whole = {"content": blocks, "type": "model_output"}

    assert fold(*unfold(whole)) == whole


def test_a_text_with_a_space_takes_several_deltas() -> None:
    """A client that keeps only the last delta is found out by any sentence."""
    assert len(split_text("Hello there.")) > 1
    assert len(split_text("word " * 40)) > 4
    assert split_text("Hi!") == ["Hi!"]
    assert split_text("") == []


@given(st.lists(st.sampled_from(STEPS), max_size=8))
def test_a_turn_comes_back_from_its_events(steps: list[Json]) -> None:
    """Indexes have no gaps, steps do not interleave, what a user says is not streamed."""
    events = step_events(steps)

    starts = [event["index"] for event in events if event["event_type"] == "step.start"]
    assert starts == list(range(len(starts)))
    assert to_steps(events) == [whole for whole in steps if whole["type"] != "user_input"]


BROKEN = [
    [{"index": 0, "delta": TEXT, "event_type": "step.delta"}],
    [{"index": 0, "event_type": "step.stop"}],
    [
        {"index": 0, "step": {"type": "thought"}, "event_type": "step.start"},
        {"index": 0, "event_type": "step.stop"},
        {"index": 0, "delta": TEXT, "event_type": "step.delta"},
    ],
]


@pytest.mark.parametrize("events", BROKEN)
def test_an_event_of_a_closed_step_is_an_error(events: list[Json]) -> None:
    """Deltas and stops belong into an open step."""
    with pytest.raises(ValueError, match="which is closed"):
        to_steps(events)


def test_a_step_that_never_stopped_is_left_out() -> None:
    """A cut stream has no half steps."""
    events = step_events(
        [{"type": "thought", **SIGNED}, {"type": "model_output", "content": [TEXT]}]
    )

    assert to_steps(events[:-1]) == [{"type": "thought", **SIGNED}]


BUILT = [
    (say("Hi"), {"content": [{"text": "Hi", "type": "text"}], "type": "model_output"}),
    (say("Look:", IMAGE)["content"], [{"text": "Look:", "type": "text"}, IMAGE]),
    (call("f", a=1), {"type": "function_call", "name": "f", "arguments": {"a": 1}}),
    (call("f", name="x")["arguments"], {"name": "x"}),
    (think(), {"type": "thought"}),
    (think("Hm."), {"summary": [{"text": "Hm.", "type": "text"}], "type": "thought"}),
    (step("file_search_call", id="f"), {"id": "f", "type": "file_search_call"}),
]


@pytest.mark.parametrize(("made", "wanted"), BUILT)
def test_a_builder_makes_a_step(made: Any, wanted: Any) -> None:
    """What people type is what goes over the wire."""
    assert made == wanted


@pytest.mark.parametrize("parts", [(), (1,), ({},), ({"text": "x"},), (None,), (["x"],)])
def test_what_nobody_can_say_is_refused(parts: tuple[Any, ...]) -> None:
    """The mistake shows where it is made."""
    with pytest.raises(BadScript, match=r"say\(\)"):
        say(*parts)
