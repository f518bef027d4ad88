"""Levels of rules: a test's own before those of its fixtures, and these before defaults."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakegemini import Fake, LeftOver, Request, Unscripted, say
from fakegemini.fake.script.rules import Level

MODEL = "gemini-3.5-flash"


def ask(fake: Fake, text: str = "Hi") -> str:
    """The text of the answer."""
    body = json.dumps({"model": MODEL, "input": text}).encode()
    reply = fake.handle(Request("POST", "/v1/interactions", body=body))
    answer = json.loads(b"".join(beat for beat in reply.beats if isinstance(beat, bytes)))
    return str(answer["steps"][-1]["content"][0]["text"])


def post(fake: Fake, route: str, form: Any) -> int:
    """The status of a control route."""
    return fake.handle(
        Request("POST", f"/__fakegemini__/{route}", body=json.dumps(form).encode())
    ).status


def script_at(fake: Fake, level: str) -> None:
    """One reply of that level, which says its name."""
    if level == "fallback":
        fake.default(level)
    elif level == "default":
        with fake.defaults():
            fake.replies(level)
    elif level == "fixture":
        with fake.scripting_at(Level.FIXTURE):
            fake.replies(level)
    else:
        fake.replies(level)


@given(st.permutations(["test", "fixture", "default", "fallback"]))
def test_levels_go_before_the_order_of_writing(order: list[str]) -> None:
    """In whatever order they are scripted."""
    fake = Fake()
    for level in order:
        script_at(fake, level)

    told = [ask(fake) for _ in range(5)]

    assert told == ["test", "fixture", "default", "fallback", "fallback"]
    fake.check()


def test_defaults_need_not_be_asked() -> None:
    """A suite's default is no mistake of the tests that ask nothing."""
    fake = Fake()
    fake.default("x")
    with fake.defaults():
        fake.when(input="ping").replies("pong")
        fake.answers(lambda request: "y")

    fake.check()
    assert ask(fake, "ping") == "pong"
    assert ask(fake) == "y"


def test_a_default_takes_the_place_of_the_one_before() -> None:
    """That of a nearer conftest counts; the rules of `defaults` go before it."""
    fake = Fake()
    fake.default("far")
    fake.default("near")
    with fake.defaults():
        fake.when(input="ping").replies("pong")

    assert [ask(fake), ask(fake, "ping")] == ["near", "pong"]


@pytest.mark.parametrize("optional", [True, False])
def test_only_what_is_optional_may_be_left(optional: bool) -> None:
    """Reply, rule, function, and the same in JSON."""
    scripts: list[Any] = [
        lambda fake: fake.replies("x", optional=optional),
        lambda fake: fake.when(input="y", optional=optional).replies("x"),
        lambda fake: fake.answers(lambda request: "x", optional=optional),
        lambda fake: post(fake, "replies", {"say": "x", "optional": optional}),
        lambda fake: post(fake, "rules", {"replies": [{"say": "x"}], "optional": optional}),
    ]
    for script in scripts:
        fake = Fake()
        script(fake)
        if optional:
            fake.check()
        else:
            with pytest.raises(LeftOver):
                fake.check()


def test_a_reply_of_a_rule_is_not_optional_by_itself() -> None:
    """The form says so, instead of being silent."""
    assert post(Fake(), "rules", {"replies": [{"say": "x", "optional": True}]}) == 400


def test_a_spent_optional_reply_answers_no_more() -> None:
    """Optional says that it may be left, not that it goes on."""
    fake = Fake()
    fake.replies("x", optional=True)
    ask(fake)

    with pytest.raises(Unscripted):
        ask(fake)


COVERED: list[tuple[Any, Any, bool]] = [
    ({}, {"input": "Rome"}, True),
    ({"model": MODEL}, {"input": "Rome", "model": MODEL}, True),
    ({"input": "Rome"}, {"input": "Rome"}, True),
    ({"input": re.compile("R")}, {"input": re.compile("R")}, True),
    ({"input": "Rome"}, {"input": "Oslo"}, False),
    ({"input": "Rome"}, {}, False),
    ({"times": 1}, {"input": "Rome"}, False),
]


@pytest.mark.parametrize(("first", "second", "is_covered"), COVERED)
def test_a_rule_that_can_never_fire_is_named(first: Any, second: Any, is_covered: bool) -> None:
    """With the rule that takes its requests."""
    fake = Fake()
    fake.when(optional=True, **first).replies(say("broad"))
    fake.when(**second).replies(say("narrow"))

    with pytest.raises(LeftOver) as caught:
        fake.check()

    assert ("can never fire" in str(caught.value)) is is_covered
    if is_covered:
        assert "which answers say('broad'), is asked before it" in str(caught.value)
