"""Odd recordings, over every command that reads and the replay: as it was, or one sentence.

One in some of them runs here; all run with `FAKEGEMINI_ODD_RECORDINGS=1`, the step.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from fakegemini import Fake, Request
from fakegemini.cli import main
from fakegemini.doors.loopback import serve
from fakegemini.errors import Unreadable
from fakegemini.recordings.cassette import load_cassette
from fakegemini.recordings.exchange import Exchange
from tests.odd_recordings import CONTAINERS, SCENARIOS, Odd, every, plain
from tests.odd_recordings import RAW as RAW_BODIES

STEP = int(os.environ.get("FAKEGEMINI_ODD_RECORDINGS", "101"))
RETRIED = {408, 409, 429, *range(500, 600)}


def run(*arguments: str | Path) -> Result:
    """Run a command; a traceback is an error here."""
    answer = CliRunner().invoke(main, list(map(str, arguments)))
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    assert "itself failed" not in answer.output
    assert "Traceback" not in answer.output
    return answer


def loaded(path: Path) -> list[Exchange]:
    """The exchanges of a file; none where it is refused, in one line that names it."""
    try:
        cassette = load_cassette(path)
    except Unreadable as error:
        reason = str(error)
    else:
        return [recorded.exchange for recorded in cassette.exchanges]
    assert reason.startswith(str(path))
    assert "\n" not in reason
    return []


def replayed(path: Path, exchanges: list[Exchange]) -> list[tuple[int, bytes]]:
    """What the replay answers to each recorded request."""
    fake = Fake()
    fake.play(path)
    answers = []
    for each in exchanges:
        path_asked, query = urlsplit(each.uri).path, tuple(each.query.items())
        headers = tuple(each.request_headers.items())
        reply = fake.handle(Request(each.method, path_asked, query, headers, each.request_body))
        for name, value in reply.headers:
            assert f"{name}: {value}".encode("latin-1")
        body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        answers.append((reply.status, body))
    return answers


@pytest.fixture(scope="module")
def live() -> Iterator[str]:
    """A fake as the live API, which answers whatever is asked."""
    with serve(Fake().handle) as url:
        yield url


def recorded_again(path: Path, live: str) -> None:
    """Ask all of a file again: it is as it was, or a whole recording."""
    before = path.read_bytes()
    answer = run("rerecord", path, "--upstream", live, "--poll", "0")
    if answer.exit_code:
        assert path.read_bytes() == before
        assert "Traceback" not in answer.output
        assert answer.output.startswith(("Error: ", "exchange ")), answer.output
    else:
        assert loaded(path)


@pytest.mark.parametrize("odd", [pytest.param(odd, id=odd.name) for odd in every(STEP)])
def test_odd_recordings_are_read_or_refused(
    odd: Odd, tmp_path: Path, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback, no fault of ours, no status out of nowhere, no body lost."""
    monkeypatch.setenv("GEMINI_API_KEY", "fake-key")
    path = tmp_path / f"odd{odd.suffix}"
    path.write_text(odd.text, encoding="utf-8", errors="surrogateescape")
    exchanges = loaded(path)
    for command in ("check", "verify", "show"):
        answer = run(command, path)
        assert exchanges or answer.exit_code == 2, command
    run("show", "--json", path)
    asked = tmp_path / "asked.json"
    asked.write_text('{"model": "gemini-3.5-flash", "input": "Why are there tides?"}')
    assert run("why", path, "--request", asked).exit_code == (1 if exchanges else 2)
    run("diff", path, path)
    converted = tmp_path / "converted.yaml"
    run("convert", path, "--out", converted)
    if converted.exists() and exchanges:
        bodies = [each.response_body.strip() for each in loaded(converted)]
        assert list(map(bool, bodies)) == [bool(each.response_body.strip()) for each in exchanges]
    copy = tmp_path / f"again{odd.suffix}"
    copy.write_bytes(path.read_bytes())
    recorded_again(copy, live)
    before = copy.read_bytes()
    checked = run("rerecord", "--check", copy, "--upstream", live, "--poll", "0")
    assert checked.exit_code in (0, 1, 2)
    assert copy.read_bytes() == before
    if not exchanges or exchanges[0].operation != "create":
        return
    asked = tmp_path / "asked.json"
    asked.write_bytes(exchanges[0].request_body)
    told = run("why", path, "--request", asked)
    assert told.exit_code == 0 or told.output.startswith(("Error: ", "POST ")), told.output
    for each, (status, body) in zip(exchanges, replayed(path, exchanges), strict=True):
        assert status == each.status or status not in RETRIED
        assert bool(body.strip()) == bool(each.response_body.strip())


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("title", SCENARIOS)
def test_every_container_gives_the_same_exchange(
    container: str, title: str, tmp_path: Path
) -> None:
    """Method, address, what was asked, status and body."""
    suffix, write = CONTAINERS[container]
    exchange = plain()[title]
    path = tmp_path / f"it{suffix}"
    text = write(exchange, exchange.response_body)
    path.write_text(text, encoding="utf-8", errors="surrogateescape")

    (read,) = loaded(path)

    assert read.method == exchange.method
    assert urlsplit(read.uri).path == urlsplit(exchange.uri).path
    assert read.request_json == exchange.request_json
    assert read.status == exchange.status
    assert read.content_type == exchange.content_type
    if exchange.is_stream:
        assert read.response_body == exchange.response_body
    else:
        assert read.response_json == exchange.response_json


def test_bodies_that_are_no_answer_are_never_equal(tmp_path: Path) -> None:
    """`verify` names the file, the exchange and the path."""
    suffix, write = CONTAINERS["YAML"]
    for name in ("empty", "html", "null", "array", "number", "twice", "not UTF-8"):
        path = tmp_path / f"{name}{suffix}"
        path.write_text(write(plain()["an answer"], RAW_BODIES[name]), encoding="utf-8")

        answer = run("verify", path)

        assert answer.exit_code == 2
        assert f"could not compare {path}: exchange 1: response.body is " in answer.output


HAR_ANSWERS: dict[str, tuple[dict[str, Any], str]] = {
    "a stream that mitmproxy passed on": (
        {"size": 0, "mimeType": "text/event-stream", "text": None},
        "response.content has no `text`: the body was not kept",
    ),
    "an event stream of Chrome": (
        {"size": 700, "mimeType": "text/event-stream"},
        "response.content has no `text`, though its size is 700: the body was not kept",
    ),
    "a large body of Firefox": (
        {"size": 1048577, "mimeType": "application/json", "text": '{"status": "comp'},
        "response.content.text has 16 of 1048577 bytes: the body was cut when it was kept",
    ),
}


@pytest.mark.parametrize("name", HAR_ANSWERS)
def test_what_a_browser_did_not_keep_is_named(name: str, tmp_path: Path) -> None:
    """Neither an empty answer nor one that the server cut."""
    content, reason = HAR_ANSWERS[name]
    post = {"text": '{"model": "m", "input": "Hi"}'}
    uri = "https://generativelanguage.googleapis.com/v1beta/interactions"
    entry = {
        "request": {"method": "POST", "url": uri, "headers": [], "postData": post},
        "response": {"status": 200, "headers": [], "content": content},
    }
    path = tmp_path / "page.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))

    for command in ("check", "verify", "show", "convert"):
        arguments = ["--out", str(tmp_path / "a.yaml")] if command == "convert" else []
        answer = run(command, path, *arguments)
        assert answer.exit_code == 2
        assert f"{path}: entry 1: {reason}" in answer.output


def test_toml_is_read_and_not_scrubbed(tmp_path: Path) -> None:
    """It is never taken for clean; what becomes of it can be."""
    suffix, write = CONTAINERS["cassetter as TOML"]
    path = tmp_path / f"it{suffix}"
    path.write_text(write(plain()["an answer"], plain()["an answer"].response_body))

    scrubbed = run("scrub", path)
    run("convert", path, "--out", tmp_path / "it.yaml")

    assert scrubbed.exit_code == 2
    assert "a file in TOML, which is read and never rewritten; `fakegemini convert`" in (
        scrubbed.output
    )
    assert run("scrub", tmp_path / "it.yaml").exit_code == 0


MOCK_SERVER_BODIES: dict[str, tuple[Any, Any]] = {
    "a text": ('{"a": 1}', {"a": 1}),
    "a text with its type": ({"type": "STRING", "string": '{"a": 1}'}, {"a": 1}),
    "JSON": ({"type": "JSON", "json": {"a": 1}}, {"a": 1}),
    "JSON as a text": ({"type": "JSON", "json": '{"a": 1}'}, {"a": 1}),
    "JSON alone": ({"a": 1}, {"a": 1}),
    "a list alone": ([1], [1]),
    "bytes": ({"type": "BINARY", "base64Bytes": "eyJhIjogMX0="}, {"a": 1}),
    "bytes without a type": ({"base64Bytes": "eyJhIjogMX0="}, {"a": 1}),
    "a matcher": ({"type": "REGEX", "regex": ".*"}, None),
}


@pytest.mark.parametrize("name", MOCK_SERVER_BODIES)
def test_bodies_of_mock_server(name: str, tmp_path: Path) -> None:
    """Each form that it writes; what only matches is no recording."""
    body, expected = MOCK_SERVER_BODIES[name]
    request = {"method": "POST", "path": "/v1beta/interactions", "body": body,
               "queryStringParameters": {"alt": ["sse"]}}  # fmt: skip
    path = tmp_path / "it.json"
    path.write_text(json.dumps({"httpRequest": request, "httpResponse": {"body": "{}"}}))

    exchanges = loaded(path)

    if expected is None:
        reason = "httpRequest.body is a matcher of MockServer (REGEX), not what was sent"
        assert reason in run("check", path).output
        return
    assert exchanges[0].request_json == expected
    assert exchanges[0].uri == "http://mockserver/v1beta/interactions?alt=sse"
    assert exchanges[0].status == 200
