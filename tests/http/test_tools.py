"""Each of the server's own tools over HTTP, every answer held against the contract."""

from __future__ import annotations

import pytest

from fakegemini.protocol.events import to_steps
from fakegemini.wire.http import Json
from tests.every_tool import ASKS, version
from tests.every_type import streamed

from .door import Door


@pytest.mark.parametrize("name", ASKS)
def test_a_tool_is_the_same_every_way(name: str, door: Door) -> None:
    """Whole, stored and folded from the stream of the stored one."""
    door.version = version(name)
    turn = door.create(None, **ASKS[name]).json
    found = door.get(turn["id"]).json
    events = door.get(turn["id"], stream="true").events

    assert [step for step in found["steps"] if step["type"] != "user_input"] == turn["steps"]
    assert to_steps(events) == [streamed(step) for step in turn["steps"]]


@pytest.mark.parametrize("name", ASKS)
def test_a_tool_in_a_stream_of_its_own(name: str, door: Door) -> None:
    """The same types in the same order as whole."""
    door.version = version(name)
    turn = door.create(None, **ASKS[name]).json
    told = door.create(None, stream=True, **ASKS[name])

    assert [step["type"] for step in to_steps(told.events)] == [
        step["type"] for step in turn["steps"]
    ]
    assert told.done
    assert told.events[-1]["interaction"]["status"] == turn["status"]


def test_a_search_by_the_client_goes_on(door: Door) -> None:
    """Its call waits for a result; with it, the function is called; with that, it answers."""
    body = ASKS["tool_search by the client"]
    first = door.create(None, **body).json
    search = first["steps"][-1]
    function = {key: body["tools"][1][key] for key in ("type", "name", "parameters")}
    found = {"type": "tool_search_result", "call_id": search["id"], "result": [function]}

    second = door.create([found], previous_interaction_id=first["id"], tools=body["tools"]).json

    call = second["steps"][-1]
    assert (first["status"], second["status"]) == ("requires_action",) * 2
    assert (call["name"], call["arguments"]) == ("look_up", {"word": "tide"})
    answer = {"type": "function_result", "call_id": call["id"], "name": "look_up", "result": "sea"}
    third = door.create([answer], previous_interaction_id=second["id"], tools=body["tools"])
    assert "look_up returned sea." in third.text


@pytest.mark.parametrize("name", ASKS)
def test_a_conversation_goes_on_after_a_tool(name: str, door: Door) -> None:
    """By the parent and by resent history, whose steps come back as they were: the same answer."""
    door.version, given = version(name), ASKS[name]["input"]
    turn = door.create(None, **ASKS[name]).json
    if turn["status"] == "requires_action":
        return  # something else has to come first, see above
    said = given if isinstance(given, list) else [_said(given)]

    chained = door.create("And now?", previous_interaction_id=turn["id"])
    resent = door.create([*said, *turn["steps"], _said("And now?")], store=False)

    assert "turn 2" in chained.text
    assert resent.text == chained.text


def _said(text: str) -> Json:
    return {"type": "user_input", "content": [{"type": "text", "text": text}]}
