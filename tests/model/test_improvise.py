"""The order of decisions, the text, the thought and the budget."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import validate

from fakegemini.model import improvise
from fakegemini.protocol.ask import steps_of
from fakegemini.protocol.ids import NO_THOUGHT_SIGNATURE, IdSource
from fakegemini.protocol.status import Status
from fakegemini.protocol.usage import count_output_tokens

from .asks import answer, ask, blocks, function, kinds, text

SEARCH = {"type": "google_search"}
RECIPE = {
    "type": "object",
    "properties": {
        "recipe_name": {"type": "string"},
        "ingredients": {"type": "array", "items": {"type": "string"}},
        "prep_time_minutes": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
    "required": ["recipe_name", "ingredients"],
}


def test_the_text_knows_the_conversation() -> None:
    """Turn, newest words and older words, whether the server or the client kept the history."""
    before = [
        *steps_of("I have 2 dogs in my house."),
        {"signature": "AA==", "type": "thought"},
        {"content": [{"text": "Noted.", "type": "text"}], "type": "model_output"},
    ]
    now = steps_of("How many paws are in my house?")
    chained, resent = answer(now, before), answer([*before, *now])
    assert chained == resent
    said = text(chained)
    assert "turn 2" in said
    assert 'You said: "How many paws are in my house?"' in said
    assert 'Earlier you said: "I have 2 dogs in my house."' in said
    assert "Noted" not in said


def test_media_and_system_instruction_are_named() -> None:
    """What came besides text is described by type, size or place."""
    said = text(
        answer(
            [
                {"type": "text", "text": "Compare"},
                {"type": "image", "mime_type": "image/jpeg", "data": "AAAA"},
                {"type": "audio", "mime_type": "audio/mp3", "uri": "https://example.com/a.mp3"},
            ],
            system_instruction="Be brief.",
        )
    )
    assert "image/jpeg, 3 bytes; audio/mp3 at https://example.com/a.mp3" in said
    assert 'System instruction: "Be brief."' in said


def test_long_inputs_are_shortened_between_characters() -> None:
    """A family of four stays a family, or goes as a whole."""
    family = "👨\u200d👩\u200d👧\u200d👦"
    said = text(answer("x" * 290 + family * 20))
    assert "…" in said
    assert said.count("👨") == said.count("👦")


@pytest.mark.parametrize("name", ["filesystem", "bash", "crystal_ball"])
def test_tools_that_do_not_run_are_named(name: str) -> None:
    """Nobody must think that the fake executed something."""
    assert f"does not run: {name}" in text(answer("Sum up", tools=[{"type": name}]))


def test_agents_answer_honestly() -> None:
    """An agent thinks, speaks, and says that it did nothing else."""
    turn = answer("Research tea", agent="deep-research-preview-04-2026")
    assert kinds(turn) == ["thought", *["model_output"] * 3]
    assert "Nothing was researched." in text(turn)
    assert "Research tea" in text(turn)


@pytest.mark.parametrize(
    ("model", "thinks"),
    [("gemini-3.5-flash", True), ("models/gemini-2.5-flash-lite", False), ("unheard-of", True)],
)
def test_thinking_models_think_first(model: str, thinks: bool) -> None:
    """A thought leads where the model thinks, and costs tokens."""
    turn = answer("Hello", model=model)
    assert kinds(turn) == ["thought"] * thinks + ["model_output"]
    assert (turn.thought_tokens > 0) is thinks


def test_summaries_come_on_request_only() -> None:
    """`thinking_summaries` auto adds a summary between signature and type."""
    plain = answer("Hello").steps[0]
    summed = answer("Hello", generation_config={"thinking_summaries": "auto"}).steps[0]
    assert list(plain) == ["signature", "type"]
    assert list(summed) == ["signature", "summary", "type"]
    assert summed["summary"][0]["type"] == "text"


def test_levels_cost_what_they_say() -> None:
    """More thinking costs more; minimal costs nothing and carries the constant signature."""
    levels = ["minimal", "low", "medium", "high", "xhigh"]
    turns = [answer("Hello", generation_config={"thinking_level": level}) for level in levels]
    costs = [turn.thought_tokens for turn in turns]
    assert costs == sorted(set(costs))
    assert costs[0] == 0
    assert turns[0].steps[0]["signature"] == NO_THOUGHT_SIGNATURE


@pytest.mark.parametrize(
    "options",
    [
        {"response_format": {"type": "text", "mime_type": "application/json", "schema": RECIPE}},
        {"response_format": [{"type": "text", "mime_type": "application/json", "schema": RECIPE}]},
        {"response_format": RECIPE, "response_mime_type": "application/json"},
        {"response_format": RECIPE},
    ],
)
def test_structured_output(options: Any) -> None:
    """One block of compact JSON that satisfies the schema and names the subject."""
    turn = answer("Give me a recipe for banana bread", **options)
    value = json.loads(text(turn))
    validate(value, RECIPE)
    assert value["recipe_name"] == "banana bread"
    assert set(value) == set(RECIPE["properties"])
    assert len(blocks(turn)) == 1
    assert text(turn) == json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def test_json_without_a_schema_is_an_object() -> None:
    """With nothing to satisfy, the object says who speaks and what was said."""
    form = {"type": "text", "mime_type": "application/json"}
    for options in ({"response_format": form}, {"response_mime_type": "application/json"}):
        assert json.loads(text(answer("Hallo 🐶", **options)))["you_said"] == "Hallo 🐶"


def test_structured_output_takes_the_facts_of_prompt_and_results() -> None:
    """Names, numbers and results land in the members that are called like them."""
    schema = {
        "type": "object",
        "properties": {key: {"type": "string"} for key in ("name", "city")},
        "required": ["name", "age", "city"],
    }
    schema["properties"] |= {"age": {"type": "integer"}}  # type: ignore[operator]
    told = answer("Extract: Ada Smith is 30 and lives in Oslo", response_format=schema)
    assert json.loads(text(told)) == {"name": "Ada Smith", "city": "Oslo", "age": 30}
    call = {"type": "function_call", "id": "a", "name": "look_up", "arguments": {}}
    brought = {
        "type": "function_result",
        "call_id": "a",
        "result": {"city": "Rome", "age": "41", "name": "Eve"},
    }
    history = [*steps_of("Who is it?"), call]
    told = answer([brought], history, response_format=schema)
    assert json.loads(text(told)) == {"name": "Eve", "city": "Rome", "age": 41}


def test_functions_come_before_structured_output() -> None:
    """The JSON waits until the functions have answered."""
    turn = answer("Weather?", tools=[function("weather", {})], response_format=RECIPE)
    assert kinds(turn) == ["thought", "function_call"]


def test_search_has_the_recorded_order() -> None:
    """Call, result, thought, output; the result belongs to the call."""
    turn = answer("Who won the euro 2024?", tools=[SEARCH])
    assert kinds(turn) == [
        "google_search_call",
        "google_search_result",
        "thought",
        "model_output",
    ]
    call, found = turn.steps[:2]
    assert call["arguments"] == {"queries": ["Who won the euro 2024?"]}
    assert found["call_id"] == call["id"]
    assert found["result"][0]["search_suggestions"].startswith("<style>")
    assert turn.grounding == ({"type": "google_search", "count": 1},)
    assert turn.tool_use_tokens == 0


@given(st.text(max_size=200))
@settings(deadline=None)
def test_citations_select_their_sentence_in_bytes(prompt: str) -> None:
    """The offsets count UTF-8 bytes and take exactly one sentence, whatever was asked."""
    block = blocks(answer(prompt or "?", tools=[SEARCH]))[0]
    raw = block["text"].encode()
    assert block["annotations"]
    for note in block["annotations"]:
        sentence = raw[note["start_index"] : note["end_index"]].decode()
        assert sentence.startswith(f"A page that fakegemini invented on {note['title']} ")
        assert sentence.endswith('".')
        assert "/grounding-api-redirect/" in note["url"]
        assert note["url"].isascii()


@pytest.mark.parametrize(
    ("prompt", "choice", "first"),
    [
        ("What is the temperature in Oslo?", "auto", "function_call"),
        ("Who won the cup?", "auto", "google_search_call"),
        ("Who won the cup?", "any", "function_call"),
        ("What is the temperature in Oslo?", "none", "google_search_call"),
    ],
)
def test_search_beside_functions(prompt: str, choice: str, first: str) -> None:
    """A function wins where it is forced or asked for; otherwise the search runs."""
    tools = [SEARCH, function("get_temperature", {"city": {"type": "string"}})]
    turn = answer(prompt, tools=tools, generation_config={"tool_choice": choice})
    assert next(kind for kind in kinds(turn) if kind != "thought") == first


@pytest.mark.parametrize("limit", [1, 5, 15, 16, 17, 20, 40, 80, 200, 5000])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tools": [SEARCH]},
        {"tools": [function("look", {"query": {"type": "string"}})]},
        {"response_format": RECIPE},
        {"response_format": [{"type": "text"}, {"type": "image"}]},
        {"model": "gemini-2.5-flash-lite"},
    ],
)
def test_the_limit_holds(limit: int, options: Any) -> None:
    """Thought and output together never exceed it, and what was cut says incomplete."""
    turn = answer(
        "Zähle Wölfe 🐺 auf. " * 9, generation_config={"max_output_tokens": limit}, **options
    )
    whole = answer("Zähle Wölfe 🐺 auf. " * 9, **options)
    assert turn.thought_tokens + count_output_tokens(turn.steps) <= limit
    said = text(turn)
    assert said.encode().decode() == said
    if turn.outcome is Status.INCOMPLETE:
        assert not turn.steps or text(whole).startswith(said)
        for block in blocks(turn):
            for note in block.get("annotations", ()):
                assert note["end_index"] <= len(block["text"].encode())
    else:
        assert text(whole) == said


def test_a_reasonable_limit_leaves_an_answer() -> None:
    """Two hundred tokens are enough; ten go into thinking alone."""
    config = {"max_output_tokens": 200, "thinking_level": "xhigh"}
    assert answer("Hello there", generation_config=config).outcome is Status.COMPLETED
    starved = answer("Hello there", generation_config={"max_output_tokens": 10})
    assert (starved.steps, starved.status, starved.thought_tokens) == ((), Status.INCOMPLETE, 10)


@pytest.mark.parametrize("limit", [1, 32, 64])
def test_a_limit_does_not_shorten_the_thinking(limit: int) -> None:
    """Recorded at 32 tokens and a high level: a summary, an empty signature, no output."""
    config = {
        "max_output_tokens": limit,
        "thinking_level": "high",
        "thinking_summaries": "auto",
    }
    turn = answer("Explain the tides", generation_config=config)

    assert kinds(turn) == ["thought"]
    assert turn.steps[0]["signature"] == ""
    assert turn.steps[0]["summary"]
    assert (turn.outcome, turn.thought_tokens) == (Status.INCOMPLETE, limit)


_PARTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    prompt=st.text(max_size=120),
    result=_PARTS,
    schema=st.dictionaries(st.sampled_from(["type", "properties", "items", "enum"]), _PARTS),
    limit=st.none() | st.integers(1, 300),
)
def test_the_same_ask_gets_the_same_turn(prompt: str, result: Any, schema: Any, limit: Any) -> None:
    """Deterministic and sendable for any text, result and schema."""
    call = {"type": "function_call", "id": "a", "name": "look", "arguments": {}}
    brought = {"type": "function_result", "call_id": "a", "result": result}
    tool = {"type": "function", "name": "look", "parameters": schema}
    config = {"max_output_tokens": limit} if limit else {}
    for asked in (
        ask(prompt, tools=[tool], generation_config=config),
        ask(prompt, response_format=schema, generation_config=config),
        ask([brought], [*steps_of(prompt), call], generation_config=config),
    ):
        turn = improvise(asked, IdSource("a"))
        assert turn == improvise(asked, IdSource("a"))
        json.dumps(turn.steps)


def test_half_a_surrogate_pair_does_not_spoil_the_reply() -> None:
    """JSON can hold what UTF-8 cannot; the answer can always be sent."""
    turn = answer("half \ud83d of it", system_instruction="\udc36", tools=[SEARCH])
    json.dumps(turn.steps, ensure_ascii=False).encode()
