"""The registries of the model: a row and a function add a tool, an agent or a medium."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module

import pytest

from fakegemini import Agent, Fake, Request, say
from fakegemini.model.agents.registry import FAMILIES, Family
from fakegemini.model.citations import Statement
from fakegemini.model.media.output_part import OutputPart
from fakegemini.model.media.registry import MEDIA, Medium
from fakegemini.model.step_builders import call_and_result, text_block
from fakegemini.model.task import Task
from fakegemini.model.tools.registry import TOOLS, Tool
from fakegemini.model.tools.tool_use import ToolUse
from fakegemini.protocol.turn import Turn
from fakegemini.wire.http import Json

from .asks import MODEL, answer, blocks, kinds, text


def create(fake: Fake, **body: object) -> Json:
    """The answer to a create."""
    payload = json.dumps(body).encode()
    reply = fake.handle(Request("POST", "/v1/interactions", body=payload))
    answered: Json = json.loads(b"".join(beat for beat in reply.beats if isinstance(beat, bytes)))
    assert reply.status == 200, answered
    return answered


def use_tide_table(task: Task, tools: Sequence[Json]) -> ToolUse:
    """Look up the tide, once."""
    steps = call_and_result(task.ids, "tide_table", {"arguments": {"declared": len(tools)}})
    statement = Statement("High water is at noon.", {"type": "url_citation", "url": "https://t/"})
    return ToolUse(steps, (statement,), "tide_table")


def test_a_row_adds_a_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is used where it is declared; its steps come first, the answer cites it, it counts."""
    before = answer("When?", tools=[{"type": "tide_table"}])
    monkeypatch.setitem(TOOLS, "tide_table", Tool(use_tide_table, "the tide"))

    turn = answer("When?", tools=[{"type": "tide_table"}])

    assert "does not run: tide_table." in text(before)
    assert kinds(turn) == ["tide_table_call", "tide_table_result", "thought", "model_output"]
    assert turn.steps[0]["arguments"] == {"declared": 1}
    assert text(turn).endswith(" High water is at noon.")
    assert blocks(turn)[0]["annotations"][0]["url"] == "https://t/"
    assert turn.grounding == ({"type": "tide_table", "count": 1},)


def test_a_row_adds_a_tool_that_the_input_calls_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sign in the input is enough, and the server sends what it makes."""
    row = Tool(
        use_tide_table,
        "the tide",
        applies=lambda task: "tide" in task.subject,
        input_sign="the word tide",
    )
    monkeypatch.setitem(TOOLS, "tide_table", row)

    turn = create(Fake(), model=MODEL, input="When is the tide?")
    plain = create(Fake(), model=MODEL, input="When is noon?")

    assert [step["type"] for step in turn["steps"]][:2] == ["tide_table_call", "tide_table_result"]
    assert turn["steps"][0]["arguments"] == {"declared": 0}
    assert [step["type"] for step in plain["steps"]] == ["thought", "model_output"]


def tide_agent_turn(task: Task) -> Turn:
    """Say that it is noon."""
    return Turn((say(f"Noon, says {task.ask.agent}."),))


def test_a_row_adds_a_family_of_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tag of its configuration names it; without it, the agent answers as a model does."""
    body = {"agent": "tide-agent", "input": "When?", "agent_config": {"type": "dynamic"}}
    agents = {"tide-agent": Agent("tide-agent")}
    before = create(Fake(agents=agents), **body)
    monkeypatch.setitem(FAMILIES, "dynamic", Family("Tides", tide_agent_turn, "says noon"))

    turn = create(Fake(agents=agents), **body)

    assert "fakegemini speaking for tide-agent" in str(before["steps"])
    assert turn["steps"][-1]["content"] == [text_block("Noon, says tide-agent.")]


def make_poem(task: Task, response_format: Json) -> OutputPart:
    """Say it in verse."""
    return OutputPart(text_block(f"{task.subject},\n{response_format['type']}"))


def test_a_row_adds_a_medium(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it applies its block is the answer; JSON stays JSON, prose stays prose."""
    row = Medium("text", make_poem, "verse", applies=lambda task: "poem" in task.subject)
    monkeypatch.setitem(MEDIA, "poems", row)
    as_json = {"type": "text", "mime_type": "application/json"}

    poem = create(Fake(), model=MODEL, input="a poem")
    prose = create(Fake(), model=MODEL, input="a letter")
    document = create(Fake(), model=MODEL, input="a poem", response_format=as_json)

    assert poem["steps"][-1]["content"] == [text_block("a poem,\ntext")]
    assert "You said" in prose["steps"][-1]["content"][0]["text"]
    assert json.loads(document["steps"][-1]["content"][0]["text"])["you_said"] == "a poem"


def test_a_row_adds_a_modality(monkeypatch: pytest.MonkeyPatch) -> None:
    """A format with that type is its own, no schema of a JSON text."""
    monkeypatch.setitem(MEDIA, "smells", Medium("smell", make_poem, "a smell"))

    turn = answer("roses", response_format={"type": "smell"})

    assert blocks(turn) == [text_block("roses,\nsmell")]


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_has_a_file_of_its_own(name: str) -> None:
    """Whoever looks for a tool finds it by its name."""
    assert TOOLS[name].use.__module__ == f"fakegemini.model.tools.{name}"


ROWS = [
    *((f"tools: {name}", row.use) for name, row in TOOLS.items()),
    *((f"tools: {name}, when", row.applies) for name, row in TOOLS.items()),
    *((f"media: {name}", row.make) for name, row in MEDIA.items()),
]


@pytest.mark.parametrize("function", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_a_row_names_is_there(function: Callable[..., object]) -> None:
    """A function that loads its file late has the name of one that is in it."""
    home = import_module(function.__module__)

    assert function.__name__ == "<lambda>" or callable(getattr(home, function.__name__))
