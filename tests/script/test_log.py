"""The log answers what tests ask of it: history, parents, signatures, retries, polls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakegemini import Fake, call, faults, say
from fakegemini.protocol.request_log import Requests

MODEL = "gemini-3.5-flash"
TOOL = {"type": "function", "name": "read_tide", "parameters": {"type": "object"}}


@pytest.fixture
def client() -> Any:
    """The real SDK, pointed at the fake by the fixture of the same test."""
    genai = pytest.importorskip("google.genai")
    return genai


def test_a_record_is_what_was_sent(fakegemini: Fake, client: Any) -> None:
    """A record has the method, path, headers, JSON body, status and the id that was made."""
    sdk = client.Client()
    turn = sdk.interactions.create(model=MODEL, input="x")
    sdk.interactions.get(turn.id)

    create, poll = fakegemini.requests

    assert (create.operation, create.method, create.path) == (
        "create",
        "POST",
        "/v1/interactions",
    )
    assert create.json() == {"model": MODEL, "input": "x"}
    assert (create.header("X-Goog-Api-Key"), create.status) == ("fake-key", 200)
    assert create.id == poll.id == turn.id
    assert fakegemini.requests.about(turn.id) == [create, poll]
    assert (len(fakegemini.requests.creates), len(fakegemini.requests.polls)) == (1, 1)


def test_a_chain_names_its_parent(fakegemini: Fake, client: Any) -> None:
    """A create that chained knows the create that made its parent, and resent nothing."""
    sdk = client.Client()
    first = sdk.interactions.create(model=MODEL, input="one")
    sdk.interactions.create(model=MODEL, input="two", previous_interaction_id=first.id)

    one, two = fakegemini.requests

    assert fakegemini.requests.parent_of(two) is one
    assert fakegemini.requests.parent_of(one) is None
    assert (one.resent, two.resent) == ((), ())


def stateless(sdk: Any, edit: Any) -> None:
    """A function loop that resends its history, with its steps edited before."""
    history: list[Any] = [{"type": "user_input", "content": [{"type": "text", "text": "tide?"}]}]
    turn = sdk.interactions.create(model=MODEL, input=history, tools=[TOOL], store=False)
    history += edit([step.model_dump() for step in turn.steps])
    history.append(
        {
            "type": "function_result",
            "name": "read_tide",
            "call_id": turn.steps[-1].id,
            "result": "rising",
        }
    )
    sdk.interactions.create(model=MODEL, input=history, tools=[TOOL], store=False)


def flipped(steps: list[Any]) -> list[Any]:
    """The steps with the first signature replaced by another that is base64 too."""
    return [{**steps[0], "signature": "AAAA" + steps[0]["signature"][4:]}, *steps[1:]]


@pytest.mark.parametrize(("edit", "altered"), [(list, 0), (flipped, 1)])
def test_an_edited_signature_shows(edit: Any, altered: int, fakegemini: Fake, client: Any) -> None:
    """A client that resends its history unchanged altered nothing; an edit is counted, where the
    test lets it pass."""
    fakegemini.trust()
    fakegemini.replies(call("read_tide"))
    fakegemini.replies(say("It rises."))
    stateless(client.Client(), edit)

    last = fakegemini.requests[-1]

    assert [step["type"] for step in last.resent] == ["thought", "function_call"]
    assert len(fakegemini.requests.altered(last)) == altered


def test_retries_are_counted(fakegemini: Fake, client: Any) -> None:
    """A request that repeats one that failed is a retry; the pauses say how soon."""
    fakegemini.faults(faults.refuse(503, retry_after_ms=20), times=2)
    sdk = client.Client()
    sdk.interactions.create(model=MODEL, input="x")
    sdk.interactions.create(model=MODEL, input="x")

    assert [asked.status for asked in fakegemini.requests] == [503, 503, 200, 200]
    assert len(fakegemini.requests.retries) == 2
    assert all(pause >= 0.015 for pause in fakegemini.requests.pauses[:2])


def test_an_empty_log_answers_too(fakegemini: Fake) -> None:
    """Nothing asked: nothing found."""
    requests = fakegemini.requests

    assert (requests.retries, requests.pauses, requests.polls) == (Requests(), [], Requests())
    assert json.dumps(requests) == "[]"
