"""Every fault by its JSON name, as a client on a raw socket gets it."""

from __future__ import annotations

import gzip
import http.client
import json
import zlib
from typing import Any

import pytest

from fakegemini import Fake
from fakegemini.fake.state.complaints import ERRORS_BY_KIND
from fakegemini.faults.arguments import TRUE
from fakegemini.faults.registry import Layer, fault_maker, fault_rows
from fakegemini.protocol import schemas
from tests.docs.fault_form import PATH, fault_schema_text
from tests.http.door import MODEL, Door

TEXT = "Ébb and flood take turns, twice a day."


def raw(fakegemini: Fake, fault: dict[str, Any], *, stream: bool = True) -> tuple[str, bytes]:
    """What becomes of a create under a fault: how it ended, and the bytes that came."""
    door = Door(fakegemini.url)
    assert door.ask("POST", "/__fakegemini__/replies", {"say": TEXT}).status == 200
    answer = door.ask("POST", "/__fakegemini__/faults", fault)
    assert answer.status == 200, answer.body
    fakegemini.allow("leftover")
    body = {"model": MODEL, "input": "Hi", "stream": stream}
    try:
        with door.open("POST", "/v1/interactions", body) as response:
            try:
                got = response.read()
            except http.client.IncompleteRead as error:
                return "cut", error.partial
            return f"{response.status} {response.getheader('content-type')}", got
    except (http.client.HTTPException, ConnectionError) as error:
        return type(error).__name__, b""


def events(got: bytes) -> list[str]:
    """The names of the events that came whole."""
    frames = got.split(b"\n\n")[:-1]
    return [frame.split(b"\n")[0].decode().removeprefix("event: ") for frame in frames]


STREAM = "200 text/event-stream"
STREAM_400 = "400 text/event-stream"
JSON = "200 application/json"
WHOLE = [
    "interaction.created",
    "interaction.status_update",
    "step.start",
    "step.delta",
    "step.stop",
    "step.start",
    "step.delta",
    "step.delta",
    "step.stop",
    "interaction.completed",
    "done",
]
STREAMS: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "cut_after_events": ({"cut_after_events": 3}, "cut", WHOLE[:3]),
    "cut_after_events 3.0": ({"cut_after_events": 3.0}, "cut", WHOLE[:3]),
    "cut_mid_frame": ({"cut_mid_frame": 4}, "cut", WHOLE[:4]),
    "cut_mid_character": ({"cut_mid_character": True}, "cut", WHOLE[:6]),
    "drop_event": ({"drop_event": "step.stop"}, STREAM, [e for e in WHOLE if e != "step.stop"]),
    "drop_terminal": ({"drop_terminal": True}, STREAM, WHOLE[:-2]),
    "repeat_event": ({"repeat_event": 1}, STREAM, [*WHOLE[:2], *WHOLE[1:]]),
    "swap_event": ({"swap_event": 3}, STREAM, [*WHOLE[:3], WHOLE[4], WHOLE[3], *WHOLE[5:]]),
    "insert": (
        {"insert": {"text": "event: odd\ndata: {}\n\n", "before": 1}},
        STREAM,
        [WHOLE[0], "odd", *WHOLE[1:]],
    ),
    "unknown_event": (
        {"unknown_event": True},
        STREAM,
        [*WHOLE[:2], "interaction.teleported", *WHOLE[2:]],
    ),
    "unknown_event 0": ({"unknown_event": 0}, STREAM, ["interaction.teleported", *WHOLE]),
    "bare_line": ({"bare_line": True}, STREAM, WHOLE[:2]),
    "bare_line 4": ({"bare_line": 4}, STREAM, WHOLE[:4]),
    "error_event": (
        {"error_event": {"code": "x", "message": "y", "after": 3}},
        STREAM,
        [*WHOLE[:3], "error"],
    ),
    "malformed": ({"malformed": True}, STREAM, WHOLE),
    "chunks": ({"chunks": 7}, STREAM, WHOLE),
    "pace": ({"pace": {"first": 9, "tokens_per_second": 1, "seed": "s"}}, STREAM, WHOLE),
    "pace to the cut": (
        {"pace": {"first": 9, "tokens_per_second": 1}, "cut_at_seconds": 10},
        "cut",
        WHOLE[:6],
    ),
    "slow": ({"slow": 0.001}, STREAM, WHOLE),
    "stall": ({"stall": {"after": 2, "seconds": 0.01}}, "cut", WHOLE[:2]),
    "time_out": ({"time_out": 0.01}, "RemoteDisconnected", []),
    "reset": ({"reset": True}, "ConnectionResetError", []),
    "wrong_content_type": ({"wrong_content_type": "text/plain"}, "200 text/plain", WHOLE),
    "wrong_content_type true": ({"wrong_content_type": True}, "200 text/html", WHOLE),
    "cut_at_seconds": ({"cut_at_seconds": 600}, STREAM, WHOLE),
    "no_usage": ({"no_usage": True}, STREAM, WHOLE),
    "preset": ({"preset": "blocked_stream"}, STREAM, WHOLE[:2]),
    "two in any order": (
        {"cut_after_events": 3, "unknown_event": 0, "chunks": 5},
        "cut",
        ["interaction.teleported", *WHOLE[:2]],
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_spoiled_stream(fakegemini: Fake, name: str) -> None:
    """Each name does to a stream what its Python fault does."""
    fault, ending, came = STREAMS[name]

    ended, got = raw(fakegemini, {**fault, "times": 1})

    assert (ended, events(got)) == (ending, came)


def test_gzip(fakegemini: Fake) -> None:
    """The bytes are packed."""
    ended, got = raw(fakegemini, {"gzip": True})

    assert (ended, events(gzip.decompress(got))) == (STREAM, WHOLE)


def test_a_page_instead_of_an_error(fakegemini: Fake) -> None:
    """A gateway that fails sends a page of HTML, to whatever was asked."""
    ended, got = raw(fakegemini, {"preset": "bad_gateway_page"})

    assert ended == "502 text/html; charset=UTF-8"
    assert got.startswith(b"<!DOCTYPE html>")
    assert b"502" in got


def test_the_end_without_usage(fakegemini: Fake) -> None:
    """The stream's last event has none, and a get has it."""
    door = Door(fakegemini.url)
    door.ask("POST", "/__fakegemini__/faults", {"preset": "completed_without_usage"})

    answer = door.create(model="gemini-3.8-flash", background=True, stream=True)

    last = answer.events[-1]["interaction"]
    assert answer.done
    assert "usage" not in last
    assert "usage" in door.get(last["id"]).json


PACKED = {
    name: row
    for name, row in STREAMS.items()
    if row[1] in ("cut", STREAM) and "chunks" not in row[0]
}


@pytest.mark.parametrize("name", PACKED)
def test_packing_hides_no_other_fault(fakegemini: Fake, name: str) -> None:
    """What cuts, waits or changes a stream does so where it is packed, too."""
    fault, ending, came = PACKED[name]

    ended, got = raw(fakegemini, {**fault, "gzip": True, "times": 1})

    assert (ended, events(zlib.decompressobj(31).decompress(got))) == (ending, came)


FRAMED: dict[str, tuple[dict[str, Any], str, bytes]] = {
    "malformed": (
        {"malformed": True},
        STREAM_400,
        b'event: error\ndata: {"error":{"message":"No.",',
    ),
    "cut_after_events": ({"cut_after_events": 0}, "RemoteDisconnected", b""),
    "unknown_event": ({"unknown_event": 0}, STREAM_400, b"event: interaction.teleported"),
    "gzip": ({"gzip": True}, STREAM_400, b"\x1f\x8b"),
}


@pytest.mark.parametrize("name", FRAMED)
def test_a_refusal_of_a_stream_is_spoiled_too(fakegemini: Fake, name: str) -> None:
    """It is one event, and a stream as well."""
    fault, ending, start = FRAMED[name]

    ended, got = raw(fakegemini, {**fault, "status": 400, "message": "No."})

    assert (ended, got.startswith(start)) == (ending, True)
    assert not (name == "malformed" and got.rstrip().endswith(b"}}"))


def test_the_ten_minutes_end_in_a_bare_array(fakegemini: Fake) -> None:
    """JSON that is no event, then the end."""
    line = json.dumps([{"error": {"code": 503}}])
    pace = {"first": 9, "tokens_per_second": 1}

    ended, got = raw(
        fakegemini, {"pace": pace, "cut_at_seconds": {"seconds": 10, "last_line": line}}
    )

    assert (ended, events(got)) == (STREAM, WHOLE[:6])
    assert got.endswith(f"{line}\n".encode())


def test_malformed_whole(fakegemini: Fake) -> None:
    """A body that is whole loses its last character."""
    ended, got = raw(fakegemini, {"malformed": True}, stream=False)

    assert (ended, got[-1:] == b"}") == (JSON, False)


REFUSALS: dict[str, tuple[dict[str, Any], int, str, dict[str, str | None]]] = {
    "the issue's": (
        {"status": 429, "times": 1, "retry_after_ms": 5},
        429,
        "too_many_requests",
        {"retry-after-ms": "5", "retry-after": None},
    ),
    "bare": ({"status": 503}, 503, "service_unavailable", {"retry-after-ms": "1"}),
    "own words": (
        {"status": 400, "code": "odd", "message": "No.", "retry_after": "soon"},
        400,
        "odd",
        {"retry-after": "soon", "retry-after-ms": None},
    ),
    "preset": ({"preset": "rate_limited"}, 429, "rate_limit_exceeded", {}),
    "a body of its own": (
        {"status": 502, "body": '{"error": {"code": "odd"}}', "content_type": "text/odd"},
        502,
        "odd",
        {"content-type": "text/odd", "retry-after-ms": "1"},
    ),
    "spoiled refusal": (
        {"wrong_content_type": "text/odd", "status": 500},
        500,
        "api_error",
        {"content-type": "text/odd"},
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal(fakegemini: Fake, name: str) -> None:
    """Status, code and headers are those that were told."""
    fault, status, code, headers = REFUSALS[name]
    door = Door(fakegemini.url)
    door.ask("POST", "/__fakegemini__/faults", fault)

    answer = door.create()

    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert {key: answer.headers.get(key) for key in headers} == headers


def test_times_operation_and_end(fakegemini: Fake) -> None:
    """A fault meets so many requests of its operation, and `DELETE /faults` ends all."""
    door = Door(fakegemini.url)
    faults = [{"status": 403, "on": "get", "times": 2}, {"status": 500, "on": "delete"}]
    assert door.ask("POST", "/__fakegemini__/faults", faults).json == {"added": 2}
    made = door.create().json["id"]

    assert [door.get(made).status for _ in range(3)] == [403, 403, 200]
    assert [door.delete(made).status for _ in range(2)] == [500, 500]
    assert door.ask("DELETE", "/__fakegemini__/faults").json == {}
    assert door.delete(made).status == 200


def test_a_reply_has_its_own_fault(fakegemini: Fake) -> None:
    """It meets that reply and no other."""
    door = Door(fakegemini.url)
    replies = [{"say": "one", "fault": {"status": 503}}, {"say": "two"}]
    door.ask("POST", "/__fakegemini__/replies", replies)

    assert door.create().status == 503
    assert door.create().text == "two"


def test_the_sdk_gets_over_it(fakegemini: Fake) -> None:
    """The issue's own fault is a retry to google-genai."""
    genai = pytest.importorskip("google.genai")
    door = Door(fakegemini.url)
    door.ask("POST", "/__fakegemini__/faults", {"status": 429, "times": 1, "retry_after_ms": 5})

    client = genai.Client()
    turn = client.interactions.create(model=MODEL, input="Hi")

    assert turn.status == "completed"
    assert len(fakegemini.requests.retries) == 1


def test_the_schema_is_what_the_registry_says() -> None:
    """`python -m tests.docs.printed` writes the file; `allow` lists the kinds that there are."""
    allow = schemas.document("control/allow", closed=True)["properties"]

    assert PATH.read_text("utf-8") == fault_schema_text()
    assert allow["kinds"]["items"]["enum"] == list(ERRORS_BY_KIND)


OUTERMOST_FIRST = (
    "chunks slow gzip wrong_content_type stall cut_at_seconds pace cut_mid_character cut_mid_frame "
    "cut_after_events error_event bare_line malformed drop_terminal drop_event insert "
    "unknown_event repeat_event swap_event reset time_out status preset"
).split()


def test_the_order_of_several() -> None:
    """The members of a JSON object have none, the rows have; a new row may stand anywhere."""
    order = [row.json_name for row in fault_rows()]

    assert [name for name in order if name in OUTERMOST_FIRST] == OUTERMOST_FIRST


def test_a_name_is_taken_once() -> None:
    """A second fault of the name would hide the first."""
    with pytest.raises(ValueError, match="two faults have the JSON name 'gzip'"):
        fault_maker("gzip", TRUE, Layer.PACKING)
