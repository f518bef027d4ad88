"""What recorders do to the shape of an answer: dumps of SDKs, printed events, late creates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakegemini.contract import check
from fakegemini.contract.checker import check_exchanges, check_paths
from fakegemini.protocol.ids import InteractionId
from fakegemini.recordings.dialects import DIALECTS
from fakegemini.recordings.exchange import Exchange
from fakegemini.wire.http import Json
from fakegemini.wire.sse import DONE_FRAME, encode_frame

from .test_check import (
    HEAD,
    ID,
    OWN,
    SPEECH,
    THOUGHT,
    URI,
    USAGE,
    body,
    ending,
    found,
    streamed,
    whole,
)

# Dumps of an SDK

UNSET = dict.fromkeys(("agent", "input", "errors", "previous_interaction_id", "webhook_config"))
DUMP: dict[str, Any] = {
    **body(),
    **UNSET,
    "steps": [
        {**THOUGHT, "summary": None},
        {
            "type": "model_output",
            "error": None,
            "content": [{"type": "text", "text": "At noon.", "annotations": None}],
        },
    ],
    "usage": {**USAGE, "cached_tokens_by_modality": None},
    "output_text": "At noon.",
}
DUMPED = "drift sdk-dump response.body"
DUMPS: list[tuple[str, Json, list[str]]] = [
    ("a null for every unset member", DUMP, [DUMPED]),
    ("what the SDK adds, alone", body(output_text="At noon."), [f"{DUMPED}.output_text"]),
    ("times as Python writes them", {**DUMP, "created": "2026-10-26 08:53:20+00:00"}, [DUMPED]),
    ("times of another zone", {**DUMP, "created": "2026-10-26T10:53:20+02:00"}, [DUMPED]),
    (
        "a fault beside it",
        {**DUMP, "object": "thing"},
        [DUMPED, "violation wrong-value response.body.object"],
    ),
    (
        "what has to be there is null",
        {**DUMP, "status": None},
        [DUMPED, "violation missing-member response.body.status"],
    ),
    (
        "one null is no dump",
        {**body(), "steps": None},
        ["violation wrong-type response.body.steps"],
    ),
    (
        "nulls of the user are no dump",
        body(
            status="requires_action",
            steps=[
                THOUGHT,
                {
                    "id": "k3v9q2zt",
                    "type": "function_call",
                    "name": "f",
                    "arguments": dict.fromkeys("abcde"),
                },
            ],
        ),
        [],
    ),
]


@pytest.mark.parametrize(
    ("dump", "expected"), [case[1:] for case in DUMPS], ids=[case[0] for case in DUMPS]
)
def test_a_dump_of_an_sdk_is_one_finding(dump: Json, expected: list[str]) -> None:
    """And the rest of it is checked as ever."""
    assert found(check(dump)) == expected


def test_the_finding_of_a_dump_says_what_it_is() -> None:
    """How many members are null, and one of them."""
    (finding,) = check(DUMP)

    assert (
        finding.found == "9 members are null, such as cached_tokens_by_modality: a dump of the SDK"
    )
    assert finding.expected == "the body as the server sent it"


def test_dumped_events_are_one_finding() -> None:
    """Each event with a null for every unset member."""
    nulls = {"event_id": None, "metadata": None}
    events = [{**event, **nulls} for event in [*HEAD, *SPEECH, ending()]]
    events[-1]["interaction"].update(UNSET)

    assert found(check_exchanges([streamed(events)])) == ["drift sdk-dump response.events"]


@pytest.mark.parametrize("version", ["model_dump", "model_dump_json"])
def test_what_the_installed_sdk_dumps_is_one_finding(version: str) -> None:
    """The real one, not what we think of it."""
    module = pytest.importorskip("google.genai._gaos.types.interactions.interaction")
    parsed = module.Interaction.model_validate(body())
    dump = parsed.model_dump_json() if version == "model_dump_json" else None
    value = json.loads(dump or json.dumps(parsed.model_dump(), default=str))

    assert found(check(value)) == ["drift sdk-dump response.body.output_text"]


# Events that were printed


def printed(event: Json, *, prefix: str = "") -> bytes:
    """A frame whose event stands on several lines; a stream of theirs, or one that an editor
    indented."""
    lines = f"\n{prefix}".join(json.dumps(event, indent=2).split("\n"))
    return f"event: {event['event_type']}\ndata: {lines}\n\n".encode()


@pytest.mark.parametrize("prefix", ["", "data: "])
@pytest.mark.parametrize("number", range(6))
def test_an_event_on_several_lines_is_read(number: int, prefix: str) -> None:
    """Each event of a stream by itself; the form with `data:` on each line is SSE as ever."""
    events = [*HEAD, *SPEECH, ending()]
    frames = [encode_frame(event) for event in events]
    frames[number] = printed(events[number], prefix=prefix)
    stream = streamed([], response_body=b"".join(frames) + DONE_FRAME)

    assert check_exchanges([stream]) == []


def test_a_printed_event_that_is_broken_is_broken() -> None:
    """Lines that make no JSON are named where they are."""
    frames = [encode_frame(event) for event in [*HEAD, *SPEECH]]
    broken = printed(ending()).replace(b'"status"', b"status")
    stream = streamed([], response_body=b"".join([*frames, broken]) + DONE_FRAME)

    assert "violation not-json response.events[5]" in found(check_exchanges([stream]))


def test_one_event_alone_is_no_stream(tmp_path: Path) -> None:
    """Somebody saved it: its shape is checked, its place in a stream is not known."""
    for number, event in enumerate([*HEAD, *SPEECH, ending()]):
        (tmp_path / f"{number}.json").write_text(json.dumps(event, indent=2))
        (tmp_path / f"{number}.sse").write_bytes(printed(event))

    assert check_paths([tmp_path]).findings == []


def test_one_event_alone_is_checked(tmp_path: Path) -> None:
    """A wrong type is a wrong type."""
    (tmp_path / "stop.json").write_text('{"index": "0", "event_type": "step.stop"}')

    assert found(check_paths([tmp_path]).findings) == [
        "violation wrong-type response.events[0].index"
    ]


# A create that stands behind what happened while it ran


CREATE = streamed([*HEAD, *SPEECH, ending()])
CHILD = str(InteractionId(OWN, OWN[:-1] + "B"))
POLL = {"method": "GET", "uri": f"{URI}/{ID}", "request_body": b""}


def answer(value: Json, **about: Any) -> Exchange:
    """An exchange with that answer."""
    return whole(response_body=json.dumps(value).encode(), **about)


def running() -> Exchange:
    """A poll of what still runs."""
    return answer(body(status="in_progress", usage=None, steps=None), **POLL)


def continued() -> Exchange:
    """A turn after the streamed one."""
    asked = {"model": "gemini-3.8-flash", "input": "x", "previous_interaction_id": ID}
    return answer(body(id=CHILD), request_body=json.dumps(asked).encode())


BEFORE: dict[str, Callable[[], Exchange]] = {
    "a poll of what runs": running,
    "a poll of the end": lambda: answer(body(), **POLL),
    "a delete": lambda: replace(running(), method="DELETE", response_body=b"{}"),
    "the next turn": continued,
}


@pytest.mark.parametrize("name", BEFORE)
def test_a_create_behind_what_happened_meanwhile_is_no_fault(name: str) -> None:
    """Recorders save an exchange at its end, so that a stream comes last."""
    made = [BEFORE[name](), CREATE]

    assert check_exchanges([replace(each, number=at) for at, each in enumerate(made, 1)]) == []


@pytest.mark.parametrize("name", BEFORE)
def test_a_late_create_is_named_once(name: str, tmp_path: Path) -> None:
    """By a note of the report, with the id."""
    entries = [
        {
            "request": {
                "method": each.method,
                "uri": each.uri,
                "headers": {},
                "body": each.request_body.decode(),
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {k: [v] for k, v in each.response_headers.items()},
                "body": {"string": each.response_body.decode()},
            },
        }
        for each in (BEFORE[name](), CREATE)
    ]
    (tmp_path / "late.json").write_text(json.dumps({"version": 1, "interactions": entries}))
    report = check_paths([tmp_path])

    assert report.findings == []
    assert [mark.name for mark in report.marks] == ["late creates"]
    assert ID in report.notes[0]


def test_two_creates_of_one_id_are_a_fault_all_the_same() -> None:
    """Only polls may stand before."""
    made = [running(), CREATE, CREATE]
    findings = check_exchanges(replace(each, number=at) for at, each in enumerate(made, 1))

    assert [(each.exchange, each.rule) for each in findings] == [(3, "id-twice")]


@pytest.mark.parametrize(
    "entries", [[], {}, "x", [{"request": {"url": "https://x.example"}, "response": {}}]]
)
def test_no_other_tool_is_told_by_the_members_of_a_cassette(entries: object) -> None:
    """So that whoever reads one need not ask about each tool."""
    cassette = dict.fromkeys(("interactions", "version", "fakegemini"), entries)

    assert [each.tool for each in DIALECTS if each.tells(cassette)] == []
