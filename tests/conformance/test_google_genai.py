"""The real google-genai against the fake: every call on both HTTP libraries, sync and async.

The code under test knows nothing of the fake: `genai.Client()` finds it in the environment.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

pytest.importorskip("google.genai")

from google.genai._gaos.lib.compat_errors import (
    APIStatusError,
    BadRequestError,
    NotFoundError,
)
from pydantic import BaseModel

from fakegemini import Fake, call, running_for, say, think
from fakegemini.protocol.ids import NO_THOUGHT_SIGNATURE
from fakegemini.wire.http import Json
from tests.conformance.ways import WAYS, Api, Async, Sync

MODEL = "gemini-3.5-flash"
RESEARCHER = "deep-research-pro-preview-12-2025"
SANDBOX = "antigravity-preview-09-2026"
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "The city"}},
        "required": ["city"],
    },
}
STORY = "Once upon a time a lighthouse spoke to the moon, and the moon – being polite – answered."


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}-{way[1].__name__.lower()}")
def api(
    request: pytest.FixtureRequest, fakegemini: Fake, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Api]:
    """A client on one of the libraries, sync or async, made from the environment alone."""
    library, kind = request.param
    pytest.importorskip(library)
    monkeypatch.setenv("GOOGLE_GENAI_HTTP_CLIENT", library)
    made: Api = kind()
    yield made
    made.close()


def text_of(events: Iterable[Any]) -> str:
    """The text that a stream's deltas make."""
    return "".join(
        event.delta.text
        for event in events
        if event.event_type == "step.delta" and event.delta.type == "text"
    )


def result(step: Any, value: Any = "18 °C") -> Json:
    """The result of a call."""
    return {"type": "function_result", "name": step.name, "call_id": step.id, "result": value}


def calls(turn: Any) -> list[Any]:
    """The function calls of a turn."""
    return [step for step in turn.steps if step.type == "function_call"]


def test_the_library_is_the_chosen_one(api: Any, request: pytest.FixtureRequest) -> None:
    """The SDK uses the HTTP library that the test is about."""
    library, kind = request.node.callspec.params["api"]
    inside = api.client._api_client
    http = inside._httpx_client if kind is Sync else inside._async_httpx_client

    assert library in {base.__module__.partition(".")[0] for base in type(http).__mro__}
    assert type(http).__name__.removeprefix("Sync").removeprefix("Async").lower() == (
        f"{library}client"
    )


def test_text(api: Api, fakegemini: Fake) -> None:
    """One question, one scripted answer, found where users look for it."""
    fakegemini.replies(say("Bonjour"))

    turn = api.create(model=MODEL, input="Say hello in French")

    assert (turn.status, turn.output_text) == ("completed", "Bonjour")
    assert turn.id.startswith("v1_")
    assert turn.usage.total_tokens > 0
    assert fakegemini.requests[0].json() == {"model": MODEL, "input": "Say hello in French"}


def test_unscripted_text(api: Api) -> None:
    """Nothing scripted: the answer shows that the question arrived."""
    assert "Where is Köln?" in api.create(model=MODEL, input="Where is Köln?").output_text


def test_a_thought_has_a_summary_and_a_signature(api: Api, fakegemini: Fake) -> None:
    """The signature is base64, which some clients decode."""
    fakegemini.replies(think("Let me see."), say("4"))

    thought = api.create(model=MODEL, input="2 + 2?").steps[0]

    assert (thought.type, thought.summary[0].text) == ("thought", "Let me see.")
    assert base64.b64decode(thought.signature, validate=True)


def test_a_chain(api: Api, fakegemini: Fake) -> None:
    """Turns continue each other; the model sees the whole conversation, inputs and outputs."""
    fakegemini.answers(lambda ask: f"{len(ask.said)}: {' | '.join(ask.said)}")

    first = api.create(model=MODEL, input="I have 2 dogs.")
    second = api.create(model=MODEL, input="And a cat.", previous_interaction_id=first.id)
    branch = api.create(model=MODEL, input="And a bird.", previous_interaction_id=first.id)

    assert second.output_text == "2: I have 2 dogs. | And a cat."
    assert branch.output_text == "2: I have 2 dogs. | And a bird."


@pytest.mark.parametrize("nulls", [False, True])
def test_history_is_resent_as_it_was_dumped(api: Api, fakegemini: Fake, nulls: bool) -> None:
    """A stateless client sends back dumped steps, with the nulls that some dumps have."""
    fakegemini.answers(lambda ask: f"turn {ask.turn}: {ask.text}")
    history: list[Any] = [{"type": "user_input", "content": [{"type": "text", "text": "one"}]}]

    first = api.create(model=MODEL, input=history, store=False)
    for step in first.steps:
        empty = dict.fromkeys(type(step).model_fields) if nulls else {}
        history.append(empty | step.model_dump())
    history.append({"type": "user_input", "content": [{"type": "text", "text": "two"}]})
    second = api.create(model=MODEL, input=history, store=False)

    assert (first.output_text, second.output_text) == ("turn 1: one", "turn 2: two")
    assert first.id == ""
    assert fakegemini.requests.altered(fakegemini.requests[1]) == []


def test_a_stream(api: Api, fakegemini: Fake) -> None:
    """The deltas make the text; created first, completed last with the usage."""
    fakegemini.replies(say(STORY))

    events = api.stream(model=MODEL, input="A story")

    assert text_of(events) == STORY
    assert [events[0].event_type, events[-1].event_type] == [
        "interaction.created",
        "interaction.completed",
    ]
    assert events[0].interaction.id == events[-1].interaction.id != ""
    assert events[-1].interaction.usage.total_tokens > 0


@pytest.mark.parametrize(
    "value", ["18 °C", {"celsius": 18}, [{"type": "text", "text": "18 °C"}], []], ids=repr
)
def test_a_function_loop(api: Api, fakegemini: Fake, value: Any) -> None:
    """A stateful loop; the result is a string, an object or a list of blocks."""
    fakegemini.replies(call("get_weather", city="Paris"))
    fakegemini.replies(say("Mild."))

    turn = api.create(model=MODEL, input="Weather in Paris?", tools=[WEATHER])
    assert (turn.status, turn.output_text) == ("requires_action", "")
    (step,) = calls(turn)
    assert (step.name, step.arguments) == ("get_weather", {"city": "Paris"})
    turn = api.create(
        model=MODEL, input=[result(step, value)], previous_interaction_id=turn.id, tools=[WEATHER]
    )

    assert (turn.status, turn.output_text) == ("completed", "Mild.")
    assert [step.type for step in turn.steps] == ["thought", "model_output"]
    assert turn.steps[0].signature == NO_THOUGHT_SIGNATURE
    assert fakegemini.requests[1].json()["input"][0]["result"] == value


def test_an_unscripted_function_loop(api: Api) -> None:
    """The unscripted model calls the function once and then answers."""
    turn = api.create(model=MODEL, input="Weather in Paris?", tools=[WEATHER])
    hops = 0
    while turn.status == "requires_action":
        hops += 1
        turn = api.create(
            model=MODEL,
            input=[result(step, f"18 °C in {step.arguments['city']}") for step in calls(turn)],
            previous_interaction_id=turn.id,
            tools=[WEATHER],
        )

    assert (hops, turn.status) == (1, "completed")
    assert "18 °C" in turn.output_text


@pytest.mark.parametrize("dump", [{}, {"exclude_none": True}, {"mode": "json"}], ids=repr)
def test_a_stateless_function_loop(api: Api, fakegemini: Fake, dump: Any) -> None:
    """The loop without `store`: everything is resent, however it was dumped."""
    fakegemini.replies(call("get_weather", city="Rome"))
    fakegemini.replies(say("Hot."))
    history: list[Any] = [
        {"type": "user_input", "content": [{"type": "text", "text": "Weather in Rome?"}]}
    ]

    for _ in range(2):
        turn = api.create(model=MODEL, input=history, tools=[WEATHER], store=False)
        history += [step.model_dump(**dump) for step in turn.steps]
        history += [result(step) for step in calls(turn)]

    assert turn.output_text == "Hot."


def test_parallel_calls_in_any_order(api: Api, fakegemini: Fake) -> None:
    """Results are matched by their ids, not by their places."""
    fakegemini.replies(call("get_weather", city="Rome"), call("get_weather", city="Oslo"))
    fakegemini.answers(lambda ask: " / ".join(step["result"] for step in ask.results))

    first = api.create(model=MODEL, input="Rome and Oslo?", tools=[WEATHER])
    rome, oslo = calls(first)
    turn = api.create(
        model=MODEL,
        input=[result(oslo, "cold"), result(rome, "hot")],
        previous_interaction_id=first.id,
    )

    assert rome.id != oslo.id
    assert turn.output_text == "cold / hot"


def test_a_streamed_call(api: Api, fakegemini: Fake) -> None:
    """The arguments come as JSON text behind a start without them."""
    fakegemini.replies(call("get_weather", city="Oslo"))

    events = api.stream(model=MODEL, input="Oslo?", tools=[WEATHER])

    (start,) = [
        event.step
        for event in events
        if event.event_type == "step.start" and event.step.type == "function_call"
    ]
    fragments = [
        event.delta.arguments
        for event in events
        if event.event_type == "step.delta" and event.delta.type == "arguments_delta"
    ]
    assert (start.name, start.arguments) == ("get_weather", {})
    assert json.loads("".join(fragments)) == {"city": "Oslo"}
    assert events[-1].interaction.status == "requires_action"


class Recipe(BaseModel):
    """What structured output is asked for."""

    name: str
    minutes: int
    ingredients: list[str]


@pytest.mark.parametrize("scripted", [True, False])
def test_structured_output(api: Api, fakegemini: Fake, scripted: bool) -> None:
    """The text is JSON that the pydantic class takes, scripted or not."""
    if scripted:
        fakegemini.replies(say('{"name":"Soup","minutes":20,"ingredients":["leek"]}'))

    turn = api.create(
        model=MODEL,
        input="A soup",
        response_format={
            "type": "text",
            "mime_type": "application/json",
            "schema": Recipe.model_json_schema(),
        },
    )

    recipe = Recipe.model_validate_json(turn.output_text)
    assert not scripted or recipe == Recipe(name="Soup", minutes=20, ingredients=["leek"])


def test_a_background_run_is_polled_to_its_end(api: Api, fakegemini: Fake) -> None:
    """In progress and empty at first, done after the polls that the test asked for."""
    fakegemini.replies(say("A report."), background=running_for(2))

    run = api.create(model=MODEL, input="Report", background=True)
    seen = [run.status]
    while run.status == "in_progress":
        assert not run.steps
        run = api.get(run.id)
        seen.append(run.status)

    assert seen == ["in_progress"] * 3 + ["completed"]
    assert run.output_text == "A report."
    assert run.steps[0].type == "user_input"


def test_a_background_run_is_streamed(api: Api, fakegemini: Fake) -> None:
    """One create in the background that streams: each event has an id to resume at."""
    fakegemini.replies(say(STORY))

    events = api.stream(model=MODEL, input="A story", background=True)

    assert text_of(events) == STORY
    assert len({event.event_id for event in events}) == len(events)
    assert events[-1].interaction.status == "completed"


def test_a_cut_stream_is_resumed_at_every_event(api: Api, fakegemini: Fake) -> None:
    """Wherever the client lost the stream, the rest follows: every piece comes exactly once."""
    fakegemini.replies(think("Hm."), say(STORY), times=99)
    whole = [event.event_type for event in api.stream(model=MODEL, input="x", background=True)]

    for cut in range(1, len(whole) + 1):
        seen = api.stream(take=cut, model=MODEL, input="x", background=True)
        identifier = seen[0].interaction.id
        rest = api.follow(identifier, last_event_id=seen[-1].event_id)

        assert [event.event_type for event in [*seen, *rest]] == whole
        assert text_of([*seen, *rest]) == STORY
        assert api.get(identifier).output_text == STORY
    fakegemini.allow("leftover")


def test_a_run_is_cancelled(api: Api, fakegemini: Fake) -> None:
    """It stays so, and has nothing to show."""
    fakegemini.replies(say("never"), background=running_for(99))

    run = api.create(model=MODEL, input="x", background=True)

    assert api.cancel(run.id).status == "cancelled"
    assert (api.get(run.id).status, api.get(run.id).output_text) == ("cancelled", "")
    with pytest.raises(BadRequestError, match="is not running"):
        api.cancel(run.id)


def test_a_deleted_one_is_not_found(api: Api) -> None:
    """The delete says nothing; what follows says 404, in the words of the server."""
    turn = api.create(model=MODEL, input="x")

    api.delete(turn.id)
    with pytest.raises(NotFoundError, match="Requested entity was not found") as caught:
        api.get(turn.id)
    assert caught.value.status_code == 404
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["error"]["code"] == "not_found"


REFUSED: dict[str, tuple[Json, type[APIStatusError], str]] = {
    "unknown model": ({"model": "gemini-of-tomorrow"}, NotFoundError, "entity was not found"),
    "unknown member": ({"extra_body": {"novelty": 1}}, BadRequestError, "Unknown parameter 'nov"),
    "bad tool": ({"tools": [{"type": "time_machine"}]}, BadRequestError, "time_machine"),
    "malformed parent": ({"previous_interaction_id": "v1_bogus"}, BadRequestError, "syntax error"),
    "no background": (
        {"model": "gemini-2.5-flash", "background": True},
        BadRequestError,
        "does not support background",
    ),
    "agent as model": ({"model": RESEARCHER}, BadRequestError, "use the 'agent' field"),
    "empty input": ({"input": ""}, BadRequestError, "input"),
}


@pytest.mark.parametrize(("body", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_a_refused_create(
    api: Api, fakegemini: Fake, body: Json, error: type[APIStatusError], words: str
) -> None:
    """The SDK's own exception, with the server's words; nothing is retried."""
    fakegemini.allow("refused")

    whole: Json = {"model": MODEL, "input": "x"} | body

    with pytest.raises(error, match=words):
        api.create(**whole)
    with pytest.raises(error, match=words):
        api.stream(**whole)

    assert len(fakegemini.requests) == 2


def test_a_malformed_id(api: Api) -> None:
    """The server reads ids; what is none is a bad request."""
    with pytest.raises(BadRequestError, match="Invalid interaction name: interactions/v1_bogus"):
        api.get("v1_bogus")


def test_a_running_parent_is_refused(api: Api) -> None:
    """A chain waits until its parent is done."""
    run = api.create(model=MODEL, input="x", background=True)

    with pytest.raises(BadRequestError, match="still in progress"):
        api.create(model=MODEL, input="y", previous_interaction_id=run.id)


def test_an_agent_researches(api: Api) -> None:
    """Deep Research in the background, then a question about its report to a model."""
    run = api.create(agent=RESEARCHER, input="The history of lighthouses", background=True)
    assert (run.agent, run.model, run.status) == (RESEARCHER, None, "in_progress")
    while run.status == "in_progress":
        run = api.get(run.id)

    assert run.status == "completed"
    assert run.output_text
    after = api.create(model=MODEL, input="In short?", previous_interaction_id=run.id)
    assert after.status == "completed"


def test_an_agent_has_an_environment(api: Api) -> None:
    """A new one where the request says so; the next turn may go on in it."""
    turn = api.create(agent=SANDBOX, input="Plot a sine", environment="remote")
    again = api.create(
        agent=SANDBOX,
        input="And a cosine",
        environment=turn.environment_id,
        previous_interaction_id=turn.id,
    )

    assert turn.environment_id
    assert again.environment_id == turn.environment_id


def test_an_image(api: Api, tmp_path: Any) -> None:
    """Bytes that can be saved and opened."""
    turn = api.create(model="gemini-3.1-flash-image", input="A lighthouse at dusk")
    picture = turn.output_image
    file = tmp_path / "lighthouse.jpg"
    file.write_bytes(base64.b64decode(picture.data))

    assert picture.mime_type == "image/jpeg"
    assert file.read_bytes()[:3] == b"\xff\xd8\xff"
    assert file.read_bytes()[-2:] == b"\xff\xd9"


def test_search_cites_bytes(api: Api) -> None:
    """The offsets of a citation count the bytes of the text, also behind letters of two."""
    turn = api.create(
        model=MODEL, input="Wer gewann in Köln – und wann?", tools=[{"type": "google_search"}]
    )

    kinds = [step.type for step in turn.steps]
    assert kinds == ["google_search_call", "google_search_result", "thought", "model_output"]
    assert turn.steps[0].id == turn.steps[1].call_id
    block = turn.steps[-1].content[0]
    raw = block.text.encode()
    assert len(raw) > len(block.text)
    assert block.annotations
    for note in block.annotations:
        cited = raw[note.start_index : note.end_index].decode()
        assert cited.startswith("A page")
        assert note.title in cited
        assert cited.endswith(".")
        assert note.url.startswith("https://")


def test_a_budget_cuts_the_answer(api: Api) -> None:
    """`incomplete`, and what was said so far; where the thinking takes it all, nothing at all."""
    short, empty = (
        api.create(model=MODEL, input="A story", generation_config={"max_output_tokens": limit})
        for limit in (72, 20)
    )

    assert (short.status, empty.status) == ("incomplete", "incomplete")
    assert short.output_text
    assert short.usage.total_output_tokens + short.usage.total_thought_tokens <= 72
    assert (empty.steps, empty.output_text) == (None, "")


def test_get_with_input(api: Api) -> None:
    """A get shows the user's step; with `include_input` the input as well."""
    turn = api.create(model=MODEL, input="Where from?")

    plain, full = api.get(turn.id), api.get(turn.id, include_input=True)

    assert turn.steps[0].type == "thought"
    assert [step.type for step in plain.steps] == ["user_input", "thought", "model_output"]
    assert plain.input is None
    assert full.input[0].content[0].text == "Where from?"


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
@pytest.mark.parametrize("kind", [Sync, Async])
def test_every_version_is_one_store(kind: Any, version: str, fakegemini: Fake) -> None:
    """What one version made, another finds."""
    api: Api = kind(http_options={"api_version": version})
    other: Any = Sync()
    try:
        turn = api.create(model=MODEL, input="x")

        assert fakegemini.requests[0].path == f"/{version}/interactions"
        assert other.get(turn.id).id == turn.id
        assert fakegemini.requests[1].path.startswith("/v1/interactions/")
    finally:
        api.close()
        other.close()


@pytest.mark.parametrize("kind", [Sync, Async])
def test_vertex(kind: Any, fakegemini: Fake) -> None:
    """The Vertex path, with a token that nobody looks at."""
    credentials = pytest.importorskip("google.oauth2.credentials")
    api: Api = kind(
        vertexai=True,
        project="demo",
        location="europe-west4",
        credentials=credentials.Credentials(token="no-token"),
    )
    try:
        turn = api.create(model=MODEL, input="x")
        again = api.get(turn.id)
    finally:
        api.close()

    root = "/v1beta1/projects/demo/locations/europe-west4/interactions"
    assert [asked.path for asked in fakegemini.requests] == [root, f"{root}/{turn.id}"]
    assert again.output_text == turn.output_text


def test_vertex_by_environment(fakegemini: Fake) -> None:
    """Code that a variable switches to Vertex finds the fake as well, with the fixture's key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
        express: Any = Sync()
    try:
        turn = express.create(model=MODEL, input="x")
    finally:
        express.close()

    assert turn.status == "completed"
    assert fakegemini.requests[0].path == "/v1beta1/interactions"


def test_models(api: Api) -> None:
    """The models that the fake knows can be listed."""
    names = api.models()

    assert f"models/{MODEL}" in names
    assert len(names) == len(set(names)) > 10
