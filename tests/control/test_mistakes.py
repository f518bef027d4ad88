"""Bad input: each mistake is one sentence with the place and the nearest right spelling."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakegemini import Fake, Request
from tests.http.door import Door

DEEP = b'{"say":' * 5000 + b"1" + b"}" * 5000
NO_FAULT = 'names no fault, e.g. {"status": 429} or {"cut_after_events": 3}'
MISTAKES: list[tuple[str, Any, str]] = [
    ("replies", {"sya": "x"}, 'body.sya is unknown; did you mean "say"?'),
    ("replies", {"say": 7}, "body.say must be a text, not 7"),
    ("replies", {}, 'body answers nothing; give it steps, e.g. {"say": "Hello"}'),
    ("replies", {"steps": []}, "body.steps must not be empty"),
    ("replies", {"steps": [{"typ": "x"}]}, "body.steps[0].type is missing"),
    ("replies", {"call": {"nmae": "f"}}, 'body.call.nmae is unknown; did you mean "name"?'),
    ("replies", {"call": [{}]}, "body.call[0].name is missing"),
    ("replies", {"say": "x", "times": 0}, "body.times must be at least 1, not 0"),
    ("replies", {"say": "x", "times": True}, "body.times must be a whole number, not true"),
    ("replies", {"say": "x", "times": 1.5}, "body.times must be a whole number, not 1.5"),
    (
        "replies",
        {"say": "x", "background": "never_endin"},
        'body.background must not be "never_endin"; did you mean "never_ending"?',
    ),
    (
        "replies",
        {"say": "x", "background": {"pols": 1}},
        'body.background.pols is unknown; did you mean "polls"?',
    ),
    (
        "replies",
        {"say": "x", "background": {"seconds": -1}},
        "body.background.seconds must be at least 0, not -1",
    ),
    (
        "replies",
        [{"say": "x"}, {"say": "x", "fault": {"status": 429, "times": 2}}],
        "body[1].fault.times does not belong here",
    ),
    ("replies", {"say": "x", "fault": {}}, f"body.fault {NO_FAULT}"),
    ("replies", "x", 'body must be an object, not "x"'),
    ("replies", [["x"]], "body[0] must be an object, not a list"),
    (
        "replies",
        b"{",
        "body is not JSON: Expecting property name enclosed in double quotes: "
        "line 1 column 2 (char 1)",
    ),
    ("replies", b'{"say": NaN}', "body is not JSON: NaN is not JSON"),
    (
        "replies",
        {"say": "x", "id": "mine"},
        "body.id is no id of an interaction; take one that the fake gave",
    ),
    ("rules", {"replies": []}, "body.replies must not be empty"),
    ("rules", {"when": {"input": "x"}}, "body.replies is missing"),
    (
        "rules",
        {"when": {"inptu": "x"}, "replies": [{"say": "x"}]},
        'body.when.inptu is unknown; did you mean "input"?',
    ),
    (
        "rules",
        {"when": {"where": "x"}, "replies": [{"say": "x"}]},
        "body.when.where is unknown; known are input, model, agent, tools, turn, previous",
    ),
    (
        "rules",
        {"when": {"input": {"pattern": "("}}, "replies": [{"say": "x"}]},
        "body.when.input.pattern is no regular expression: missing ), unterminated subpattern at "
        "position 0",
    ),
    (
        "rules",
        {"when": {"turn": 0}, "replies": [{"say": "x"}]},
        "body.when.turn must be at least 1, not 0",
    ),
    (
        "rules",
        {"when": {"tools": "f"}, "replies": [{"say": "x"}]},
        'body.when.tools must be a list, not "f"',
    ),
    (
        "rules",
        [{"replies": [{"say": "x"}]}, {"replies": [{"say": "x"}, {"thikn": "x"}]}],
        'body[1].replies[1].thikn is unknown; did you mean "think"?',
    ),
    ("faults", {"statsu": 429}, 'body.statsu is unknown; did you mean "status"?'),
    ("faults", {"cut_after": 3}, 'body.cut_after is unknown; did you mean "cut_after_events"?'),
    ("faults", {"status": 200}, "body.status must be at least 400, not 200"),
    ("faults", {"status": 600}, "body.status must be at most 599, not 600"),
    ("faults", {"status": "429"}, 'body.status must be a whole number, not "429"'),
    ("faults", {"times": 1}, f"body {NO_FAULT}"),
    ("faults", {"retry_after_ms": 5}, 'body needs a "status" beside what it has'),
    ("faults", {"gzip": False}, "body.gzip must be true, not false"),
    (
        "faults",
        {"unknown_event": "x"},
        'body.unknown_event must be true or a whole number, not "x"',
    ),
    ("faults", {"time_out": False}, "body.time_out must be true, not false"),
    ("faults", {"stall": {"seconds": -1}}, "body.stall.seconds must be at least 0, not -1"),
    ("faults", {"chunks": 0}, "body.chunks must be at least 1, not 0"),
    (
        "faults",
        {"wrong_content_type": "a\r\nb"},
        "body.wrong_content_type must be printable ASCII text, as headers are",
    ),
    (
        "faults",
        {"preset": "rate_limted"},
        'body.preset must not be "rate_limted"; did you mean "rate_limited"?',
    ),
    (
        "faults",
        {"reset": True, "on": "craete"},
        'body.on must not be "craete"; did you mean "create"?',
    ),
    ("faults", {"error_event": {"code": "x"}}, "body.error_event.message is missing"),
    ("clock", {}, "body must not be empty"),
    ("clock", {"advance": -1}, "body.advance must be at least 0, not -1"),
    ("clock", {"advance": 1e300}, "body.advance must be at most 3155760000, not 1e+300"),
    ("clock", {"tock": 1}, 'body.tock is unknown; did you mean "tick"?'),
    (
        "allow",
        {"kinds": ["leftovers"]},
        'body.kinds[0] must not be "leftovers"; did you mean "leftover"?',
    ),
    ("trust", {"signatures": [5]}, "body.signatures[0] must be a text, not 5"),
    ("trust", {"signatures": []}, "body.signatures must not be empty"),
    ("trust", {"signature": "x"}, 'body.signature is unknown; did you mean "signatures"?'),
]


@pytest.mark.parametrize(("route", "body", "sentence"), MISTAKES)
def test_a_mistake_is_one_sentence(fakegemini: Fake, route: str, body: Any, sentence: str) -> None:
    """400 in the live error shape; nothing of the body is taken."""
    door = Door(fakegemini.url)

    answer = door.ask("POST", f"/__fakegemini__/{route}", body)

    assert answer.status == 400
    assert answer.json == {"error": {"message": sentence, "code": "fakegemini"}}
    assert answer.kind == "application/json; charset=UTF-8"
    assert door.ask("GET", "/__fakegemini__/complaints").json == []
    assert door.create().status == 200


@pytest.mark.parametrize("body", [DEEP, b"[" * 100_000, b"\xff", b""])
def test_a_hopeless_body_is_a_400(body: bytes) -> None:
    """No body brings the fake down."""
    reply = Fake().handle(Request("POST", "/__fakegemini__/rules", body=body))

    (beat,) = reply.beats
    assert isinstance(beat, bytes)
    assert (reply.status, json.loads(beat)["error"]["code"]) == (400, "fakegemini")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("POST /replys", 'has no POST /replys; did you mean "POST /replies"?'),
        ("GET /request", 'has no GET /request; did you mean "GET /requests"?'),
        ("PUT /clock", 'has no PUT /clock; did you mean "POST /clock"?'),
    ],
)
def test_a_misspelt_route(fakegemini: Fake, asked: str, sentence: str) -> None:
    """404, with the route that was meant."""
    method, path = asked.split()

    answer = Door(fakegemini.url).ask(method, f"/__fakegemini__{path}")

    assert answer.status == 404
    assert answer.json["error"]["message"] == f"/__fakegemini__ {sentence}"
