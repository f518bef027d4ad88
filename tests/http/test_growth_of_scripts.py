"""What is used up, and what was looked at before, costs the next request nothing."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini import Fake, Request, Unscripted
from fakegemini.fake.script.rules import Level
from fakegemini.protocol.ids import IdSource
from fakegemini.protocol.signatures import Signatures

MODEL = "gemini-3.5-flash"
COUNT = 600


def ask(fake: Fake, text: str) -> str:
    """Ask a question as a door does; gives what is said."""
    body = json.dumps({"model": MODEL, "input": text}).encode()
    request = Request("POST", "/v1/interactions", body=body)
    fake.takes_long(request)
    reply = fake.handle(request)
    raw = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
    assert reply.status == 200, raw
    return str(json.loads(raw)["steps"][-1]["content"][0]["text"])


def count_work(fake: Fake, text: str) -> int:
    """Count the calls that a request takes, and the question whether it may take long."""
    calls = 0

    def note(*_: object) -> None:
        nonlocal calls
        calls += 1

    request = Request(
        "POST",
        "/v1/interactions",
        body=json.dumps({"model": MODEL, "input": text}).encode(),
    )
    sys.setprofile(note)
    try:
        fake.takes_long(request)
        fake.handle(request)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("conditions", [{}, {"input": "x"}], ids=["any", "by its text"])
def test_used_up_rules_are_not_asked(conditions: dict[str, Any]) -> None:
    """The last of many replies in order costs what the last of a few does."""
    costs = []
    for count in (8, COUNT):
        fake = Fake()
        for number in range(count):
            fake.when(**conditions, times=1).replies(str(number))
        for number in range(count - 1):
            assert ask(fake, "x") == str(number)
        costs.append(count_work(fake, "x"))

    assert costs[1] < costs[0] * 1.2


RULES = st.tuples(
    st.sampled_from([None, "a", "b"]), st.sampled_from([None, 1, 2]), st.sampled_from([*Level])
)


@settings(deadline=None)
@given(st.lists(RULES | st.sampled_from(["a", "b", "c"]), max_size=40))
def test_the_first_rule_that_fits_answers(actions: list[Any]) -> None:
    """Whatever is scripted and asked in whatever order: by level, then as written."""
    fake = Fake()
    rules: list[list[Any]] = []
    for action in actions:
        if isinstance(action, tuple):
            given_input, times, level = action
            conditions = {} if given_input is None else {"input": given_input}
            with fake.scripting_at(level):
                fake.when(**conditions, times=times).replies(str(len(rules)))
            rules.append([level, given_input, times, str(len(rules))])
            continue
        fitting = [rule for rule in sorted(rules, key=lambda rule: rule[0]) if rule[2] != 0]
        fitting = [rule for rule in fitting if rule[1] in (None, action)]
        if not rules:
            ask(fake, action)
        elif not fitting:
            with pytest.raises(Unscripted):
                ask(fake, action)
        else:
            assert ask(fake, action) == fitting[0][3]
            fitting[0][2] = None if fitting[0][2] is None else fitting[0][2] - 1


def test_rules_come_and_go() -> None:
    """What was worked out of the rules is worked out anew where one of them changes."""
    fake = Fake()
    rule = fake.when(input="x")
    rule.replies("first")
    assert not fake.takes_long(Request("GET", "/"))
    rule.answers(lambda request: "second")
    assert fake.takes_long(Request("GET", "/"))
    assert [ask(fake, "x"), ask(fake, "x")] == ["first", "second"]

    fake.reset()
    assert not fake.takes_long(Request("GET", "/"))
    fake.replies("x" * 70_000)
    assert fake.takes_long(Request("GET", "/"))


SIGNATURES = IdSource("signatures")


def thought(signature: str) -> dict[str, Any]:
    """A thought that a client resends."""
    return {"type": "thought", "signature": signature}


def test_an_unknown_signature_is_compared_once() -> None:
    """A client resends its history in every turn; only what was sent since then is new."""
    known, unknown = Signatures(), SIGNATURES.signature()
    for _ in range(COUNT):
        known.remember((thought(SIGNATURES.signature()),), ())

    counts = []
    for _ in range(2):
        calls = 0

        def note(frame: Any, event: str, _: object) -> None:
            nonlocal calls
            calls += event == "call" and frame.f_code.co_name == "_is_similar"

        sys.setprofile(note)
        assert known.find_problem([thought(unknown)]) is None
        sys.setprofile(None)
        counts.append(calls)

    assert counts == [COUNT, 0]


def test_what_is_sent_later_is_compared_too() -> None:
    """A signature that could be genuine may turn out to be one that was altered."""
    known, sent = Signatures(), SIGNATURES.signature()
    altered = sent[:60] + "AAAA" + sent[64:]
    assert known.find_problem([thought(altered)]) is None
    known.remember((thought(SIGNATURES.signature()),), ())
    assert known.find_problem([thought(altered)]) is None

    known.remember((thought(sent),), ())

    problems = [known.find_problem([thought(altered)]) for _ in range(2)]
    assert [problem.kind for problem in problems if problem] == ["altered"] * 2
    known.forget()
    assert known.find_problem([thought(altered)]) is None
