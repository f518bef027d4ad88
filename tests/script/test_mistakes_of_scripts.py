"""Mistakes in scripts: where they are told, and that nothing of them is left behind."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from fakegemini import BadScript, Fake, Request, Unscripted, call, say
from fakegemini.protocol.turn import Turn
from tests.scenarios import CASSETTES

BODY = json.dumps({"model": "gemini-3.5-flash", "input": "Hi"}).encode()


def ask(fake: Fake) -> Any:
    """Send a create."""
    return fake.handle(Request("POST", "/v1/interactions", body=BODY))


def look_up(table: Any, extra: int = 0) -> Any:
    """Fail below the function that was scripted, in the same file."""
    return dict[str, Any]()["x"]


def yield_and_fail(table: Any) -> Iterator[str]:
    """Fail while the steps are read."""
    yield "first"
    look_up(table)


class Caller:
    """An object that can be called."""

    def __call__(self, table: Any) -> Any:
        """Fail as a function does."""
        return look_up(table)

    def answer(self, table: Any) -> Any:
        """Fail as a method."""
        return look_up(table)


FAILING: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a function": (look_up, "look_up"),
    "a generator": (yield_and_fail, "yield_and_fail"),
    "a lambda": (lambda table: look_up(table), "<lambda>"),
    "a partial": (partial(look_up, extra=1), "partial"),
    "a method": (Caller().answer, "answer"),
    "an object": (Caller(), "Caller"),
}
LINE = look_up.__code__.co_firstlineno + 2


@pytest.mark.parametrize(("function", "name"), FAILING.values(), ids=FAILING.keys())
def test_a_function_that_fails_names_file_and_line(
    function: Callable[[Any], Any], name: str
) -> None:
    """The line that raised, in the file of the function; at the call and at the end."""
    fake = Fake()
    fake.answers(function)
    place = re.escape(f"test_mistakes_of_scripts.py:{LINE})")

    with pytest.raises(BadScript, match=rf"{name} failed on a request: KeyError: 'x' .*{place}"):
        ask(fake)
    with pytest.raises(Unscripted, match=place):
        fake.check()


@pytest.mark.parametrize("word", ["input", "where", "model", "tools", "turn", "previous"])
def test_a_condition_that_fails_names_file_and_line(word: str) -> None:
    """Each word of `when` that takes a function is guarded alike."""
    fake = Fake()
    conditions: dict[str, Any] = {word: look_up}
    fake.when(**conditions).replies("x")

    with pytest.raises(BadScript, match=rf"look_up failed .*test_mistakes_of_scripts.py:{LINE}\)"):
        ask(fake)


WRONG_RESULTS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda table: None, "gave nothing; it must return or yield steps"),
    (lambda table: [42], "a reply is made of steps, not of 42"),
    (lambda table: Turn((say("x"),), id="one"), "id= takes the id of an interaction, not 'one'"),
]


@pytest.mark.parametrize(("function", "text"), WRONG_RESULTS)
def test_a_function_that_gives_what_cannot_be_is_named(
    function: Callable[[Any], Any], text: str
) -> None:
    """By the line where it begins."""
    fake = Fake()
    fake.answers(function)
    line = function.__code__.co_firstlineno

    with pytest.raises(BadScript) as caught:
        ask(fake)

    assert text in str(caught.value)
    assert f"test_mistakes_of_scripts.py:{line}): " in str(caught.value)


def test_what_is_built_in_has_no_line() -> None:
    """There is no file to name, and nothing is invented."""
    fake = Fake()
    fake.answers(len)  # type: ignore[arg-type]

    with pytest.raises(BadScript, match=r"the function len failed .* has no len\(\)$"):
        ask(fake)


WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "no steps": (lambda fake: fake.replies(), "a reply needs a step"),
    "no step": (lambda fake: fake.replies(42), "a reply is made of steps"),
    "a list": (
        lambda fake: fake.replies([say("a")], [say("b")]),
        "call replies() once for each turn",
    ),
    "no hops": (lambda fake: fake.replies("x", hops=0), "hops= takes"),
    "an id that is none": (
        lambda fake: fake.replies("x", id="my-id"),
        "id= takes the id of an interaction, not 'my-id'",
    ),
    "an empty id": (lambda fake: fake.replies("x", id=""), "id= takes"),
    "a number as an id": (lambda fake: fake.replies("x", id=7), "id= takes"),
    "a rule with no step": (lambda fake: fake.when(input="x").replies(42), "a reply is made of"),
    "a rule with a wrong id": (lambda fake: fake.when().replies("x", id="i"), "id= takes"),
    "a turn with a wrong id": (
        lambda fake: fake.script(Turn((say("x"),), id="i")),
        "id= takes",
    ),
    "no function": (lambda fake: fake.answers("x"), "answers() takes a function of the request"),
    "a rule with no function": (lambda fake: fake.when().answers(None), "answers() takes"),
    "an unknown option": (lambda fake: fake.when().replies("x", stats="failed"), "'status'"),
    "an unknown option of a reply": (lambda fake: fake.replies("x", stats="failed"), "'status'"),
}


@pytest.mark.parametrize(("mistake", "text"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_leaves_nothing_behind(mistake: Callable[[Fake], Any], text: str) -> None:
    """A test that expects the mistake goes on as if it had not been made."""
    fake = Fake()

    with pytest.raises((BadScript, TypeError)) as caught:
        mistake(fake)

    assert text in str(caught.value)
    assert ask(fake).status == 200  # the unscripted model answers
    fake.check()


def test_a_mistake_leaves_the_good_replies_of_its_rule() -> None:
    """Only what is wrong is dropped."""
    fake = Fake()
    rule = fake.when().replies("good")

    with pytest.raises(BadScript):
        rule.replies(42)  # type: ignore[arg-type]

    assert ask(fake).status == 200
    fake.check()


def test_several_texts_in_one_reply_are_hinted_at() -> None:
    """Where the next request finds no reply, and only there."""
    fake = Fake()
    fake.replies(say("a"), say("b"))
    ask(fake)

    with pytest.raises(Unscripted) as caught:
        ask(fake)

    assert "reply 1 has 2 texts:" in str(caught.value)
    assert "is one turn, for one request" in str(caught.value)
    fake.reset()
    fake.replies(call("f"), say("b"))
    ask(fake)
    with pytest.raises(Unscripted) as caught:
        ask(fake)
    assert "is one turn" not in str(caught.value)


def test_headers_read_like_a_mapping() -> None:
    """By name in any case; as pairs, as before."""
    fake = Fake()
    pairs = (("X-Odd", "one"), ("x-odd", "two"), ("Accept", "*/*"))
    fake.handle(Request("POST", "/v1/interactions", headers=pairs, body=BODY))

    headers = fake.requests[0].headers

    assert tuple(headers) == pairs
    assert headers["x-odd"] == headers.get("X-ODD") == "one"
    assert headers[0] == ("X-Odd", "one")
    assert headers[1:] == pairs[1:]
    names: Any = headers
    assert ("accept" in names, "cookie" in names, pairs[2] in names) == (True, False, True)
    assert headers.get("cookie") is None
    assert headers.get("cookie", "none") == "none"
    assert dict(headers.items()) == {"X-Odd": "one", "x-odd": "two", "Accept": "*/*"}
    assert dict(headers)["Accept"] == "*/*"
    assert list(headers.values()) == ["one", "two", "*/*"]
    with pytest.raises(KeyError, match="did you mean 'accept'"):
        headers["acept"]


class Failing:
    """Fails as a clock, a fault or a store of a test may."""

    def __call__(self, *arguments: Any) -> Any:
        """Fail below the call."""
        return look_up(arguments)


def spoil(handler: Any) -> Any:
    """A fault of the test's own, which fails on a request."""
    return Failing()


OWN_CODE: dict[str, Callable[[], Fake]] = {
    "a fault": lambda: with_fault(spoil),
    "a fault that is none": lambda: with_fault(Failing()),
    "a timer": lambda: Fake(timer=Failing()),
    "a clock": lambda: Fake(clock=Failing(), timer=lambda: 0.0),
}


def with_fault(fault: Any) -> Fake:
    """A fake under a fault."""
    fake = Fake()
    fake.faults(fault)
    return fake


@pytest.mark.parametrize("make", OWN_CODE.values(), ids=OWN_CODE.keys())
def test_code_of_the_test_that_fails_is_no_failure_of_ours(make: Callable[[], Fake]) -> None:
    """It names its line, and is told at the end even where the program swallows the answer."""
    fake = make()
    place = re.escape(f"KeyError: 'x' (tests/script/test_mistakes_of_scripts.py:{LINE})")

    with pytest.raises(BadScript, match=f"^code of the test failed on a request: {place}$"):
        ask(fake)
    with pytest.raises(Unscripted, match=place):
        fake.check()


TEXT = CASSETTES / "text.yaml"
FRAGILE: list[tuple[Callable[[Any], Any], str]] = [
    (look_up, f"the function look_up failed on a request: KeyError: 'x' .*:{LINE}\\)$"),
    (lambda meaning: None, r"<lambda> \(.*py:\d+\): the function of tolerate gets .* not None$"),
]


@pytest.mark.parametrize(("function", "text"), FRAGILE)
def test_a_function_of_tolerate_names_file_and_line(
    function: Callable[[Any], Any], text: str
) -> None:
    """Where it fails on the recording, and where it fails on the request."""
    with pytest.raises(BadScript, match=text):
        Fake().play(TEXT, tolerate=function)

    fake = Fake()
    fake.play(TEXT, tolerate=lambda meaning: function(meaning) if "Hi" in str(meaning) else meaning)
    with pytest.raises(BadScript, match=text.replace("look_up", "<lambda>")):
        ask(fake)
    with pytest.raises(Unscripted):
        fake.check()
