"""Requests as the server hands them to the model, and what to read off its turns."""

from __future__ import annotations

from typing import Any

from fakegemini.model import improvise
from fakegemini.protocol.ask import Ask, steps_of
from fakegemini.protocol.ids import IdSource
from fakegemini.protocol.turn import Turn
from fakegemini.wire.http import Json

MODEL = "gemini-3.5-flash"


def ask(given: Any, history: Any = (), **body: Any) -> Ask:
    """A request with that input; a model unless an agent is named."""
    who = {} if "agent" in body or "model" in body else {"model": MODEL}
    return Ask({**who, "input": given, **body}, tuple(steps_of(given)), tuple(history))


def answer(given: Any, history: Any = (), **body: Any) -> Turn:
    """The unscripted turn for that request."""
    return improvise(ask(given, history, **body), IdSource("seed"))


def kinds(turn: Turn) -> list[str]:
    """The types of its steps."""
    return [step["type"] for step in turn.steps]


def blocks(turn: Turn) -> list[Json]:
    """The content blocks of its output."""
    steps = [step for step in turn.steps if step["type"] == "model_output"]
    return [block for step in steps for block in step["content"]]


def text(turn: Turn) -> str:
    """The text of its output."""
    return "".join(block.get("text", "") for block in blocks(turn))


def called(turn: Turn) -> list[tuple[str, Json]]:
    """Name and arguments of each function call."""
    steps = [step for step in turn.steps if step["type"] == "function_call"]
    return [(step["name"], step["arguments"]) for step in steps]


def function(name: str, required: dict[str, Any], **optional: Any) -> Json:
    """A declared function with these parameters."""
    parameters = {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
    }
    return {"type": "function", "name": name, "parameters": parameters}


def result(call: Json, value: Any, **more: Any) -> Json:
    """The result of a call."""
    return {
        "type": "function_result",
        "name": call["name"],
        "call_id": call["id"],
        "result": value,
        **more,
    }
