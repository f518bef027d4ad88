"""The guard: what goes through a handler is checked as a recording of it would be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakegemini import ContractBreach, Fake, Reply, Request, call, say, step
from fakegemini.contract import guard
from fakegemini.contract.findings import Finding
from fakegemini.wire.replies import json_reply

BODY = json.dumps({"model": "gemini-3.5-flash", "input": "x"}).encode()


def post(handler: Any, body: bytes = BODY) -> bytes:
    """Send a create and give the whole answer."""
    reply = handler(Request("POST", "/v1/interactions", body=body))
    return b"".join(beat for beat in reply.beats if isinstance(beat, bytes))


def test_a_good_handler_gives_no_finding() -> None:
    """The fake's answers, whole and streamed, are what the contract says."""
    found: list[Finding] = []
    handler = guard(Fake().handle, found.append)

    post(handler)
    post(handler, BODY[:-1] + b', "stream": true}')

    assert found == []


def test_a_bad_answer_is_found() -> None:
    """A handler that says something else is told, with the path."""
    found: list[Finding] = []

    def handler(request: Request) -> Reply:
        return json_reply({"id": "v1_x", "status": "completed", "output_text": "x"})

    post(guard(handler, found.append))

    assert {finding.path for finding in found} >= {
        "response.body.created",
        "response.body.id",
        "response.body.output_text",
    }


def test_other_traffic_passes() -> None:
    """What is no traffic of the Interactions API is none of the guard's business."""
    found: list[Finding] = []
    handler = guard(lambda request: json_reply({"odd": 1}), found.append)

    handler(Request("GET", "/v1/models"))

    assert found == []


def test_a_watched_fake_tells_a_broken_script() -> None:
    """A scripted step that no server sends fails the test at its end, in five parts."""
    fake = Fake()
    fake.watch()
    fake.replies(step("function_call", name=7, arguments={}))
    post(fake.handle)

    with pytest.raises(ContractBreach, match=r"response.body.steps\[1\].name") as caught:
        fake.check()

    heads = ["Asked:", "Nearest:", "Difference:", "Fix:"]
    assert [line for line in str(caught.value).splitlines() if line in heads] == heads


@pytest.mark.parametrize("steps", [(say("x"),), (call("f"),), (step("teleport_call", to="Mars"),)])
def test_a_watched_fake_is_quiet(steps: tuple[dict[str, Any], ...]) -> None:
    """Good steps, and steps of a type nobody knows yet, fail nothing."""
    fake = Fake()
    fake.watch()
    fake.replies(*steps)
    post(fake.handle)

    fake.check()
