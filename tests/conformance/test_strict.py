"""Every kind of answer is what the SDK's own classes say, without their leniency.

Where an answer differs all the same, `DIFFERENCES` names the place and the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

pytest.importorskip("google.genai")

from google.genai import interactions
from google.genai._gaos.errors.createinteraction import CreateInteractionClientErrorData
from pydantic import TypeAdapter

from fakegemini import Fake, call, running_for, say, step, think
from fakegemini.doors.loopback import serve
from fakegemini.doors.switchboard import Switchboard
from fakegemini.wire.http import Json
from tests.conformance.strict import SDK_MADE, Fault, bare, faults, sample, tags
from tests.every_medium import ASKS as MEDIUM_ASKS
from tests.every_tool import ASKS as TOOL_ASKS
from tests.every_tool import version
from tests.http.door import MODEL, Answer, Door

STEPS = (tags(bare(interactions.Step)[1]) or ("", {}))[1]
DELTAS = (tags(bare(interactions.StepDeltaData)[1]) or ("", {}))[1]
BLOCKS = (tags(bare(interactions.Content)[1]) or ("", {}))[1]
EVENTS = (tags(bare(interactions.InteractionSSEEvent)[1]) or ("", {}))[1]


@dataclass(frozen=True)
class Difference:
    """A place where the server itself is known to differ from the SDK's classes.

    `place` is the name of an event, or `body`; `only` the answers that may differ, by name.
    """

    place: str
    owner: str
    member: str
    what: str
    evidence: str
    only: str = ""

    def explains(self, name: str, place: str, fault: Fault) -> bool:
        """Whether it is this difference that the answer of that name shows."""
        mine = (self.place, self.owner, self.member, self.what)
        return mine == (place, fault.owner, fault.member, fault.what) and bool(
            re.search(self.only, name)
        )


PARTIAL = (
    "recorded for search 2026-05-15: step.start names the step, one delta brings the rest; "
    "documented so for all steps of built-in tools"
)
BARE = "streams of what is not stored name no id, recorded 2026-10"
DIFFERENCES = (
    Difference("body", "Interaction", "object", "unknown member", "recorded in every reply"),
    *(
        Difference(place, "Usage", member, "unknown member", evidence, only)
        for place in ("body", "interaction.completed")
        for member, evidence, only in (
            ("raw_prompt_token", "recorded from 2026-08-07 to 2026-10-02", ""),
            ("model_invocation_token_counts", "recorded in 2026-10", "^(tool|step) (code|many)"),
            (
                "non_grounding_model_invocation_token_counts",
                "recorded in 2026-10",
                "^(tool|step) (code|many)",
            ),
        )
    ),
    Difference("body", "FunctionCallStep", "signature", "unknown member", "recorded 2026-10-05"),
    Difference(
        "body", "Interaction", "id", "missing", "store=false has none, recorded 2026-05-15", "^bare"
    ),
    *(
        Difference(event, owner, member, "missing", BARE, "^bare")
        for event, owner, member in (
            ("interaction.created", "InteractionSseEventInteraction", "id"),
            ("interaction.created", "InteractionSseEventInteraction", "status"),
            ("interaction.status_update", "InteractionStatusUpdate", "interaction_id"),
            ("interaction.completed", "InteractionSseEventInteraction", "id"),
        )
    ),
    Difference(
        "body",
        "Interaction",
        "steps",
        "missing",
        "recorded 2026-05-13 while it runs, 2026-10-08 where nothing was made",
        "running$|cancelled$|^(cut off|failed)/",
    ),
    Difference(
        "interaction.created",
        "InteractionSseEventInteraction",
        "environment_id",
        "unknown member",
        "clients read it there: the interaction is the same resource",
        "^agent/",
    ),
    Difference(
        "interaction.completed",
        "InteractionSseEventInteraction",
        "environment_id",
        "unknown member",
        "clients read it there: the interaction is the same resource",
        "^agent/",
    ),
    *(
        Difference("step.start", owner, member, "missing", PARTIAL)
        for owner, member in (
            ("CodeExecutionCallStep", "arguments"),
            ("CodeExecutionResultStep", "result"),
            ("FunctionResultStep", "result"),
            ("GoogleMapsResultStep", "result"),
            ("GoogleSearchCallStep", "arguments"),
            ("GoogleSearchResultStep", "result"),
            ("MCPServerToolCallStep", "arguments"),
            ("MCPServerToolResultStep", "result"),
            ("RetrievalCallStep", "arguments"),
            ("ToolSearchCallStep", "arguments"),
            ("URLContextCallStep", "arguments"),
            ("URLContextResultStep", "result"),
        )
    ),
    Difference(
        "step.delta",
        "FileSearchResultDelta",
        "result",
        "missing",
        "the step has no such member, and live steps were measured to have none",
    ),
)

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
PERSON = {
    "type": "text",
    "mime_type": "application/json",
    "schema": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
    },
}
TOOL = "tool "
SANDBOX = "antigravity-preview-09-2026"
RESEARCHER = "deep-research-preview-04-2026"

ASKS: dict[str, Json] = {
    "text": {},
    "list of blocks": {"input": [{"type": "text", "text": "One."}, {"text": "Two."}]},
    "thought": {"generation_config": {"thinking_summaries": "auto"}},
    "structured": {"response_format": PERSON},
    "call": {"input": "Weather in Paris?", "tools": [WEATHER]},
    "parallel calls": {"input": "Weather in Paris and in Rome?", "tools": [WEATHER]},
    "search": {"input": "Who won the cup?", "tools": [{"type": "google_search"}]},
    **{TOOL + name: asked for name, asked in TOOL_ASKS.items()},
    **{f"medium {name}": asked for name, asked in MEDIUM_ASKS.items()},
    "agent": {"agent": SANDBOX, "environment": "remote"},
    "research": {"agent": RESEARCHER, "background": True},
    "bare": {"store": False},
    "bare call": {"store": False, "input": "Weather in Rome?", "tools": [WEATHER]},
    "cut off": {"generation_config": {"max_output_tokens": 1}},
    "cut short": {"input": "Tell me a story", "generation_config": {"max_output_tokens": 70}},
    "priority": {"service_tier": "priority"},
    "webhook": {"webhook_config": {"uris": ["https://hook.example"]}, "background": True},
}
"""What is asked of the unscripted model, by name."""


def whole(tag: str) -> Json:
    """A step with every member that it and its delta declare: what both lack is not streamed."""
    made: Json = sample(STEPS[tag])
    if tag in DELTAS:
        made |= {key: value for key, value in sample(DELTAS[tag]).items() if key in made}
    if tag == "model_output":
        made["content"] = [
            {"annotations": block.get("annotations"), **block}
            if kind == "text"
            else {key: value for key, value in block.items() if key in DELTAS[kind].model_fields}
            for kind, block in ((kind, sample(model)) for kind, model in BLOCKS.items())
        ]
    return made


SCRIPTS: dict[str, Callable[[Fake], object]] = {
    **{f"step {tag}": lambda fake, tag=tag: fake.replies(whole(tag), times=20) for tag in STEPS},  # type: ignore[misc]
    "failed": lambda fake: fake.replies(
        status="failed", errors=[{"code": "safety", "message": "Blocked."}], times=20
    ),
    "queued": lambda fake: fake.replies("x", background=running_for(1, queued=1), times=20),
    "everything": lambda fake: fake.replies(
        think("Hm."),
        step("google_search_call", arguments={"queries": ["a"]}, search_type="web_search"),
        step("google_search_result", result=[{"search_suggestions": "<b>a</b>"}], is_error=False),
        say("Grüße aus", {"type": "image", "mime_type": "image/png", "data": "AAAA"}, "Köln"),
        call("get_weather", city="Köln"),
        times=20,
    ),
}
"""What a test scripts, by name."""

KINDS = (*ASKS, *SCRIPTS)


def played(name: str, fake: Fake, door: Door) -> Iterator[tuple[str, Answer]]:
    """Everything that can be asked of one kind of answer: how it was asked, and the answer."""
    body: Json = {"model": MODEL, "input": "Hello there", **ASKS.get(name, {})}
    if "agent" in body:
        del body["model"]
    if name in SCRIPTS:
        SCRIPTS[name](fake)

    def create(**more: Any) -> Answer:
        return door.create(None, **body | more)

    if not body.get("background"):
        unary = create()
        yield "create", unary
        yield "stream", create(stream=True)
        if body.get("store") is False:
            return
        yield from gets(door, unary.json["id"])
        yield from result_turn(door, unary.json)
        if "image" in body.get("model", ""):
            return
    running = create(background=True)
    yield "running", running
    yield "poll running", door.get(running.json["id"])
    yield "background stream", create(background=True, stream=True)
    yield from gets(door, running.json["id"])
    stopped = create(background=True)
    yield "cancelled", door.cancel(stopped.json["id"])
    yield "poll cancelled", door.get(stopped.json["id"])
    yield "stream of a cancelled", door.get(stopped.json["id"], stream="true")


def result_turn(door: Door, turn: Json) -> Iterator[tuple[str, Answer]]:
    """The turn after one that calls functions."""
    results = [
        {"type": "function_result", "name": one["name"], "call_id": one["id"], "result": {"c": 18}}
        for one in turn.get("steps", ())
        if one["type"] == "function_call"
    ] or [
        {"type": "tool_search_result", "call_id": one["id"], "result": []}
        for one in turn.get("steps", ())
        if one["type"] == "tool_search_call"
    ]
    if turn["status"] == "requires_action":
        parent = turn["id"]
        yield "result turn", door.create(results, previous_interaction_id=parent)
        yield "result stream", door.create(results, previous_interaction_id=parent, stream=True)


def gets(door: Door, identifier: str) -> Iterator[tuple[str, Answer]]:
    """Every way to get what is done, a stream that goes on at each of its events among them."""
    whole_stream = door.get(identifier, stream="true")
    yield "get stream", whole_stream
    yield "get", door.get(identifier)
    yield "get with input", door.get(identifier, include_input="true")
    middle = whole_stream.events[len(whole_stream.events) // 2]["event_id"]
    yield "resumed stream", door.get(identifier, stream="true", last_event_id=middle)


def judged(answer: Answer) -> Iterator[tuple[str, Fault]]:
    """Each fault of an answer, with the event it is in, or `body`."""
    if answer.kind == "text/event-stream":
        for event in answer.events:
            for fault in faults(event, interactions.InteractionSSEEvent):
                yield event["event_type"], fault
    else:
        model = (
            interactions.Interaction if answer.status == 200 else CreateInteractionClientErrorData
        )
        for fault in faults(answer.json, model):
            yield "body", fault


def explained(name: str, board: tuple[Switchboard, str]) -> tuple[list[str], set[Difference]]:
    """The faults of one kind of answer that nothing explains, and the explanations it needed."""
    strange, used = [], set()
    switchboard, url = board
    fake = Fake()
    with switchboard.plug_in(fake.handle) as prefix:
        for how, answer in played(name, fake, Door(url + prefix, version(name.removeprefix(TOOL)))):
            assert answer.status == 200, f"{how}: {answer.body!r}"
            for place, fault in judged(answer):
                full = f"{name}/{how}"
                found = [one for one in DIFFERENCES if one.explains(full, place, fault)]
                used.update(found)
                if not found:
                    strange.append(f"{full} {place} {fault}")
    return strange, used


@pytest.fixture(scope="module")
def board() -> Iterator[tuple[Switchboard, str]]:
    """One server for all fakes of this module."""
    switchboard = Switchboard()
    with serve(switchboard) as url:
        yield switchboard, url


@pytest.mark.parametrize("name", KINDS)
def test_an_answer_is_what_the_classes_say(name: str, board: tuple[Switchboard, str]) -> None:
    """Unary, streamed, got, resumed, polled and cancelled: nothing differs but what is listed."""
    strange, _ = explained(name, board)

    assert strange == []


def test_every_difference_is_needed(board: tuple[Switchboard, str]) -> None:
    """Each listed difference shows in some answer: the list has no dead rows."""
    used = set[Difference]().union(*(explained(name, board)[1] for name in KINDS))

    assert set(DIFFERENCES) - used == set()


UNKNOWN_ID = "v1_ChdBTGxWYVg1RDB2dU9KWldpbWRiTThMRRIXQUxsVmFYNUQwdnVPSlpXaW1kYk04TEU"
ERRORS: dict[str, Callable[[Door], Answer]] = {
    "unknown model": lambda door: door.create(model="gemini-of-tomorrow"),
    "unknown member": lambda door: door.create(audio_format="mp3"),
    "bad enum": lambda door: door.create(service_tier="platinum"),
    "no input": lambda door: door.create(None),
    "refused stream": lambda door: door.create(stream=True, audio_format="mp3"),
    "unknown parent": lambda door: door.create(previous_interaction_id=UNKNOWN_ID),
    "malformed id": lambda door: door.get("v1_bogus"),
    "unknown id": lambda door: door.get(UNKNOWN_ID),
    "unknown stream": lambda door: door.get(UNKNOWN_ID, stream="true"),
    "cancel of nothing": lambda door: door.cancel(UNKNOWN_ID),
    "delete of nothing": lambda door: door.delete(UNKNOWN_ID),
    "no route": lambda door: door.ask("GET", "/v1/agents"),
    "no JSON": lambda door: door.ask("POST", "/v1/interactions", b"{"),
}


@pytest.mark.parametrize("ask", ERRORS.values(), ids=ERRORS)
def test_an_error_is_what_the_classes_say(
    ask: Callable[[Door], Answer], board: tuple[Switchboard, str]
) -> None:
    """Whole or as the only event of a stream, with a code and a message."""
    switchboard, url = board
    with switchboard.plug_in(Fake().handle) as prefix:
        answer = ask(Door(url + prefix))

    assert 400 <= answer.status < 500
    assert list(judged(answer)) == []
    body = answer.events[0] if answer.kind == "text/event-stream" else answer.json
    assert set(body["error"]) == {"code", "message"}


@pytest.mark.parametrize("name", KINDS)
def test_the_sdk_keeps_all_that_it_reads(name: str, board: tuple[Switchboard, str]) -> None:
    """Parsed by the classes and written again, an answer is what it was, each part known."""
    switchboard, url = board
    fake = Fake()
    event_type: TypeAdapter[Any] = TypeAdapter(interactions.InteractionSSEEvent)
    with switchboard.plug_in(fake.handle) as prefix:
        for _, answer in played(name, fake, Door(url + prefix, version(name.removeprefix(TOOL)))):
            if answer.kind == "text/event-stream":
                for event in answer.events:
                    if any(
                        fault.what == "missing"
                        for fault in faults(event, interactions.InteractionSSEEvent)
                    ):
                        continue  # pydantic itself refuses it; the SDK reads it past its classes
                    parsed = event_type.validate_python(event)
                    assert type(parsed) is EVENTS[event["event_type"]]
                    assert parsed.to_dict() == event
                    assert "UNKNOWN" not in repr(parsed)
            else:
                body = interactions.Interaction.model_validate(answer.json)
                again = body.to_dict()
                assert {key: again[key] for key in again if key not in SDK_MADE} == answer.json
                assert "UNKNOWN" not in repr(body)


CLASSES = {**STEPS, **{f"delta {tag}": model for tag, model in DELTAS.items()}, **EVENTS}


@pytest.mark.parametrize("model", CLASSES.values(), ids=CLASSES)
def test_the_judge_misses_nothing(model: Any) -> None:
    """A whole value of each class is good; without, beside or instead of a member it is not."""
    value = sample(model)
    assert faults(value, model) == []

    for name, field in model.model_fields.items():
        rest = {key: item for key, item in value.items() if key != name}
        needed = field.is_required() or name in ("type", "event_type")
        assert [fault.what for fault in faults(rest, model)] == ["missing"] * needed
        for wrong in (None, 1.5):
            assert {fault.member for fault in faults({**value, name: wrong}, model)} == {name}
    (stranger,) = faults({**value, "novelty": 1}, model)
    assert (stranger.member, stranger.what) == ("novelty", "unknown member")


BODY: Json = {
    "id": "v1_x",
    "status": "completed",
    "created": "2026-01-01T00:00:00Z",
    "updated": "2026-01-01T00:00:00Z",
    "model": MODEL,
    "usage": {"total_tokens": 1, "input_tokens_by_modality": [{"modality": "text", "tokens": 1}]},
    "steps": [
        {"type": "thought", "signature": "AAAA"},
        {"type": "function_call", "id": "a", "name": "f", "arguments": {}},
        {"type": "model_output", "content": [{"type": "text", "text": "x"}]},
    ],
}


def without(value: Any, *path: Any) -> Any:
    """A copy of a JSON value that lacks what is at the path."""
    return changed(value, *path, to=without)


def changed(value: Any, *path: Any, to: Any) -> Any:
    """A copy of a JSON value with something else at the path."""
    head, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        copy[head] = changed(copy[head], *rest, to=to)
    elif to is without:
        del copy[head]
    else:
        copy[head] = to
    return copy


MUTANTS = {
    "unknown member": (changed(BODY, "object", to="interaction"), "unknown member"),
    "unknown inside": (changed(BODY, "usage", "tokens", to=1), "unknown member"),
    "made by the SDK": (changed(BODY, "output_text", to="x"), "unknown member"),
    "no status": (without(BODY, "status"), "missing"),
    "no id": (without(BODY, "id"), "missing"),
    "no name": (without(BODY, "steps", 1, "name"), "missing"),
    "no tag": (without(BODY, "steps", 0, "type"), "unknown tag"),
    "unknown tag": (changed(BODY, "steps", 2, "content", 0, "type", to="poem"), "unknown tag"),
    "unknown status": (changed(BODY, "status", to="marinating"), "unknown value"),
    "unknown model": (changed(BODY, "model", to="gemini-of-tomorrow"), "unknown value"),
    "null": (changed(BODY, "usage", to=None), "type"),
    "text for a number": (changed(BODY, "usage", "total_tokens", to="1"), "type"),
    "true for a number": (changed(BODY, "usage", "total_tokens", to=True), "type"),
    "object for a list": (changed(BODY, "steps", to={}), "type"),
    "list for an object": (changed(BODY, "steps", 1, "arguments", to=[]), "type"),
    "broken signature": (changed(BODY, "steps", 0, "signature", to="é"), "base64"),
}


@pytest.mark.parametrize(("body", "what"), MUTANTS.values(), ids=MUTANTS)
def test_the_judge_sees_a_mutant(body: Json, what: str) -> None:
    """One fault, named, in a body that is good without it."""
    assert faults(BODY, interactions.Interaction) == []
    assert [fault.what for fault in faults(body, interactions.Interaction)] == [what]
