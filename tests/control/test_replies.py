"""What the model says, as JSON: each form of a reply, of a course and of a rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakegemini import Fake
from fakegemini.protocol.clock import START
from fakegemini.protocol.ids import IdSource, InteractionId
from tests.control.telling import told
from tests.every_type import STEPS, STRANGE
from tests.http.door import MODEL, Door

REPLIES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "say": ({"say": "Six."}, "completed", ["thought", "model_output"]),
    "a text": ({"steps": "Six."}, "completed", ["thought", "model_output"]),
    "steps": (
        {"steps": [{"type": "thought"}, "Six.", {"type": "tide_call", "arguments": {}}]},
        "completed",
        ["thought", "model_output", "tide_call"],
    ),
    "call": (
        {"call": {"name": "tide", "arguments": {"name": "Sines"}}},
        "requires_action",
        ["thought", "function_call"],
    ),
    "calls": (
        {"call": [{"name": "tide"}, {"name": "moon"}]},
        "requires_action",
        ["thought", "function_call", "function_call"],
    ),
    "all": (
        {"call": {"name": "tide"}, "say": "Wait.", "think": "Hm."},
        "requires_action",
        ["thought", "model_output", "function_call"],
    ),
    "status": ({"status": "failed", "errors": [{"code": "x", "message": "y"}]}, "failed", []),
    "hops": (
        {"say": "one two", "hops": 2.0},
        "requires_continuation",
        ["thought", "model_output"],
    ),
    "usage": ({"say": "x", "usage": {"total_tokens": 7}}, "completed", ["thought", "model_output"]),
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply(door: Door, fakegemini: Fake, name: str) -> None:
    """Each form of a reply is the turn that Python would have scripted."""
    form, status, steps = REPLIES[name]
    fakegemini.allow("breach", "leftover")  # the invented step has no schema, one hop is enough

    assert told(door, "POST /replies", form) == {"added": 1}
    made = door.create().json

    assert made["status"] == status
    assert [step["type"] for step in made.get("steps", [])] == steps
    assert made["usage"] == form.get("usage", made["usage"])


@pytest.mark.parametrize("name", [*STEPS, *STRANGE])
def test_any_step_can_be_told(door: Door, name: str) -> None:
    """A step of each type of the schemas, and of one that nobody knows, arrives as it was told."""
    whole = STEPS.get(name) or STRANGE[name]

    told(door, "POST /replies", {"steps": [whole]})

    assert whole in door.create().json["steps"]


def test_replies_are_played_in_order(door: Door) -> None:
    """A list is added whole, and each as often as it says."""
    added = told(door, "POST /replies", [{"say": "one", "times": 2.0}, {"say": "two"}])

    assert added == {"added": 2}
    assert [door.create().text for _ in range(3)] == ["one", "one", "two"]


def test_a_reply_has_the_id_that_it_fixes(door: Door) -> None:
    """An id that a test chose is the one that it finds again."""
    own = IdSource("chosen").own_half(int(START))
    chosen = str(InteractionId(own, own))
    told(door, "POST /replies", {"say": "one", "id": chosen})

    assert door.create().json["id"] == chosen
    assert door.get(chosen).status == 200


@pytest.mark.parametrize(
    ("background", "seen"),
    [
        ({"polls": 2}, ["in_progress", "in_progress", "completed"]),
        ({"polls": 1, "queued": 1}, ["queued", "in_progress", "completed"]),
        ("never_ending", ["in_progress"] * 5),
    ],
)
def test_a_course(door: Door, background: Any, seen: list[str]) -> None:
    """A background run takes the polls that it was told."""
    told(door, "POST /replies", {"say": "done", "background": background})
    run = door.create(background=True).json["id"]

    assert [door.get(run).json["status"] for _ in seen] == seen


@pytest.mark.parametrize(
    ("move", "passed"),
    [({"advance": 90}, 90), ({"tick": 18}, 90), ({"advance": 85, "tick": 1}, 90)],
)
def test_the_clock_moves_a_run_on(door: Door, move: dict[str, float], passed: float) -> None:
    """Ninety seconds pass when the test says so."""
    told(door, "POST /replies", {"say": "done", "background": {"polls": 1000, "seconds": 90}})
    run = door.create(background=True).json["id"]
    before = told(door, "GET /clock")["now"]

    assert told(door, "POST /clock", move) == {"now": before + passed}
    assert door.get(run).json["status"] == "completed"


RULES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "input": ({"input": "Hi"}, {"given": "Hi"}, {"given": "Hi."}),
    "pattern": ({"input": {"pattern": "(?i)TIDE"}}, {"given": "the tide?"}, {"given": "the sea?"}),
    "blocks": (
        {"input": [{"type": "text", "text": "Hi"}]},
        {"given": [{"type": "text", "text": "Hi"}]},
        {"given": "Ho"},
    ),
    "model": ({"model": MODEL}, {}, {"model": "gemini-3.1-pro-preview"}),
    "model pattern": ({"model": {"pattern": "flash"}}, {}, {"model": "gemini-3.1-pro-preview"}),
    "agent": ({"agent": None}, {}, {"agent": "antigravity-preview-05-2026"}),
    "tools": (
        {"tools": ["tide", "google_search"]},
        {"tools": [{"type": "google_search"}, {"type": "function", "name": "tide"}]},
        {"tools": []},
    ),
    "turn": ({"turn": 1}, {}, {"previous_interaction_id": "FIRST"}),
    "previous": ({"previous": True}, {"previous_interaction_id": "FIRST"}, {}),
    "its id": ({"previous": "FIRST"}, {"previous_interaction_id": "FIRST"}, {}),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule(door: Door, name: str) -> None:
    """Each word of `when` takes the request that fits, and no other."""
    told(door, "POST /replies", {"say": "the first"})
    first = door.create("begin").json["id"]
    when, fits, misses = (
        json.loads(json.dumps(each).replace("FIRST", first)) for each in RULES[name]
    )
    rules = [
        {"when": when, "replies": [{"say": "yes"}, {"say": "again", "times": 2}, {"say": "last"}]},
        {"replies": [{"say": "no"}]},
    ]

    assert told(door, "POST /rules", rules) == {"added": 2}
    heard = [door.create(**fits).text for _ in range(5)]

    assert heard == ["yes", "again", "again", "last", "last"]
    assert door.create(**misses).text == "no"


def test_a_rule_answers_so_many_requests(door: Door) -> None:
    """After its times the next rule is asked."""
    told(door, "POST /rules", {"replies": [{"say": "once"}], "times": 1})
    told(door, "POST /rules", {"replies": [{"say": "ever"}]})

    assert [door.create().text for _ in range(3)] == ["once", "ever", "ever"]
