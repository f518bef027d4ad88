"""Rules: which request gets which reply, and what a test is told where none fits."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fakegemini import BadScript, Fake, LeftOver, Request, Unscripted, call, say, think
from fakegemini.protocol.ask import Ask
from fakegemini.protocol.background import never_ending, running_for

MODEL = "gemini-3.5-flash"


def ask(fake: Fake, path: str = "/v1/interactions", method: str = "POST", **body: Any) -> Any:
    """Send a request and give the parsed answer."""
    payload = json.dumps({"model": MODEL} | body).encode() if method == "POST" else b""
    if "agent" in body:
        payload = json.dumps(body).encode()
    reply = fake.handle(Request(method, path, body=payload))
    raw = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
    return json.loads(raw) if not raw.startswith(b"event:") else raw.decode()


def said(body: Any) -> str:
    """The text of the last step."""
    text: str = body["steps"][-1]["content"][0]["text"]
    return text


TOOL = {"type": "function", "name": "read_tide", "parameters": {"type": "object"}}
FITS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"input": "Hello"}, {"input": "Hello"}, True),
    ({"input": "Hello"}, {"input": "Hello there"}, False),
    ({"input": re.compile("(?i)hell")}, {"input": "Hello there"}, True),
    ({"input": lambda text: "there" in text}, {"input": "Hello there"}, True),
    ({"input": "Hello"}, {"input": [{"type": "text", "text": "Hello"}]}, True),
    ({"input": [{"type": "text", "text": "Hello"}]}, {"input": "Hello"}, True),
    ({"model": MODEL}, {"input": "x"}, True),
    ({"model": re.compile("pro")}, {"input": "x"}, False),
    ({"agent": None}, {"input": "x"}, True),
    ({"tools": ["read_tide"]}, {"input": "x", "tools": [TOOL]}, True),
    ({"tools": []}, {"input": "x", "tools": [TOOL]}, False),
    ({"tools": lambda names: "read_tide" in names}, {"input": "x", "tools": [TOOL]}, True),
    ({"turn": 1}, {"input": "x"}, True),
    ({"turn": 2}, {"input": "x"}, False),
    ({"previous": False}, {"input": "x"}, True),
    ({"previous": True}, {"input": "x"}, False),
    ({"where": lambda ask: ask.background}, {"input": "x", "background": True}, True),
    ({"where": lambda ask: ask.store}, {"input": "x", "store": False}, False),
    ({"input": "x", "turn": 2}, {"input": "x"}, False),
]


@pytest.mark.parametrize(("wanted", "body", "fits"), FITS)
def test_a_rule_takes_what_fits(wanted: dict[str, Any], body: dict[str, Any], fits: bool) -> None:
    """Equal values, patterns that are found and functions that say so fit; all must."""
    fake = Fake()
    fake.when(**wanted).replies("the rule", background=running_for(0))
    fake.when().replies("the rest", background=running_for(0))

    turn = ask(fake, **body)
    if "id" in turn:
        turn = ask(fake, f"/v1/interactions/{turn['id']}", "GET")

    assert said(turn) == ("the rule" if fits else "the rest")


def test_the_first_rule_that_fits_answers() -> None:
    """Rules are asked in the order they were written; a spent one is passed over."""
    fake = Fake()
    fake.when(input="x", times=1).replies("first")
    fake.replies("second")
    fake.when().replies("rest")

    assert [said(ask(fake, input="x")) for _ in range(4)] == ["first", "second", "rest", "rest"]


def test_several_replies_of_a_rule_come_in_order() -> None:
    """A rule plays its replies in order and the last again and again."""
    fake = Fake()
    fake.when(input="x").replies("one").replies("two")

    assert [said(ask(fake, input="x")) for _ in range(3)] == ["one", "two", "two"]


def test_a_function_is_the_model() -> None:
    """`answers` gives the conversation to a function that returns or yields steps."""
    fake = Fake()

    def model(request: Ask) -> Iterator[dict[str, Any] | str]:
        yield think("Counting.")
        yield f"turn {request.turn}: {' | '.join(request.said)}"

    fake.answers(model)
    first = ask(fake, input="one")

    assert said(first) == "turn 1: one"
    second = ask(fake, input="two", previous_interaction_id=first["id"])
    assert said(second) == "turn 2: one | two"


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda ask: None, "gave nothing; it must return or yield steps"),
        (lambda ask: [42], "a reply is made of steps, not of 42"),
        (lambda ask: 1 / 0, "the function <lambda> failed on a request: ZeroDivisionError"),
    ],
)
def test_a_function_that_fails_is_told_twice(function: Any, text: str) -> None:
    """What goes wrong in the test's own function is told at the call and at the end."""
    fake = Fake()
    fake.answers(function)

    with pytest.raises(BadScript, match=text):
        ask(fake, input="x")
    with pytest.raises(Unscripted, match=text):
        fake.check()


def test_a_reply_fixes_what_the_server_makes_up() -> None:
    """Status, usage, id and errors of a reply are those of the test."""
    fake = Fake()
    usage = {"total_tokens": 7, "total_input_tokens": 3, "total_output_tokens": 4}
    identifier = ask(Fake(seed=9), input="x")["id"]
    fake.replies(
        "x",
        status="failed",
        usage=usage,
        id=identifier,
        errors=[{"code": "safety", "message": "no"}],
    )

    body = ask(fake, input="x")

    assert (body["status"], body["usage"], body["id"]) == ("failed", usage, identifier)
    assert body["errors"] == [{"code": "safety", "message": "no"}]


@pytest.mark.parametrize("status", ["incomplete", "budget_exceeded", "cancelled", "teleported"])
def test_any_status_can_end_a_turn(status: str) -> None:
    """A status of the table and one that nobody knows end a turn, unary and streamed."""
    fake = Fake()
    fake.replies("x", status=status, times=2)

    assert ask(fake, input="x")["status"] == status
    events = ask(fake, input="x", stream=True)
    assert f'"status":"{status}"' in events.rpartition("event: interaction.completed")[2]


COURSES: list[tuple[Any, list[str]]] = [
    (running_for(0), ["completed"]),
    (running_for(3), ["in_progress"] * 3 + ["completed"] * 2),
    (running_for(1, queued=2), ["queued"] * 2 + ["in_progress", "completed"]),
    (never_ending(), ["in_progress"] * 20),
]


@pytest.mark.parametrize(("course", "statuses"), COURSES)
def test_a_course_is_what_its_polls_see(course: Any, statuses: list[str]) -> None:
    """A background run takes the polls that its course says."""
    fake = Fake()
    fake.replies("done", background=course)
    turn = ask(fake, input="x", background=True)

    seen = [ask(fake, f"/v1/interactions/{turn['id']}", "GET")["status"] for _ in statuses]

    assert seen == statuses


def test_a_course_ends_by_the_clock_too() -> None:
    """Moving the virtual clock ends a run that no poll ends."""
    fake = Fake()
    fake.replies("done", background=running_for(1000, seconds=90))
    identifier = ask(fake, input="x", background=True)["id"]

    fake.clock.advance(89)
    assert ask(fake, f"/v1/interactions/{identifier}", "GET")["status"] == "in_progress"
    fake.clock.advance(1)
    assert ask(fake, f"/v1/interactions/{identifier}", "GET")["status"] == "completed"


def test_a_run_can_end_in_a_call() -> None:
    """A course ends in whatever the turn ends in."""
    fake = Fake()
    fake.replies(call("read_tide"), background=running_for(1))
    identifier = ask(fake, input="x", background=True)["id"]

    seen = [ask(fake, f"/v1/interactions/{identifier}", "GET")["status"] for _ in range(2)]

    assert seen == ["in_progress", "requires_action"]


def test_no_rule_fits() -> None:
    """The text names the nearest rule and why it does not take the request."""
    fake = Fake()
    fake.when(input="Rome", model=MODEL).replies(say("18 °C"))
    fake.when(input="Oslo", turn=2).replies(say("-3 °C"))

    with pytest.raises(Unscripted) as caught:
        ask(fake, input="Paris")

    assert str(caught.value) == (
        "fakegemini has no scripted reply for this request: none of 2 rules takes it.\n"
        "\n"
        "Asked:\n"
        "  {\n"
        '    "model": "gemini-3.5-flash",\n'
        '    "input": "Paris"\n'
        "  }\n"
        "\n"
        "Nearest:\n"
        "  when(input='Rome', model='gemini-3.5-flash'), which answers say('18 °C')\n"
        "\n"
        "Difference:\n"
        "  input: the rule wants 'Rome', the request has 'Paris'\n"
        "\n"
        "Fix:\n"
        "  correct the rule, or add one for this request before the call, e.g.\n"
        '  fakegemini.when(…).replies(say("…"))'
    )


def test_an_unused_rule_is_told() -> None:
    """A rule that nobody asked for fails the test at its end, and says why it did not fit."""
    fake = Fake()
    fake.when(input="Rome").replies(say("18 °C"))
    fake.when().replies("rest")
    ask(fake, input="Paris")

    with pytest.raises(LeftOver) as caught:
        fake.check()

    assert str(caught.value) == (
        "fakegemini has 1 reply left that nobody asked for.\n"
        "\n"
        "Asked:\n"
        "  the last of 1 answered requests:\n"
        "  {\n"
        '    "model": "gemini-3.5-flash",\n'
        '    "input": "Paris"\n'
        "  }\n"
        "\n"
        "Nearest:\n"
        "  when(input='Rome'), which answers say('18 °C')\n"
        "\n"
        "Difference:\n"
        "  asked for 0 of 1 times; the last request did not fit: input: the rule wants 'Rome', "
        "the request has 'Paris'\n"
        "\n"
        "Fix:\n"
        "  remove the reply, or find out why the code under test stopped asking; if it may, say "
        "so with\n"
        '  fakegemini.allow("leftover")'
    )


def test_a_complaint_can_be_allowed() -> None:
    """What a test allows by name does not fail it."""
    fake = Fake()
    fake.replies("never")
    fake.allow("leftover")

    fake.check()


MISTAKES: list[tuple[Any, str]] = [
    (lambda fake: fake.replies(), "a reply needs a step"),
    (lambda fake: fake.replies(42), "a reply is made of steps, not of 42"),
    (lambda fake: fake.replies("x", hops=0), "hops= takes a number of answers from 1, not 0"),
    (lambda fake: fake.when(times=0), "times= takes a number of requests from 1, not 0"),
    (lambda fake: fake.when(where="x"), "when(where=…) takes a function of the request, not 'x'"),
    (lambda fake: fake.allow("left over"), "did you mean 'leftover'?"),
    (lambda fake: fake.faults(), "faults() takes at least one fault"),
    (lambda fake: fake.faults("rate_limitd"), "did you mean 'rate_limited'?"),
    (lambda fake: fake.faults("deadline", on="poll"), "on= is one of create, cancel, get, delete"),
    (lambda fake: say(), "say() needs something to say"),
    (lambda fake: say({"text": "x"}), "say() takes texts and content blocks with a type"),
    (lambda fake: running_for(-1), "running_for(polls=…) takes a number of polls, not -1"),
]


ODD: list[Any] = ["x", -1, -0.5, math.nan, True, None, [1]]
"""What is no number from 0 on."""

NUMBERS: dict[str, tuple[Callable[[Any], object], list[Any]]] = {
    "polls": (running_for, [*ODD, 1.5]),
    "queued": (lambda odd: running_for(queued=odd), [*filter(None, ODD), 0.5]),
    "seconds": (lambda odd: running_for(seconds=odd), [*filter(None, ODD)]),
    "advance": (lambda odd: Fake().clock.advance(odd), ODD),
    "tick": (lambda odd: Fake().clock.tick(odd), ODD),
}
"""What takes a number, and odd ones for it; None leaves two of them out."""


@pytest.mark.parametrize(
    ("name", "odd"), [(name, odd) for name, (_, values) in NUMBERS.items() for odd in values]
)
def test_an_odd_number_is_one_sentence(name: str, odd: Any) -> None:
    """It says what was given, and for what."""
    with pytest.raises(BadScript) as caught:
        NUMBERS[name][0](odd)

    assert name in str(caught.value)
    assert repr(odd) in str(caught.value)


@pytest.mark.parametrize(("mistake", "text"), MISTAKES)
def test_a_mistake_is_one_sentence(mistake: Any, text: str) -> None:
    """A script that cannot be is told where it is written."""
    with pytest.raises(BadScript) as caught:
        mistake(Fake())

    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
