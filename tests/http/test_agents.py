"""Agents when nobody scripts them: research, a sandbox, mended code, and what is none of these."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fakegemini import Agent, Fake, call, running_for, say, step
from tests.http.door import MODEL, Door

RESEARCH = "deep-research-preview-04-2026"
SANDBOX = "antigravity-preview-09-2026"
QUESTION = "Who built the lighthouse of Sines – and why?"


def researched(door: Door, given: str = QUESTION, **more: Any) -> Any:
    """A run of Deep Research, polled to its end; its own steps alone."""
    config = {"type": "deep-research", **more.pop("config", {})}
    run = door.create(given, agent=RESEARCH, background=True, agent_config=config, **more).json
    assert run["status"] == "in_progress"
    assert "steps" not in run
    while run["status"] == "in_progress":
        run = door.get(run["id"]).json
    return {**run, "steps": [one for one in run["steps"] if one["type"] != "user_input"]}


def outputs(turn: Any) -> list[Any]:
    """The blocks of each output."""
    return [one["content"] for one in turn["steps"] if one["type"] == "model_output"]


def test_a_report(door: Door) -> None:
    """A bare thought with an empty signature, a cited text, a text, the sources (measured)."""
    run = researched(door)
    report, short, sources = outputs(run)

    assert run["steps"][0] == {"signature": "", "type": "thought"}
    text = report[0]["text"].encode()
    cited = [text[n["start_index"] : n["end_index"]].decode() for n in report[0]["annotations"]]
    assert len(cited) == 6
    assert all(one.startswith("A page that") and one.endswith(".") for one in cited)
    assert short[0]["type"] == "text"
    assert sources[0]["text"].startswith("Sources\n- https://")


def test_summaries_and_pictures(door: Door) -> None:
    """As its configuration asks: many summaries, and a picture between the texts."""
    run = researched(door, config={"thinking_summaries": "auto", "visualization": "auto"})

    assert len(run["steps"][0]["summary"]) == 4
    kinds = [content[0]["type"] for content in outputs(run)]
    assert kinds == ["text", "image", "text", "text"]
    picture = base64.b64decode(outputs(run)[1][0]["data"])
    assert picture.startswith(b"\xff\xd8\xff")


def test_a_plan_first(door: Door) -> None:
    """With collaborative planning the first turn is a plan; the next one carries it out."""
    plan = researched(door, config={"collaborative_planning": True})
    report = researched(
        door,
        "Go on.",
        config={"collaborative_planning": False},
        previous_interaction_id=plan["id"],
    )

    assert [len(outputs(plan)), len(outputs(report))] == [1, 3]
    assert "This is the plan:\n1. " in outputs(plan)[0][0]["text"]
    assert "annotations" not in outputs(plan)[0][0]
    assert "turn 2" in outputs(report)[0][0]["text"]


def test_research_as_a_stream(door: Door) -> None:
    """Its events can be resumed from any on, and make the same steps."""
    body = {"agent": RESEARCH, "background": True, "stream": True}
    events = door.create(QUESTION, **body).events
    name = events[0]["interaction"]["id"]

    assert events[-1]["interaction"]["status"] == "completed"
    for at, event in enumerate(events[:-1]):
        rest = door.get(name, stream="true", last_event_id=event["event_id"]).events
        assert rest == events[at + 1 :]


def test_research_that_is_cancelled(door: Door) -> None:
    """Nothing of it is shown."""
    run = door.create(QUESTION, agent=RESEARCH, background=True).json

    assert door.cancel(run["id"]).json["status"] == "cancelled"
    assert "usage" not in door.get(run["id"]).json


def test_the_sandbox(door: Door) -> None:
    """Code is run in steps of the server's; the next turn goes on in the same environment."""
    first = door.create("What is 17 * 3?", agent=SANDBOX, environment="remote").json
    again = door.create(
        "And 4 + 4?",
        agent=SANDBOX,
        environment=first["environment_id"],
        previous_interaction_id=first["id"],
    ).json

    kinds = [one["type"] for one in first["steps"]]
    program = ["thought", "code_execution_call", "code_execution_result"]
    assert kinds == [*program, *program, "model_output"]
    assert first["steps"][2]["result"] == f"{len('What is 17 * 3?')}\n"
    assert first["steps"][5]["result"] == "51\n"
    assert "turn-1.txt" in outputs(first)[0][0]["text"]
    assert "turn-2.txt" in outputs(again)[0][0]["text"]
    assert again["environment_id"] == first["environment_id"]


@pytest.mark.parametrize(
    "environment",
    [
        "remote",
        {"type": "remote"},
        {"type": "remote", "network": "disabled"},
        {
            "type": "remote",
            "sources": [{"type": "inline", "content": "x", "target": "/a.txt"}],
            "network": {"allowlist": [{"domain": "example.com"}]},
        },
    ],
    ids=["remote", "object", "without network", "with sources"],
)
def test_a_new_environment(environment: Any, door: Door) -> None:
    """Each form makes one, in the background too: it shows when the run has ended."""
    turn = door.create(agent=SANDBOX, environment=environment).json
    run = door.create(agent=SANDBOX, environment=environment, background=True).json

    assert len(turn["environment_id"]) == 36
    assert "environment_id" not in run
    while run["status"] == "in_progress":
        run = door.get(run["id"]).json
    assert len(run["environment_id"]) == 36


def test_a_budget_is_spent(door: Door) -> None:
    """`max_total_tokens` leaves it incomplete; the chain goes on where it stopped."""
    config = {"type": "antigravity", "max_total_tokens": 120}
    first = door.create(QUESTION, agent=SANDBOX, environment="remote", agent_config=config).json
    second = door.create(
        "Continue",
        agent=SANDBOX,
        environment=first["environment_id"],
        previous_interaction_id=first["id"],
    ).json

    assert first["status"] == "incomplete"
    assert first["usage"]["total_tokens"] <= 120
    assert second["status"] == "completed"


def test_tools_of_the_client(door: Door) -> None:
    """A declared function stops the sandbox; its result goes on in the same environment."""
    tools = [{"type": "function", "name": "read_tide", "parameters": {"type": "object"}}]
    first = door.create("Read the tide", agent=SANDBOX, environment="remote", tools=tools).json
    [asked] = [one for one in first["steps"] if one["type"] == "function_call"]
    result = {"type": "function_result", "name": "read_tide", "call_id": asked["id"]}
    second = door.create(
        [{**result, "result": "low"}],
        agent=SANDBOX,
        environment=first["environment_id"],
        previous_interaction_id=first["id"],
        tools=tools,
    ).json

    assert first["status"] == "requires_action"
    assert second["status"] == "completed"
    assert "read_tide returned low" in outputs(second)[-1][0]["text"]
    assert second["environment_id"] == first["environment_id"]


@pytest.fixture
def mending(plug: Any) -> Door:
    """A fake that knows an agent of the tester's."""
    fake = Fake(agents={"tide-mender": Agent("tide-mender"), "tide-agent": Agent("tide-agent")})
    fake.watch()
    door: Door = plug(fake.handle)
    return door


def test_code_is_mended(mending: Door) -> None:
    """By the configuration alone: what it was given, and that nothing was done."""
    config = {
        "type": "code-mender",
        "session_id": "s-1",
        "find_request": {"source_files": [{"path": "a.py", "content": "x = 1\ny = 2\n"}]},
        "fix_request": {"finding_id": "f-7"},
    }
    turn = mending.create("Look", agent="tide-mender", agent_config=config).json
    said = outputs(turn)[0][0]["text"]

    assert "To find in: a.py (2 lines)." in said
    assert "To fix for finding f-7 in: no files." in said
    assert said.endswith("Session s-1 goes on. Nothing was scanned or changed.")


def test_any_other_agent_answers_as_a_model(mending: Door) -> None:
    """`dynamic`, with whatever goes with it, and without a configuration."""
    for config in ({"agent_config": {"type": "dynamic", "anything": 1}}, {}):
        turn = mending.create(agent="tide-agent", **config).json
        assert [one["type"] for one in turn["steps"]] == ["thought", "model_output"]


def test_agents_can_be_scripted(door: Door, fake: Fake) -> None:
    """With a course of minutes, steps of the server's, and calls."""
    fake.when(agent=RESEARCH).replies(
        step("google_search_call", arguments={"queries": ["tides"]}),
        step("google_search_result", result=[]),
        say("Long."),
        background=running_for(1000, seconds=540),
    )
    fake.when(agent=SANDBOX).replies(call("f"))
    run = door.create(QUESTION, agent=RESEARCH, background=True).json
    turn = door.create(agent=SANDBOX, environment="remote").json

    fake.clock.advance(539)
    assert door.get(run["id"]).json["status"] == "in_progress"
    fake.clock.advance(1)
    done = door.get(run["id"]).json

    assert done["status"] == "completed"
    kinds = {one["type"] for one in done["steps"]}
    assert {"google_search_call", "google_search_result", "model_output"} < kinds
    assert (turn["status"], len(turn["environment_id"])) == ("requires_action", 36)


def test_what_came_with_later_sdks_is_taken(door: Door) -> None:
    """The fields of 3.5.0 and 3.6.1, as their SDK sends them."""
    wild = {"type": "remote", "mode": "self_hosted", "custom_config": {"rack": {"blue": [1]}}}
    late = {"type": "mcp_server", "name": "tides", "url": "https://m.test", "defer_loading": True}

    assert door.create(agent=SANDBOX, environment=wild).status == 200
    assert door.create(model="gemini-4-neon", tools=[late, {"type": "tool_search"}]).status == 200
    assert door.create(agent=SANDBOX, environment=wild | {"moods": 1}).status == 400


def test_a_model_goes_on_after_an_agent(door: Door) -> None:
    """And an agent after a model: history is one."""
    run = researched(door)
    turn = door.create("In short?", model=MODEL, previous_interaction_id=run["id"])

    assert "turn 2" in turn.text
