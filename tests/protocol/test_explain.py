"""The texts of failures, word for word: they are what people see of us."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from fakegemini import Fake, LeftOver, Refused, Request, Unscripted, call, say, step, think
from fakegemini.fake.script.failures import (
    describe_breach,
    diff_lines,
    summarize_steps,
)
from fakegemini.fake.script.rules import make_rule
from fakegemini.fake.script.script import Script
from fakegemini.fake.state.complaints import Complaints
from fakegemini.protocol.ask import Ask, steps_of
from fakegemini.protocol.turn import Turn
from fakegemini.wire.http import Json
from fakegemini.wording import readable_json


def ask(given: str, **body: Any) -> Ask:
    """A request."""
    return Ask({"model": "gemini-3.5-flash", "input": given, **body}, tuple(steps_of(given)))


def scripted(*turns: Turn) -> Script:
    """A script of these turns, each once, for whatever is asked."""
    script = Script()
    for turn in turns:
        script.add(make_rule(1, {})).turns.append(turn)
    return script


NO_REPLY_LEFT = """\
fakegemini has no scripted reply left for this request: 1 reply played, and request 2 came.

Asked:
  {
    "model": "gemini-3.5-flash",
    "input": "And the sun?",
    "previous_interaction_id": "v1_x"
  }

Nearest:
  reply 1, say('Tides follow the moon.'), went to request 1

Difference:
  --- request 1
  +++ request 2
  @@ -2,3 +2,4 @@
     "model": "gemini-3.5-flash",
  -  "input": "Why tides?"
  +  "input": "And the sun?",
  +  "previous_interaction_id": "v1_x"
   }

Fix:
  script one more reply before the call, e.g. fakegemini.replies(say("…")),
  or find out why the code under test asked once more than the test expects"""

NO_RULE_FITS = """\
fakegemini has no scripted reply for this request: none of 2 rules takes it.

Asked:
  {
    "model": "gemini-3.5-flash",
    "input": "Why tides on Mars?"
  }

Nearest:
  when(input=re.compile('moon')), which answers call('read_tide', harbour='Dover')

Difference:
  input: the rule wants re.compile('moon'), the request has 'Why tides on Mars?'

Fix:
  correct the rule, or add one for this request before the call, e.g.
  fakegemini.when(…).replies(say("…"))"""

EMPTY_RULE = """\
fakegemini has no scripted reply for this request: none of 1 rule takes it.

Asked:
  {
    "model": "gemini-3.5-flash",
    "input": "Hi"
  }

Nearest:
  when(turn=1), which has no reply: call .replies(…) or .answers(…) on it

Difference:
  none: the rule fits, but has nothing to answer

Fix:
  correct the rule, or add one for this request before the call, e.g.
  fakegemini.when(…).replies(say("…"))"""


def test_no_reply_left() -> None:
    """The script was shorter than the program."""
    script = scripted(Turn((say("Tides follow the moon."),)))
    script.answer(ask("Why tides?"))

    with pytest.raises(Unscripted) as caught:
        script.answer(ask("And the sun?", previous_interaction_id="v1_x"))

    assert str(caught.value) == NO_REPLY_LEFT


def test_no_rule_fits() -> None:
    """The nearest rule is the one with the fewest misses."""
    script = Script()
    script.add(make_rule(None, {"input": "Why tides?", "model": "gemini-4-argon"})).turns.append(
        Turn((say("no"),))
    )
    script.add(make_rule(None, {"input": re.compile("moon")})).turns.append(
        Turn((call("read_tide", harbour="Dover"),))
    )

    with pytest.raises(Unscripted) as caught:
        script.answer(ask("Why tides on Mars?"))

    assert str(caught.value) == NO_RULE_FITS


def test_a_rule_without_a_reply() -> None:
    """A `when` that was never finished says so."""
    script = Script()
    script.add(make_rule(None, {"turn": 1}))

    with pytest.raises(Unscripted) as caught:
        script.answer(ask("Hi"))

    assert str(caught.value) == EMPTY_RULE


NOBODY_ASKED = """\
fakegemini has 2 replies left that nobody asked for.

Asked:
  no request came at all

Nearest:
  any request, which answers think(), say('a')
  any request, which answers call('f', a=1)

Difference:
  asked for 0 of 1 times
  asked for 0 of 1 times

Fix:
  remove the reply, or find out why the code under test stopped asking; if it may, say so with
  fakegemini.allow("leftover")"""

ASKED_TOO_FEW = """\
fakegemini has 2 replies left that nobody asked for.

Asked:
  the last of 1 answered requests:
  {
    "model": "gemini-3.5-flash",
    "input": "Hi"
  }

Nearest:
  when(input='Bye'), which answers step('teleport_call', …)

Difference:
  asked for 0 of 2 times; the last request did not fit: input: the rule wants 'Bye', \
the request has 'Hi'

Fix:
  remove the reply, or find out why the code under test stopped asking; if it may, say so with
  fakegemini.allow("leftover")"""


def test_leftover_replies_and_no_request() -> None:
    """The program never called."""
    script = scripted(Turn((think("Hm."), say("a"))), Turn((call("f", a=1),)))

    assert script.describe_leftover(()) == NOBODY_ASKED


def test_leftover_replies_and_some_requests() -> None:
    """The program stopped early."""
    script = scripted(Turn((say("a"),)))
    waiting = script.add(make_rule(2, {"input": "Bye"}))
    waiting.turns.append(Turn((step("teleport_call"),)))
    script.answer(ask("Hi"))

    assert script.describe_leftover(()) == ASKED_TOO_FEW


REFUSED = """\
The code under test sent a request that the live server refuses (HTTP 400 invalid_request); it \
got the refusal.

Asked:
  {
    "model": "m",
    "cached_content": "x"
  }

Nearest:
  the members of the request: model, agent, input, system_instruction, tools, generation_config, \
response_format, agent_config, previous_interaction_id, store, stream, background, \
continuation_token, environment, labels, safety_settings, service_tier, webhook_config, \
response_mime_type, response_modalities

Difference:
  Unknown parameter 'cached_content'.

Fix:
  take cached_content out; if the test means to send it, say so: put the call into
  `with fakegemini.expects_refusal():` or `pytest.raises`, or call fakegemini.allow("refused")"""

BREACH = """\
fakegemini gave an answer that breaks the contract of the live server.

Asked:
  /v1/interactions

Nearest:
  the schemas of fakegemini, see `fakegemini check`

Difference:
  steps[0].id: is missing

Fix:
  correct the scripted reply; if the test means to send it, say so with
  fakegemini.allow("breach"); if nothing is scripted, this is a bug of fakegemini"""


def test_a_refused_request() -> None:
    """The live server's words, and how to mean it."""
    fake = Fake()
    body = json.dumps({"model": "m", "cached_content": "x"}).encode()

    fake.handle(Request("POST", "/v1/interactions", body=body))

    with pytest.raises(Refused) as caught:
        fake.check()
    assert str(caught.value) == REFUSED


def test_a_breach_of_the_contract() -> None:
    """Ours or the script's."""
    assert describe_breach("steps[0].id: is missing", "/v1/interactions") == BREACH


SUMMARIES: list[tuple[list[Json], str]] = [
    ([say("Hi")], "say('Hi')"),
    ([say("Hi", {"type": "image"})], "say('Hi', image)"),
    ([think("Hm."), call("f")], "think(), call('f')"),
    ([call("f", a=1, b="x")], "call('f', a=1, b='x')"),
    ([step("google_search_call")], "step('google_search_call', …)"),
    ([], ""),
]


@pytest.mark.parametrize(("steps", "text"), SUMMARIES)
def test_a_reply_reads_as_its_author_wrote_it(steps: list[Json], text: str) -> None:
    """One row a step."""
    assert summarize_steps(steps) == text


def test_long_texts_are_shortened() -> None:
    """An image must not hide the message."""
    text = readable_json({"data": "x" * 5000, "in": [{"deep": "y" * 401}]})

    assert "(5000 characters)" in text
    assert "(401 characters)" in text
    assert len(text) < 600
    assert len(summarize_steps([say("z" * 500)])) < 100


def test_equal_requests_have_no_difference() -> None:
    """The same request twice is a finding too."""
    assert diff_lines({"a": 1}, {"a": 1}, "one", "two") == "none: the two requests are equal"


def test_a_difference_shows_the_lines_that_changed() -> None:
    """With a neighbour."""
    before, after = {"input": "a", "model": "m"}, {"input": "b", "model": "m"}

    assert diff_lines(before, after, "request 1", "request 2").splitlines() == [
        "--- request 1",
        "+++ request 2",
        "@@ -1,3 +1,3 @@",
        " {",
        '-  "input": "a",',
        '+  "input": "b",',
        '   "model": "m"',
    ]


@pytest.mark.parametrize(
    ("allowed", "error", "text"),
    [
        ((), Unscripted, "u1\n\n(and 1 more of its kind)"),
        (("unscripted",), Refused, "r1"),
        (("unscripted", "refused"), LeftOver, "l1"),
    ],
)
def test_the_most_telling_complaint_is_raised(
    allowed: tuple[str, ...], error: type[Exception], text: str
) -> None:
    """With the count of those like it, and never twice."""
    complaints = Complaints()
    for kind, told in (("leftover", "l1"), ("refused", "r1"), ("unscripted", "u1")):
        complaints.note(kind, told)
    complaints.note("unscripted", "u2")
    complaints.allow(*allowed)

    with pytest.raises(error) as caught:
        complaints.raise_first()

    assert str(caught.value) == text
    complaints.raise_first()
