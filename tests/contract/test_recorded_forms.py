"""Forms that recordings of 2026-09 and 2026-10 brought: kinds of them, each with its members.

Streams of nothing stored, counts of media and of tools, and what recorders do to traffic.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakegemini.contract import check
from fakegemini.contract.checker import Report, check_exchanges, check_paths
from fakegemini.contract.report import FORMATS
from fakegemini.contract.rules.recorder_marks import MARKS, find_marks
from fakegemini.recordings.exchange import Exchange
from fakegemini.wire.http import Json
from fakegemini.wire.sse import DONE_FRAME, encode_frame
from tests.beside import RECORDINGS

from .test_check import (
    HEAD,
    ID,
    SAID,
    SPEECH,
    THOUGHT,
    USAGE,
    body,
    ending,
    found,
    opening,
    streamed,
    update,
    whole,
)

# Streams of an interaction that is not stored


def bare(event: Json) -> Json:
    """An event without its id, and one that opens a stream without its status as well."""
    event = {key: value for key, value in event.items() if key != "interaction_id"}
    if "interaction" not in event:
        return event
    without = {"id"} if event["event_type"] == "interaction.completed" else {"id", "status"}
    left = {key: value for key, value in event["interaction"].items() if key not in without}
    return {**event, "interaction": left}


BARE = [*map(bare, HEAD), *SPEECH, bare(ending())]
EMPTY = [opening(""), update(""), *SPEECH, ending("")]
NAMED = [*HEAD, *SPEECH, ending()]
STATUS_ALONE = {
    "interaction": {"status": "in_progress", "object": "interaction", "model": "gemini-3.8-flash"}
}
STORES = {True: b'{"model":"gemini-3.8-flash","input":"x","stream":true}'}
STORES[False] = b'{"model":"gemini-3.8-flash","input":"x","stream":true,"store":false}'
UNSTORED: list[tuple[str, bool, list[Json], list[str]]] = [
    ("no id anywhere, since 2026-10", False, BARE, []),
    ("empty ids, to 2026-08", False, EMPTY, []),
    (
        "an id with store=false",
        False,
        NAMED,
        ["violation id-unstored response.events[0].interaction.id"],
    ),
    (
        "no id where it is stored",
        True,
        BARE,
        [
            "violation missing-member response.events[0].interaction.id",
            "violation missing-member response.events[0].interaction.status",
        ],
    ),
    (
        "an empty id where it is stored",
        True,
        EMPTY,
        ["violation missing-member response.events[0].interaction.id"],
    ),
    (
        "an update that names one",
        False,
        [BARE[0], update(), *BARE[2:]],
        ["violation id-stream response.events[1].interaction_id"],
    ),
    (
        "an update with an empty one",
        False,
        [BARE[0], update(""), *BARE[2:]],
        ["drift id-stream response.events[1].interaction_id"],
    ),
    (
        "an end that names one",
        False,
        [*BARE[:-1], ending()],
        ["violation id-stream response.events[5].interaction.id"],
    ),
    (
        "an end without one, after an empty one",
        False,
        [*EMPTY[:-1], BARE[-1]],
        ["drift id-stream response.events[5].interaction.id"],
    ),
    (
        "a status without an id",
        False,
        [{**BARE[0], **STATUS_ALONE}, *BARE[1:]],
        ["drift missing-member response.events[0].interaction.id"],
    ),
    (
        "an empty id without a status",
        False,
        [opening("", status=None), *EMPTY[1:]],
        ["violation wrong-type response.events[0].interaction.status"],
    ),
    (
        "no model",
        False,
        [
            {"interaction": {"object": "interaction"}, "event_type": "interaction.created"},
            *BARE[1:],
        ],
        ["drift missing-member response.events[0].interaction.model"],
    ),
    (
        "an end without a status",
        False,
        [*BARE[:-1], {**BARE[-1], "interaction": {"object": "interaction"}}],
        ["violation missing-member response.events[5].interaction.status"],
    ),
    (
        "an update without an id of a stored one",
        True,
        [HEAD[0], bare(HEAD[1]), *NAMED[2:]],
        ["violation missing-member response.events[1].interaction_id"],
    ),
]


@pytest.mark.parametrize(
    ("stored", "events", "expected"),
    [case[1:] for case in UNSTORED],
    ids=[case[0] for case in UNSTORED],
)
def test_a_stream_of_nothing_stored(stored: bool, events: list[Json], expected: list[str]) -> None:
    """No id in any event, or to 2026-08 an empty one in all; a stored one has its id in all."""
    made = streamed(events, request_body=STORES[stored])

    assert found(check_exchanges([made])) == expected


def test_a_list_of_bare_events_is_good() -> None:
    """Whether it is stored is not known there."""
    assert check(BARE) == []


# Counts


IMAGE = {"type": "image", "data": "AAAA", "mime_type": "image/png"}
PICTURE = {"content": [IMAGE], "type": "model_output"}
ONE_CALL = {
    "prompt_tokens_details": [{"modality": "text", "tokens": 9}],
    "candidates_tokens_details": [{"modality": "text", "tokens": 12}],
    "thoughts_tokens_details": [{"modality": "text", "tokens": 40}],
}


def rows(**tokens: int) -> list[Json]:
    """A breakdown."""
    return [{"modality": name, "tokens": count} for name, count in tokens.items()]


def painted(tokens: list[Json], *steps: Json) -> Json:
    """A body whose usage lists that output."""
    usage = {**USAGE, "output_tokens_by_modality": tokens}
    return body(usage=usage, steps=[THOUGHT, *steps])


def counted(calls: list[Json], own: list[Json] | None = None) -> Json:
    """A body whose usage lists those calls of the model."""
    twins = {
        "model_invocation_token_counts": calls,
        "non_grounding_model_invocation_token_counts": own,
    }
    return body(usage={**USAGE, **{name: each for name, each in twins.items() if each is not None}})


MODEL_CALLS = "response.body.usage.model_invocation_token_counts"
OUTPUT = "response.body.usage.output_tokens_by_modality"
COUNTS: list[tuple[str, Json, list[str]]] = [
    ("media are less than the output", painted(rows(image=11), PICTURE, SAID), []),
    ("media are all of the output", painted(rows(image=12), PICTURE), []),
    (
        "media are more than the output",
        painted(rows(image=13), PICTURE),
        [f"violation usage-sum {OUTPUT}"],
    ),
    (
        "a medium that is not there",
        painted(rows(image=11), SAID),
        [f"drift usage-media {OUTPUT}[0].modality"],
    ),
    (
        "one that is there, one that is not",
        painted(rows(image=6, audio=5), PICTURE),
        [f"drift usage-media {OUTPUT}[1].modality"],
    ),
    (
        "an input that does not add up",
        body(usage={**USAGE, "input_tokens_by_modality": rows(text=8)}),
        ["violation usage-sum response.body.usage.input_tokens_by_modality"],
    ),
    (
        "tool use is in the total",
        body(
            usage={
                **USAGE,
                "total_tokens": 66,
                "total_tool_use_tokens": 5,
                "tool_use_tokens_by_modality": rows(text=5),
            }
        ),
        [],
    ),
    (
        "tool use is left out of the total",
        body(usage={**USAGE, "total_tool_use_tokens": 5}),
        ["violation usage-sum response.body.usage.total_tokens"],
    ),
    (
        "tool use that does not add up",
        body(
            usage={
                **USAGE,
                "total_tokens": 66,
                "total_tool_use_tokens": 5,
                "tool_use_tokens_by_modality": rows(text=4),
            }
        ),
        ["violation usage-sum response.body.usage.tool_use_tokens_by_modality"],
    ),
    ("a call of the model", counted([ONE_CALL], [ONE_CALL]), []),
    ("a search has calls of its own", counted([ONE_CALL], []), []),
    (
        "thoughts of the calls do not add up",
        counted([ONE_CALL, ONE_CALL]),
        [f"drift usage-sum {MODEL_CALLS}"],
    ),
    (
        "the two lists of calls differ",
        counted([ONE_CALL], [{**ONE_CALL, "prompt_tokens_details": rows(text=8)}]),
        [
            "drift usage-sum response.body.usage.non_grounding_model_invocation_token_counts[0]"
            ".prompt_tokens_details"
        ],
    ),
    (
        "an unknown member of a call",
        counted([{**ONE_CALL, "x": []}]),
        [f"drift unknown-member {MODEL_CALLS}[0].x"],
    ),
    (
        "counts of a call that are text",
        counted([{**ONE_CALL, "prompt_tokens_details": "9"}]),
        [f"violation wrong-type {MODEL_CALLS}[0].prompt_tokens_details"],
    ),
]


@pytest.mark.parametrize(
    ("subject", "expected"), [case[1:] for case in COUNTS], ids=[case[0] for case in COUNTS]
)
def test_counts_of_media_and_tools(subject: Json, expected: list[str]) -> None:
    """Recorded: media make at most the output, tool use is part of the total."""
    assert found(check(subject)) == expected


def test_a_stream_counts_its_media() -> None:
    """What the steps of a stream hold is what its last event may count."""
    steps = [{"index": 0, "step": {"type": "model_output"}, "event_type": "step.start"}]
    steps += [{"index": 0, "delta": IMAGE, "event_type": "step.delta"}]
    steps += [{"index": 0, "event_type": "step.stop"}]
    usage = {**USAGE, "output_tokens_by_modality": rows(image=3)}

    assert check([*HEAD, *steps, ending(usage=usage)]) == []
    assert found(check([*HEAD, *SPEECH, ending(usage=usage)])) == [
        "drift usage-media response.events[5].interaction.usage"
        ".output_tokens_by_modality[0].modality"
    ]


# What recorders do


BLANKED = ["1970-01-01T00:00:00Z", "2000-01-01T00:00:00Z", "2000-01-01", "1970-01-01T00:00:00.000Z"]
BLANKED += ["2024-01-01T00:00:00Z", "2025-01-01"]
PLACEHOLDERS = [
    *("XXXX", "v1_XXXX", "xxxxxxxx", "[id]", "[interaction id]", "interaction-1"),
    *("interaction_12", "v1_REDACTED_1", "<id>", "v1_..."),
]
NO_PLACEHOLDERS = ["int_1", "tide-1", "v1_x", "XX", "interaction", "int-XXXX-7", "[id"]


@pytest.mark.parametrize("time", BLANKED)
def test_blanked_times_beside_a_real_id_are_no_fault(time: str) -> None:
    """They say nothing, so the clock of the id contradicts nothing."""
    assert check(body(created=time, updated=time)) == []
    assert check(body(created=time)) == []
    assert check(body(updated=time)) == []
    assert check([*HEAD, *SPEECH, ending(created=time, updated=time)]) == []


@pytest.mark.parametrize(
    ("times", "path"),
    [
        ({"created": "1970-01-02T00:00:00Z", "updated": "1970-01-01T00:00:00Z"}, "created"),
        ({"created": "1999-01-01T00:00:00Z", "updated": "1999-01-01T00:00:00Z"}, "created"),
        ({"created": "1970-01-01T00:00:00Z", "updated": "1969-12-31T23:00:00Z"}, "updated"),
    ],
)
def test_other_times_before_the_api_are_faults(times: dict[str, str], path: str) -> None:
    """No recorder writes those, and the id is not to blame."""
    assert [finding.path for finding in check(body(**times))] == [f"response.body.{path}"]


def test_a_poll_of_a_blanked_interaction_does_not_move_its_time() -> None:
    """One recorder blanks answers to creates and not those to polls, or the other way round."""
    poll = {"method": "GET", "request_body": b"", "number": 2}
    blank = json.dumps(body(created=BLANKED[0], updated=BLANKED[0])).encode()
    uri = f"https://generativelanguage.googleapis.com/v1/interactions/{ID}"

    made = [whole(response_body=blank), whole(uri=uri, **poll)]
    assert check_exchanges(made) == []


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_placeholders_of_ids_are_no_fault(name: str) -> None:
    """In a body, in every event, and as a parent."""
    asked = json.dumps(
        {"model": "gemini-3.8-flash", "input": "x", "previous_interaction_id": name}
    ).encode()

    assert check(body(id=name)) == []
    assert check([opening(name), update(name), *SPEECH, ending(name)]) == []
    chained = whole(request_body=asked, response_body=json.dumps(body(id=name)).encode())
    assert [finding.kind for finding in check_exchanges([chained])] == ["drift"]


@pytest.mark.parametrize("name", NO_PLACEHOLDERS)
def test_other_names_are_faults(name: str) -> None:
    """An id of another form is what it is."""
    assert found(check(body(id=name))) == ["violation id-form response.body.id"]


def test_a_stripped_last_line_is_no_fault() -> None:
    """Editors take the blank line behind `[DONE]` away; what else is cut is cut."""
    stream = b"".join(map(encode_frame, NAMED))
    for end in (DONE_FRAME[:-1], DONE_FRAME[:-2]):
        assert check_exchanges([streamed([], response_body=stream + end)]) == []
    cut = streamed([], response_body=stream + DONE_FRAME[:-4])
    assert [finding.rule for finding in check_exchanges([cut])] == ["no-done", "stream-cut"]


SORTED = json.dumps(body(), sort_keys=True).encode()
MARKED: list[tuple[Exchange, list[str]]] = [
    (whole(), []),
    (whole(response_body=SORTED), ["sorted members"]),
    (whole(response_body=json.dumps(body(id="[id]")).encode()), ["redacted ids"]),
    (whole(response_body=json.dumps(body(created=BLANKED[1])).encode()), ["blanked times"]),
    (streamed(NAMED), []),
    (
        streamed([], response_body=b"".join(map(encode_frame, NAMED)) + DONE_FRAME[:-1]),
        ["stripped end"],
    ),
    (
        streamed([opening("XXXX"), update("XXXX"), *SPEECH, ending("XXXX", created=BLANKED[0])]),
        ["blanked times", "redacted ids"],
    ),
    (
        streamed(
            [],
            response_body=b"".join(map(encode_frame, NAMED[:-1]))
            + f"event: {NAMED[-1]['event_type']}\ndata: {json.dumps(NAMED[-1], indent=1)}".encode()
            + b"\n\n"
            + DONE_FRAME,
        ),
        ["printed events"],
    ),
    (whole(response_body=b'{"error": {"code": "x", "message": "x"}}'), []),
    (whole(response_body=b"{"), []),
]


@pytest.mark.parametrize(("exchange", "names"), MARKED)
def test_what_a_recorder_did_is_recognised(exchange: Exchange, names: list[str]) -> None:
    """By name, and by what shows it."""
    marks = list(find_marks(exchange))

    assert [mark.name for mark, _ in marks] == names
    assert all(sign for _, sign in marks)


def test_every_mark_is_recognised_somewhere() -> None:
    """No row of the table without a case."""
    assert {name for _, names in MARKED for name in names} == {mark.name for mark in MARKS}


def report_of(tmp_path: Path) -> Report:
    """The report of two files of one recorder."""
    made: dict[str, Any] = body(created=BLANKED[0], updated=BLANKED[0])
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(made))
    return check_paths([tmp_path])


@pytest.mark.parametrize("form", ["text", "json", "github", "html"])
def test_a_report_says_once_what_the_recorder_did(form: str, tmp_path: Path) -> None:
    """A line for all files together, and no finding."""
    report = report_of(tmp_path)
    text = FORMATS[form](report)

    assert report.findings == []
    assert report.exit_status(strict=True) == 0
    assert text.count("are set to a day in 2 files (1970-01-01T00:00:00Z)") == 1
    assert text.count("done by the recorder, not checked") == 1


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_the_new_recordings_are_of_these_kinds() -> None:
    """They are good as they stand, and bad once their form is another."""
    (file,) = RECORDINGS.glob("*/2026-10-code_execution_usage_streamed.yaml")
    report = check_paths([file])

    assert report.findings == []
    assert [mark.name for mark in report.marks] == ["blanked times"]


def test_a_mark_is_no_excuse_for_other_faults() -> None:
    """What a recorder did not touch is checked as ever."""
    exchange = whole(response_body=SORTED.replace(b'"completed"', b'"dozing"'))

    assert found(check_exchanges([replace(exchange, number=1)])) == [
        "drift unknown-value response.body.status"
    ]
