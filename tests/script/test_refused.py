"""What the live server refuses in bare words is explained, and never passes unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fakegemini import Fake, Refused, Request, call, faults, say
from fakegemini.errors import NotRefused
from fakegemini.fake.explain_refusals import EXPLAINERS
from fakegemini.protocol.refusals.registry import all_refusals

MODEL = "gemini-3.5-flash"
CREATE = "/v1/interactions"
ELSEWHERE = Fake(seed="elsewhere")


def send(fake: Fake, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """Send a request; give the parsed answer."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    reply = fake.handle(Request(method, path, headers=pairs, body=raw))
    return json.loads(b"".join(beat for beat in reply.beats if isinstance(beat, bytes)))


def create(fake: Fake, **body: Any) -> Any:
    """Send a create."""
    return send(fake, "POST", CREATE, {"model": MODEL, "input": "Hi"} | body)


def foreign_id() -> str:
    """An id that another fake gave."""
    return str(create(ELSEWHERE)["id"])


def ask_for_deleted(fake: Fake) -> Any:
    """Get what was deleted before."""
    identifier = create(fake)["id"]
    send(fake, "DELETE", f"{CREATE}/{identifier}")
    return send(fake, "GET", f"{CREATE}/{identifier}")


def answer_another_call(fake: Fake) -> Any:
    """Bring a result for a call that nobody made."""
    fake.replies(call("read_tide", harbour="Sines"))
    turn = create(fake, tools=[{"type": "function", "name": "read_tide"}])
    call_id = turn["steps"][-1]["id"]
    result = {"type": "function_result", "name": "read_tide", "call_id": call_id[:-1] + "!"}
    return create(fake, input=[result | {"result": "6:00"}], previous_interaction_id=turn["id"])


CASES: dict[str, tuple[Callable[[Fake], Any], str, list[str]]] = {
    "a body that is no JSON": (
        lambda fake: send(fake, "POST", CREATE, b'{"model": '),
        "Invalid JSON payload: syntax error in request body",
        ["the body is no JSON: Expecting value"],
    ),
    "an empty body": (
        lambda fake: send(fake, "POST", CREATE),
        "Invalid JSON payload: syntax error in request body",
        ["the body is empty"],
    ),
    "a list": (
        lambda fake: send(fake, "POST", CREATE, []),
        "Invalid JSON payload: syntax error in request body",
        ["the body is JSON, but no object: an array"],
    ),
    "a parent that is no id": (
        lambda fake: create(fake, previous_interaction_id="int_1"),
        "Invalid JSON payload: syntax error in request body",
        ["previous_interaction_id 'int_1' is no id", "the JSON of the body is good"],
    ),
    "a parent of another server": (
        lambda fake: create(fake, previous_interaction_id=foreign_id()),
        "Requested entity was not found.",
        ["was given by no answer of this test's fake", "no create of this test was answered"],
    ),
    "a poll of an unknown id": (
        lambda fake: send(fake, "GET", f"{CREATE}/{foreign_id()}"),
        "Requested entity was not found.",
        ["the id 'v1_", "was given by no answer of this test's fake"],
    ),
    "a poll of no id": (
        lambda fake: send(fake, "GET", f"{CREATE}/int_1"),
        "Invalid interaction name: interactions/int_1",
        ["the id 'int_1' is no id of an interaction"],
    ),
    "a poll of what was deleted": (
        ask_for_deleted,
        "Requested entity was not found.",
        ["was deleted before, by a request of this test"],
    ),
    "a delete of an unknown id": (
        lambda fake: send(fake, "DELETE", f"{CREATE}/{foreign_id()}"),
        "Requested entity was not found.",
        ["was given by no answer of this test's fake"],
    ),
    "a cancel of what is over": (
        lambda fake: send(fake, "POST", f"{CREATE}/{create(fake)['id']}/cancel"),
        "is not running in the background.",
        ["has the status completed", "cancel only what runs in the background"],
    ),
    "an unknown model": (
        lambda fake: create(fake, model="gemini-3.5-flahs"),
        "Requested entity was not found.",
        ["no model 'gemini-3.5-flahs', did you mean 'gemini-3.5-flash'?"],
    ),
    "an unknown model, looked up": (
        lambda fake: send(fake, "GET", "/v1beta/models/gemini-3.5-flahs"),
        "Requested entity was not found.",
        ["no model 'gemini-3.5-flahs', did you mean 'gemini-3.5-flash'?"],
    ),
    "a model as an agent": (
        lambda fake: create(fake, model=None, agent=MODEL),
        f"Agent '{MODEL}' is invalid or not found",
        ["it is a known model: send it in the field 'model'"],
    ),
    "a result of no call": (
        answer_another_call,
        "Please ensure that function response turn comes immediately after",
        ["answers no function_call, did you mean", "the function_call 'read_tide' with id"],
    ),
    "another API": (
        lambda fake: send(fake, "POST", f"/v1beta/models/{MODEL}:generateContent", {}),
        "fakegemini does not emulate POST",
        [
            "fakegemini does not emulate (HTTP 404 not_found); the answer says nothing of the live",
            "belongs to generateContent, the older API",
            "call client.interactions.create(model=…, input=…)",
        ],
    ),
    "a method that is not there": (
        lambda fake: send(fake, "GET", CREATE),
        "Method not found.",
        ["the path /v1/interactions has no GET"],
    ),
}


@pytest.mark.parametrize(("ask", "words", "lines"), CASES.values(), ids=CASES.keys())
def test_a_swallowed_refusal_is_explained(
    ask: Callable[[Fake], Any], words: str, lines: list[str]
) -> None:
    """The wire has the server's bare words; the complaint has five parts, and what they lack."""
    fake = Fake()

    answer = ask(fake)

    assert words in answer["error"]["message"]
    with pytest.raises(Refused) as caught:
        fake.check()
    text = str(caught.value)
    heads = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert heads[1:] == ["Asked:", "Nearest:", "Difference:", "Fix:"]
    assert all(line in text for line in [words, *lines]), text
    for line in lines:
        assert line not in answer["error"]["message"]


def test_every_explained_refusal_exists() -> None:
    """A row that was renamed would be explained by nobody."""
    assert set(EXPLAINERS) <= {row.name for row in all_refusals()}


def test_what_a_fault_refuses_is_no_complaint() -> None:
    """A bad day is no mistake of the code under test."""
    fake = Fake()
    fake.faults(faults.refuse(404), times=1)
    create(fake)

    fake.check()


def test_an_expected_refusal_is_no_complaint() -> None:
    """By any of its names, and only inside of the block."""
    fake = Fake()
    for words in ("not_found", "Requested entity", "unknown model"):
        with fake.expects_refusal(words, status=404) as refusals:
            create(fake, model="nobody")
        assert [refusal.name for refusal in refusals] == ["unknown model"]
    fake.check()

    create(fake, model="nobody")

    with pytest.raises(Refused):
        fake.check()


@pytest.mark.parametrize("expected", [{"match": "syntax error"}, {"status": 400}])
def test_another_refusal_is_not_the_expected_one(expected: Any) -> None:
    """The block fails, and says what came instead."""
    fake = Fake()

    with pytest.raises(NotRefused) as caught, fake.expects_refusal(**expected):
        create(fake, model="nobody")

    assert "HTTP 404 not_found: Requested entity was not found." in str(caught.value)
    with pytest.raises(Refused):
        fake.check()


def test_a_block_in_which_nothing_is_refused_fails() -> None:
    """And what is raised inside goes first."""
    fake = Fake()

    with pytest.raises(NotRefused, match="nothing was refused so"), fake.expects_refusal():
        create(fake)
    with pytest.raises(ZeroDivisionError), fake.expects_refusal():
        raise ZeroDivisionError


CLIENTS = [
    ("google-genai-sdk/3.6.0 gl-node/v22.1.0", "POST /__fakegemini__/allow"),
    ("google-genai-sdk/3.6.0 gl-python/3.11", "`with fakegemini.expects_refusal():`"),
    ("", "`with fakegemini.expects_refusal():`"),
]


@pytest.mark.parametrize(("client", "advice"), CLIENTS)
def test_advice_is_in_the_language_of_the_caller(client: str, advice: str) -> None:
    """A Node program is told nothing of pytest."""
    fake = Fake()
    body = {"model": "nobody", "input": "Hi"}
    send(fake, "POST", CREATE, body, x_goog_api_client=client)

    ((_, text),) = fake.complaints.list_pending({})

    assert advice in text
    assert ("pytest" in text) is ("node" not in client)


def test_leftover_tells_of_the_request_that_came() -> None:
    """It never says that none came when one was refused, failed by a fault, or did not fit."""
    fake = Fake()
    fake.allow("refused", "unscripted")
    fake.replies(say("one"), times=2)
    create(fake, model="nobody")
    assert "no request came" not in leftover(fake)
    assert "HTTP 404: Requested entity was not found." in leftover(fake)

    fake.faults(faults.refuse(503), times=1)
    create(fake)
    assert "2 requests that no scripted reply answered" in leftover(fake)
    assert "a fault or a cassette answered, HTTP 503" in leftover(fake)

    create(fake)
    create(fake, model="nobody")
    assert "the last of 1 answered requests" in leftover(fake)
    assert "and 3 requests that no scripted reply answered, the last of them:" in leftover(fake)


def leftover(fake: Fake) -> str:
    """The complaint about replies that nobody asked for."""
    (text,) = fake._state.leftover_texts()
    return text
