"""The bytes: which keys in which order, against what the live server was recorded to send."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakegemini import Fake, say, think
from fakegemini.wire.http import Json
from tests.beside import RECORDINGS

from .door import AGENT, Door, shape

TIDE = {"type": "function", "name": "tide", "parameters": {"type": "object", "properties": {}}}
IMAGE = {"type": "image", "mime_type": "image/jpeg", "data": "/9j/4AAQ"}

USAGE = [
    "total_tokens",
    "total_input_tokens",
    "input_tokens_by_modality",
    "total_cached_tokens",
    "total_output_tokens",
    "total_tool_use_tokens",
    "total_thought_tokens",
    "raw_prompt_token",
]
HEAD = ["id", "status"]
TIMES = ["created", "updated"]
FULL = [*HEAD, "usage", *TIMES, "service_tier", "steps", "object", "model"]
BARE = [*HEAD, *TIMES, "object", "model"]


def without(keys: list[str], *gone: str) -> list[str]:
    """The keys but for these."""
    return [key for key in keys if key not in gone]


UNARY: dict[str, tuple[Json, list[str]]] = {
    "stored": ({}, FULL),
    "not stored": ({"store": False}, without(FULL, "id")),
    "background": ({"background": True}, BARE),
    "an agent in the background": (
        {"agent": AGENT, "background": True},
        [*without(BARE, "model"), "agent"],
    ),
    "an environment": (
        {"agent": "antigravity-preview-09-2026", "environment": "remote"},
        [*without(FULL, "model"), "agent", "environment_id"],
    ),
    "a webhook": (
        {"background": True, "webhook_config": {"uris": ["https://a.example/hook"]}},
        [*BARE, "webhook_config"],
    ),
    "request members are not echoed": (
        {
            "system_instruction": "Be brief.",
            "tools": [TIDE],
            "generation_config": {"tool_choice": "none", "seed": 3},
        },
        FULL,
    ),
}


@pytest.mark.parametrize(("body", "keys"), UNARY.values(), ids=UNARY.keys())
def test_an_interaction_has_these_keys_in_this_order(
    door: Door, body: Json, keys: list[str]
) -> None:
    """As recorded; `steps` last but for `object` and who made it."""
    answer = door.create(**body)

    assert answer.status == 200
    assert answer.kind == "application/json"
    assert list(answer.json) == keys
    if "usage" in keys:  # the count of raw prompts is last, and agents have none
        assert list(answer.json["usage"]) == (USAGE[:-1] if "agent" in keys else USAGE)


GETS: dict[str, tuple[Json, dict[str, str], list[str]]] = {
    "finished": ({}, {}, FULL),
    "finished, with input": (
        {},
        {"include_input": "true"},
        [*without(FULL, "model"), "input", "model"],
    ),
    "running": ({"background": True}, {}, BARE),
}


@pytest.mark.parametrize(("body", "query", "keys"), GETS.values(), ids=GETS.keys())
def test_a_get_has_these_keys_in_this_order(
    door: Door, body: Json, query: dict[str, str], keys: list[str]
) -> None:
    """`input` right after `object` (recorded)."""
    identifier = door.create(**body).json["id"]

    assert list(door.get(identifier, **query).json) == keys


def test_a_cancelled_one_has_neither_steps_nor_usage(door: Door) -> None:
    """In the cancel's answer and ever after."""
    identifier = door.create(background=True).json["id"]

    assert list(door.cancel(identifier).json) == BARE
    assert list(door.get(identifier).json) == BARE


def test_a_turn_that_made_nothing_has_no_steps(fake: Fake, door: Door) -> None:
    """Recorded for `incomplete` with nothing produced, unary and streamed."""
    fake.replies(status="incomplete", times=2)

    assert list(door.create().json) == without(FULL, "steps")
    events = door.create(stream=True).events
    assert [event["event_type"] for event in events] == [
        "interaction.created",
        "interaction.status_update",
        "interaction.completed",
    ]


def test_a_failed_one_has_its_errors_before_the_object(fake: Fake, door: Door) -> None:
    """The order of the other members stays."""
    fake.replies(status="failed", errors=[{"message": "Broke.", "code": "api_error"}])

    body = door.create().json

    assert body["status"] == "failed"
    assert body["errors"] == [{"message": "Broke.", "code": "api_error"}]
    assert list(body) == [*without(FULL, "steps", "object", "model"), "errors", "object", "model"]


def test_a_body_is_compact_json_to_the_byte(fake: Fake, door: Door) -> None:
    """No spaces, UTF-8 as it is, the three escapes; with its length."""
    fake.replies(
        {"signature": "EjRp", "type": "thought"},
        say("Ebbe <i>&</i> Flut 🌊"),
        usage={"total_tokens": 1},
        id="v1_ChdMTGpEYW9LRUt0LTkzOUlQajR6SnFBbxIXTExqRGFvS0VLdC05MzlJUGo0ekpxQW8",
    )

    answer = door.create()

    assert answer.body.decode() == (
        '{"id":"v1_ChdMTGpEYW9LRUt0LTkzOUlQajR6SnFBbxIXTExqRGFvS0VLdC05MzlJUGo0ekpxQW8",'
        '"status":"completed","usage":{"total_tokens":1},"created":"2026-01-01T00:00:00Z",'
        '"updated":"2026-01-01T00:00:00Z","service_tier":"standard","steps":['
        '{"signature":"EjRp","type":"thought"},{"content":[{"text":'
        '"Ebbe \\u003ci\\u003e\\u0026\\u003c/i\\u003e Flut 🌊","type":"text"}],'
        '"type":"model_output"}],"object":"interaction","model":"gemini-3.5-flash"}'
    )
    assert answer.headers["content-length"] == str(len(answer.body))


def test_a_stream_is_as_recorded_to_the_byte(fake: Fake, door: Door) -> None:
    """Frames, names, keys; no charset, no event ids, no length."""
    fake.replies({"signature": "EjRp", "type": "thought"}, say("Hi!"), usage={"total_tokens": 1})

    answer = door.create(stream=True)

    text = re.sub(r"v1_[\w-]+", "ID", answer.body.decode())
    assert text == STREAM
    assert answer.kind == "text/event-stream"
    assert "content-length" not in answer.headers
    assert answer.headers["transfer-encoding"] == "chunked"


STREAM = """\
event: interaction.created
data: {"interaction":{"id":"ID","status":"in_progress","object":"interaction",\
"model":"gemini-3.5-flash"},"event_type":"interaction.created"}

event: interaction.status_update
data: {"interaction_id":"ID","status":"in_progress","event_type":"interaction.status_update"}

event: step.start
data: {"index":0,"step":{"type":"thought"},"event_type":"step.start"}

event: step.delta
data: {"index":0,"delta":{"signature":"EjRp","type":"thought_signature"},"event_type":"step.delta"}

event: step.stop
data: {"index":0,"event_type":"step.stop"}

event: step.start
data: {"index":1,"step":{"type":"model_output"},"event_type":"step.start"}

event: step.delta
data: {"index":1,"delta":{"text":"Hi!","type":"text"},"event_type":"step.delta"}

event: step.stop
data: {"index":1,"event_type":"step.stop"}

event: interaction.completed
data: {"interaction":{"id":"ID","status":"completed","usage":{"total_tokens":1},\
"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z","service_tier":"standard",\
"object":"interaction","model":"gemini-3.5-flash"},"event_type":"interaction.completed"}

event: done
data: [DONE]

"""


def test_a_stream_of_nothing_stored_has_no_ids(door: Door) -> None:
    """Recorded 2026-10: object and model alone, then a status alone, and an end without an id."""
    events = door.create(stream=True, store=False).events

    assert list(events[0]["interaction"]) == ["object", "model"]
    assert list(events[1]) == ["status", "event_type"]
    assert list(events[-1]["interaction"])[:2] == ["status", "usage"]


def test_a_stream_of_nothing_stored_had_empty_ids(door: Door, fake: Fake) -> None:
    """Recorded until 2026-08: the keys stay, the ids are empty."""
    fake.era = "2026-08"
    events = door.create(stream=True, store=False).events

    assert events[0]["interaction"]["id"] == ""
    assert events[0]["interaction"]["status"] == "in_progress"
    assert events[1]["interaction_id"] == ""
    assert events[-1]["interaction"]["id"] == ""


def test_an_agents_environment_is_in_the_stream(door: Door) -> None:
    """In the interaction objects of both ends, as a UUID."""
    events = door.create(agent="antigravity-preview-09-2026", stream=True).events

    first, last = events[0]["interaction"], events[-1]["interaction"]
    assert list(first) == ["id", "status", "object", "agent", "environment_id"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first["environment_id"])
    assert last["environment_id"] == first["environment_id"]


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ("9b2f", "9b2f"),
        ({"type": "remote", "environment_id": "9b2f"}, "9b2f"),
    ],
)
def test_a_named_environment_is_told_again(door: Door, environment: Any, shown: str) -> None:
    """The next turn names the environment of the one before."""
    body = door.create(agent="antigravity-preview-09-2026", environment=environment).json

    assert body["environment_id"] == shown


def test_media_are_broken_down_in_the_usage(fake: Fake, door: Door) -> None:
    """Recorded for media output only."""
    fake.replies(say(IMAGE))

    usage = door.create().json["usage"]

    assert list(usage) == [*USAGE[:5], "output_tokens_by_modality", *USAGE[5:]]


def test_the_tier_asked_for_is_told(door: Door) -> None:
    """`standard` where none is."""
    assert door.create().json["service_tier"] == "standard"
    assert door.create(service_tier="flex").json["service_tier"] == "flex"


def recordings() -> list[Any]:
    """The current recordings whose keys are as the live server sent them."""
    folder = RECORDINGS / "braintrustdata__braintrust-sdk-python"
    if not folder.is_dir():
        reason = "the recordings are not on this machine"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="recordings")]
    return [pytest.param(path, id=path.stem) for path in sorted(folder.glob("test_*.yaml"))]


def events(text: str) -> list[Json]:
    """The events of a recorded stream."""
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]


def made(body: Json) -> list[Json]:
    """The model's steps of a recorded interaction, to be said again."""
    return [
        {key: value for key, value in step.items() if key != "id"}
        if step["type"] == "function_call"
        else step
        for step in body["steps"]
        if step["type"] != "user_input"
    ]


@pytest.mark.parametrize("path", recordings())
def test_what_was_recorded_is_said_in_the_same_shape(path: Path, fake: Fake, door: Door) -> None:
    """The requests of a recording, with its output scripted: the same keys at every level."""
    ids: dict[str, str] = {}
    calls: dict[str, str] = {}
    for exchange in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
        request, recorded = exchange["request"], exchange["response"]["body"]["string"]
        uri, payload = request["uri"].split(".com", 1)[1], request["body"]
        for theirs, ours in [*ids.items(), *calls.items()]:
            uri, payload = uri.replace(theirs, ours), payload.replace(theirs, ours)
        if request["method"] == "POST" and recorded.startswith("event: "):
            fake.replies(think(), say("".join(_texts(recorded))))
        elif request["method"] == "POST":
            fake.replies(*made(json.loads(recorded)))

        answer = door.ask(request["method"], uri, payload.encode() or None)

        assert answer.status == exchange["response"]["status"]["code"]
        assert answer.kind == exchange["response"]["headers"]["content-type"][0]
        if recorded.startswith("event: "):
            assert _merged(answer.events) == _merged(events(recorded))
            continue
        wanted = json.loads(recorded)
        if not _superseded(request["method"], wanted):
            assert shape(answer.json) == shape(wanted)
        if "id" in wanted:
            ids[wanted["id"]] = answer.json["id"]
        for mine, his in zip(answer.json.get("steps", ()), wanted.get("steps", ()), strict=False):
            if his["type"] == "function_call":
                calls[his["id"]] = mine["id"]


def _texts(recorded: str) -> list[str]:
    deltas = (event.get("delta", {}) for event in events(recorded))
    return [delta["text"] for delta in deltas if delta.get("type") == "text"]


def _merged(stream: list[Json]) -> list[Any]:
    """The shapes of the events, several texts in a row as one."""
    shapes = [shape(event) for event in stream]
    return [one for at, one in enumerate(shapes) if at == 0 or one != shapes[at - 1]]


def _superseded(method: str, wanted: Json) -> bool:
    """Since October 2026 a get shows the user's step, and a function call is signed."""
    called = any(step["type"] == "function_call" for step in wanted.get("steps", ()))
    return wanted.get("created", "2026-10") < "2026-10" and (method == "GET" or called)
