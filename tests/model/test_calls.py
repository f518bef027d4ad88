"""Which functions are called, how often, and with what."""

from __future__ import annotations

from typing import Any

import pytest

from fakegemini.protocol.status import Status
from fakegemini.wire.http import Json

from .asks import answer, called, function, kinds, result, text

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
WEATHER = function(
    "get_weather", {"location": TEXT}, unit={"type": "string", "enum": ["celsius", "fahrenheit"]}
)
TIME = function("get_time", {"city": TEXT})
ADD = function("add", {"x": {"type": "number"}, "y": {"type": "number"}})
MULTIPLY = function("multiply", {"a": WHOLE, "b": WHOLE})
SQUARE = function("square", {"n": WHOLE})
CITIES = function("compare_cities", {"cities": {"type": "array", "items": TEXT}})
FLIGHT = function(
    "book_flight",
    {"origin": TEXT, "destination": TEXT},
    date={"type": "string", "format": "date"},
    passengers=WHOLE,
)
EMAIL = function(
    "send_email", {"to": {"type": "string", "format": "email"}, "subject": TEXT, "body": TEXT}
)
LABEL: Json = {"type": "function", "name": "lookup_label"}
UPPER = function("get_height", {"mountain": {"type": "STRING"}})
UPPER["parameters"]["type"] = "OBJECT"


@pytest.mark.parametrize(
    ("prompt", "tools", "expected"),
    [
        ("What is the weather in London?", [WEATHER], [("get_weather", {"location": "London"})]),
        ("weather in oslo today", [WEATHER], [("get_weather", {"location": "oslo"})]),
        ("Weather in Paris, France", [WEATHER], [("get_weather", {"location": "Paris, France"})]),
        (
            "Weather in New York and São Paulo in fahrenheit?",
            [WEATHER],
            [
                ("get_weather", {"location": "New York", "unit": "fahrenheit"}),
                ("get_weather", {"location": "São Paulo", "unit": "fahrenheit"}),
            ],
        ),
        (
            "What's the weather in Paris and the time in Tokyo?",
            [TIME, WEATHER],
            [("get_weather", {"location": "Paris"}), ("get_time", {"city": "Tokyo"})],
        ),
        (
            "Call both get_weather and get_time for Oslo",
            [WEATHER, TIME],
            [("get_weather", {"location": "Oslo"}), ("get_time", {"city": "Oslo"})],
        ),
        ("Get the time in Rome twice", [WEATHER, TIME], [("get_time", {"city": "Rome"})] * 2),
        ("add 2 and 3", [MULTIPLY, ADD], [("add", {"x": 2, "y": 3})]),
        ("What is 2.5 plus 1,000?", [ADD], [("add", {"x": 2.5, "y": 1000})]),
        (
            "add 2 and 3 and multiply 4 by 5",
            [ADD, MULTIPLY],
            [("add", {"x": 2, "y": 3}), ("multiply", {"a": 4, "b": 5})],
        ),
        ("square 4 and 5", [SQUARE], [("square", {"n": 4}), ("square", {"n": 5})]),
        (
            "Compare Paris, Rome and Berlin",
            [CITIES],
            [("compare_cities", {"cities": ["Paris", "Rome", "Berlin"]})],
        ),
        (
            "Fly to Rome from Berlin on March 5, 2026 for 3 passengers",
            [FLIGHT],
            [
                (
                    "book_flight",
                    {
                        "origin": "Berlin",
                        "destination": "Rome",
                        "date": "2026-03-05",
                        "passengers": 3,
                    },
                )
            ],
        ),
        (
            'Mail bob@example.org with subject "Hi" and body "See you"',
            [EMAIL],
            [("send_email", {"to": "bob@example.org", "subject": "Hi", "body": "See you"})],
        ),
        ("What is the label?", [LABEL], [("lookup_label", {})]),
        ("hello", [TIME, WEATHER], [("get_time", {"city": "hello"})]),
        ("How high is K2?", [UPPER], [("get_height", {"mountain": "K2"})]),
    ],
)
def test_calls_follow_the_prompt(prompt: str, tools: list[Json], expected: Any) -> None:
    """The functions that the prompt asks for, with its own words as arguments."""
    turn = answer(prompt, tools=tools)
    assert called(turn) == expected
    assert turn.outcome is Status.REQUIRES_ACTION
    assert kinds(turn) == ["thought"] + ["function_call"] * len(expected)


def test_every_call_has_its_own_id() -> None:
    """Parallel calls can be told apart, and carry their members in the recorded order."""
    steps = answer("Get the time in Rome twice", tools=[TIME]).steps[1:]
    assert len({step["id"] for step in steps}) == 2
    assert list(steps[0]) == ["id", "type", "name", "arguments"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", ["get_weather"]),
        ("any", ["get_weather"]),
        ("validated", ["get_weather"]),
        ("none", []),
        ({"allowed_tools": {"mode": "any", "tools": ["get_time"]}}, ["get_time"]),
        ({"allowed_tools": {"mode": "none", "tools": ["get_time"]}}, []),
        ({"allowed_tools": {"mode": "auto", "tools": ["unknown"]}}, []),
    ],
)
def test_tool_choice(choice: Any, expected: list[str]) -> None:
    """`tool_choice` forbids calls or limits them to some functions."""
    config = {"tool_choice": choice}
    turn = answer("Weather in Oslo?", tools=[WEATHER, TIME], generation_config=config)
    assert [name for name, _ in called(turn)] == expected


@pytest.mark.parametrize("choice", ["auto", "any"])
def test_results_end_the_loop(choice: str) -> None:
    """The turn after the results is text that holds them, even where calls are forced."""
    options: Json = {"tools": [WEATHER], "generation_config": {"tool_choice": choice}}
    question = [{"type": "user_input", "content": [{"type": "text", "text": "Weather in Oslo?"}]}]
    first = answer(question, **options)
    brought = result(first.steps[-1], [{"type": "text", "text": '{"sky": "grün"}'}])
    chained = answer([brought], [*question, *first.steps], **options)
    resent = answer([*question, *first.steps, brought], **options)
    for turn in (chained, resent):
        assert kinds(turn) == ["thought", "model_output"]
        assert 'get_weather returned {"sky": "grün"}' in text(turn)
        assert "Weather in Oslo?" in text(turn)
        assert turn.thought_tokens == 0


def test_a_new_question_after_results_is_called_for_again() -> None:
    """With a whole history resent, only the newest input decides."""
    question = [{"type": "user_input", "content": [{"type": "text", "text": "Weather in Oslo?"}]}]
    first = answer(question, tools=[WEATHER])
    digested = [*question, *first.steps, result(first.steps[-1], "sunny")]
    second = answer(digested, tools=[WEATHER])
    next_ = [{"type": "user_input", "content": [{"type": "text", "text": "And in Rome?"}]}]
    third = answer([*digested, *second.steps, *next_], tools=[WEATHER])
    assert called(third) == [("get_weather", {"location": "Rome"})]


def test_failures_and_missing_results_are_named() -> None:
    """The text says which function failed and which one is still open."""
    first = answer("Weather and time in Oslo", tools=[WEATHER, TIME])
    brought = result(first.steps[1], {"reason": "storm"}, is_error=True)
    said = text(answer([brought], first.steps, tools=[WEATHER, TIME]))
    assert 'get_weather failed with {"reason": "storm"}' in said
    assert "Still without a result: get_time" in said


def test_media_results_are_described() -> None:
    """A picture in a result is named, not spelled out."""
    first = answer("Weather in Oslo", tools=[WEATHER])
    picture = {"type": "image", "mime_type": "image/png", "data": "AAAA"}
    said = text(answer([result(first.steps[-1], [picture])], first.steps))
    assert "get_weather returned image/png, 3 bytes" in said
