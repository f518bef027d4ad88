"""A request that means something else is a miss: the nearest recording, the difference, the fix."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from fakegemini import BadScript, Fake, NotOnTape, Request, say
from fakegemini.errors import Unreadable
from fakegemini.fake.replay.cassettes import make_player
from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from tests.http.door import Door
from tests.replay.conftest import Played
from tests.scenarios import Client

TOOL = {
    "type": "function",
    "name": "get_time",
    "description": "The time in a zone.",
    "parameters": {
        "type": "object",
        "properties": {
            "zone": {"type": "string", "description": "A zone"},
            "description": {"type": "string"},
        },
    },
}
SYSTEM = "You are a clock. Today is Monday, 23 November 2026, 12:30."
ASKED = "Report 0d5a7f9c-3f0e-4b7a-9a51-2f1f5e0c7d11 of run a81f23bc9d00e4f7"


def clock(client: Client) -> None:
    """One turn with everything that may change."""
    client.fake.replies(say("Noon."))
    client.create(**request())


def request(**changes: Any) -> dict[str, Any]:
    """The recorded request, changed."""
    return {
        "input": ASKED,
        "tools": [TOOL],
        "system_instruction": SYSTEM,
        "generation_config": {"temperature": 0.5, "top_p": 0.9},
    } | changes


def ask(door: Door, **changes: Any) -> Any:
    """The answer to a changed request."""
    body = request(**changes)
    return door.create(body.pop("input"), **body)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"input": "Something else"}, "input[0].content[0].text"),
        ({"model": "gemini-3.1-pro-preview"}, "model"),
        ({"system_instruction": "You are a sundial."}, "system_instruction"),
        ({"generation_config": {"temperature": 1, "top_p": 0.9}}, "generation_config.temperature"),
        ({"generation_config": {"temperature": 0.5}}, "generation_config.top_p"),
        ({"tools": [{**TOOL, "name": "get_date"}]}, "tools[0].name"),
        ({"tools": []}, "tools"),
        ({"stream": True}, "stream"),
        ({"store": False}, "store"),
        ({"response_format": {"type": "text"}}, "response_format"),
    ],
)
def test_a_change_is_a_miss_at_its_path(changes: Any, place: str, played: Played) -> None:
    """What was recorded there, what was asked, and how to go on."""
    fake, door = played(clock)
    fake.allow("unrecorded")

    answer = ask(door, **changes)
    text = answer.json["error"]["message"] if answer.status == 400 else ""

    assert re.search(rf"\n  {re.escape(place)}\n    recorded: .*\n    asked:    ", text)
    assert "exchange 1 of " in text
    assert "turn 1 of its conversation" in text
    assert re.search(r"fakegemini rerecord \S+0\.yaml --only 1", text)
    assert f"tolerate=['{place}']" in text


def test_the_text_has_its_five_parts(played: Played) -> None:
    """In their order; a long text is cut around the difference."""
    fake, door = played(clock)
    fake.allow("unrecorded")
    far = SYSTEM + " Be brief." * 50 + " Thanks."

    text = ask(door, system_instruction=far).json["error"]["message"]

    heads = re.findall(r"^(Asked|Nearest|Difference|Fix):$", text, re.MULTILINE)
    assert heads == ["Asked", "Nearest", "Difference", "Fix"]
    assert text.startswith("No recording answers this request: no recorded one means the same.")
    assert max(map(len, text.split("Difference:")[1].splitlines())) < 220


def test_the_test_fails_at_its_end_too(played: Played) -> None:
    """A client that swallows the refusal does not hide it."""
    fake, door = played(clock)
    ask(door, input="Something else")

    with pytest.raises(NotOnTape, match="No recording answers this request"):
        fake.check()


def test_another_place_in_the_conversation_is_a_miss(played: Played) -> None:
    """The right words after the wrong turn."""

    def chain(client: Client) -> None:
        client.fake.replies(say("A."), times=2)
        first = client.create(input="One")
        client.create(input="Two", previous_interaction_id=first["id"])

    fake, door = played(chain)
    fake.allow("unrecorded")

    text = door.create("Two").json["error"]["message"]

    assert 'previous_interaction_id\n    recorded: "continues exchange 1 of' in text
    assert "asked:    nothing" in text


@pytest.mark.parametrize(
    ("tolerate", "changes"),
    [
        ("dates", {"system_instruction": SYSTEM.replace("Monday, 23", "Tuesday, 1")}),
        ("dates", {"system_instruction": SYSTEM.replace("12:30", "7:05 pm")}),
        ("uuids", {"input": ASKED.replace("0d5a7f9c", "ffffffff")}),
        ("ids", {"input": ASKED.replace("a81f23bc9d00e4f7", "00aa11bb22cc33dd")}),
        ("system_instruction", {"system_instruction": "You are a sundial."}),
        ("system_instruction", {"system_instruction": None}),
        ("tool_descriptions", {"tools": [{**TOOL, "description": "Tells the time."}]}),
        ("generation_config.temperature", {"generation_config": {"top_p": 0.9}}),
        ("generation_config", {"generation_config": None}),
        ("tools[*].name", {"tools": [{**TOOL, "name": "time"}]}),
        ("tools[0]", {"tools": [{**TOOL, "name": "time"}]}),
        ("input[*].content[*].text", {"input": "Whatever"}),
        (re.compile(r"run \w+"), {"input": ASKED.replace("a81f23bc9d00e4f7", "7")}),
        (lambda means: {**means, "input": None}, {"input": "Whatever"}),
        (["dates", "uuids"], {"input": ASKED.replace("0d5a7f9c", "ffffffff")}),
    ],
)
def test_what_is_tolerated_is_no_miss(tolerate: Any, changes: Any, played: Played) -> None:
    """The answer comes with it, and does not come without."""
    _, door = played(clock, tolerate=tolerate)
    strict, other = played(clock)
    strict.allow("unrecorded")

    assert ask(door, **changes).status == 200
    assert ask(other, **changes).status == 400


@pytest.mark.parametrize("tolerate", ["dates", "uuids", "ids", "tool_descriptions"])
def test_tolerance_hides_nothing_else(tolerate: str, played: Played) -> None:
    """Other words, another tool, another member called description."""
    fake, door = played(clock, tolerate=tolerate)
    fake.allow("unrecorded")
    parameters: Any = {**TOOL["parameters"], "properties": {}}  # type: ignore[dict-item]

    for changes in (
        {"input": ASKED.replace("Report", "Reports")},
        {"system_instruction": SYSTEM.replace("clock", "watch")},
        {"tools": [{**TOOL, "parameters": parameters}]},
    ):
        assert ask(door, **changes).status == 400


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ({"tolerate": "date"}, "nothing to tolerate is called 'date', did you mean 'dates'?"),
        ({"tolerate": "generation_confg.x"}, "did you mean 'generation_config'?"),
        ({"tolerate": "tools[name]"}, "nothing to tolerate is called 'tools[name]'"),
        ({"tolerate": ""}, "nothing to tolerate is called ''"),
        ({"tolerate": [3]}, "tolerate takes names, paths, patterns and functions, not 3"),
        ({"missing": "modell"}, "'script', 'model', not 'modell', did you mean 'model'?"),
    ],
)
def test_an_option_that_is_none(option: Any, text: str, tmp_path: Path) -> None:
    """One sentence with the nearest right spelling."""
    with pytest.raises(BadScript) as wrong:
        Fake().play(tmp_path, **option)

    assert text in str(wrong.value)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("version: 2\ninteractions: []\n", "a cassette of version 2"),
        ("version: 1\ninteractions:\n\n- request: {}\n", ":4: exchange 1: response is missing"),
        ("<<<<<<< ours\n", ":1: a conflict marker from git"),
        ("version: 1\ninteractions:\n  - a\n - b\n", ":4: not a YAML that can be read"),
        ("", ":1: the file is empty"),
    ],
)
def test_a_file_that_is_no_cassette(content: str, place: str, tmp_path: Path) -> None:
    """One line with the file, before anything is asked."""
    path = tmp_path / "bad.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(Unreadable) as wrong:
        Fake().play(path)

    assert str(wrong.value).startswith(f"{path}")
    assert place in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    ("method", "target", "body", "lines"),
    [
        ("GET", "/v1beta/models", None, ["the method or the path"]),
        ("GET", "/v1beta/files?pageSize=2", None,
         ["?pageSize", 'recorded: "1"', 'asked:    "2"']),
        ("POST", "/upload/v1/files?upload_id=A", {"file": {"size": 5}},
         ["file.size", "recorded: 4", "asked:    5"]),
    ],
)  # fmt: skip
def test_another_resource_is_missed_with_its_difference(
    method: str, target: str, body: Any, lines: list[str], tmp_path: Path
) -> None:
    """The nearest of the same method and path, whatever its version; its query and its body."""
    live = "https://generativelanguage.googleapis.com"
    exchanges = [
        Exchange(1, "GET", f"{live}/v1beta/files?pageSize=1", {}, b"", 200, {}, b"{}"),
        Exchange(2, "POST", f"{live}/upload/v1beta/files?upload_id=A", {},
                 b'{"file": {"size": 4}}', 200, {}, b"{}"),
        Exchange(3, "POST", f"{live}/v1beta/interactions", {}, b'{"input": "Hi"}', 200, {}, b"{}"),
    ]  # fmt: skip
    tape = tmp_path / "tape.yaml"
    tape.write_text(dump_cassette(list(map(RecordedExchange, exchanges)))[0], "utf-8")
    path, _, query = target.partition("?")
    pairs = tuple(parse_qsl(query))
    asked = Request(method, path, pairs, (), json.dumps(body).encode() if body else b"")

    with pytest.raises(NotOnTape) as missed:
        make_player([tape]).handle(asked)

    for line in (*lines, "rule: resource: what is no interaction is found by its method, path"):
        assert line in str(missed.value)
