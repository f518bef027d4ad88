"""Odd recordings, over every command that reads and the replay: as it was, or one sentence.

One in some of them runs here; all run with `FAKEGEMINI_ODD_RECORDINGS=1`, the step.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from fakegemini import Fake, Request
from fakegemini.cli import main
from fakegemini.errors import Unreadable
from fakegemini.recordings.cassette import load_cassette
from fakegemini.recordings.exchange import Exchange
from tests.odd_recordings import CONTAINERS, SCENARIOS, Odd, every, plain
from tests.odd_recordings import RAW as RAW_BODIES

STEP = int(os.environ.get("FAKEGEMINI_ODD_RECORDINGS", "59"))
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


@pytest.mark.parametrize("odd", [pytest.param(odd, id=odd.name) for odd in every(STEP)])
def test_odd_recordings_are_read_or_refused(odd: Odd, tmp_path: Path) -> None:
    """No traceback, no fault of ours, no status out of nowhere, no body lost."""
    path = tmp_path / f"odd{odd.suffix}"
    path.write_text(odd.text, encoding="utf-8", errors="surrogateescape")
    exchanges = loaded(path)
    for command in ("check", "verify", "show"):
        answer = run(command, path)
        assert exchanges or answer.exit_code == 2, command
    run("show", "--json", path)
    run("diff", path, path)
    converted = tmp_path / "converted.yaml"
    run("convert", path, "--out", converted)
    if converted.exists() and exchanges:
        bodies = [each.response_body.strip() for each in loaded(converted)]
        assert list(map(bool, bodies)) == [bool(each.response_body.strip()) for each in exchanges]
    if not exchanges or exchanges[0].operation != "create":
        return
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
    path.write_text(write(exchange, exchange.response_body), encoding="utf-8")

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


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ('[{"httpRequest": {}, "httpResponse": {}}]', "MockServer"),
        ('{"fixtures": [{"match": {}, "response": {}}]}', "aimock"),
        ('{"mappings": [{"request": {}, "response": {}}]}', "WireMock"),
        ('{"data": {"pairs": []}, "meta": {"schemaVersion": "v5"}}', "Hoverfly"),
        ('{"info": {"_postman_id": "1"}, "item": []}', "Postman"),
        ("responses:\n- response: {url: http://a, status: 200}\n", "the responses library"),
        ("version: 1\ngrpc_interactions: []\n", "cassetter, of gRPC alone"),
    ],
)
def test_tools_that_are_not_read_are_named(text: str, tool: str, tmp_path: Path) -> None:
    """Never taken for a file without traffic."""
    path = tmp_path / ("it.json" if text[0] in "{[" else "it.yaml")
    path.write_text(text)

    answer = run("check", path)

    assert answer.exit_code == 2
    assert f"{path}: a file of {tool}, which is not read" in answer.output
