"""`fakegemini convert`: recordings of any form become cassettes of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from vcr.persisters.filesystem import FilesystemPersister
from vcr.serializers import jsonserializer, yamlserializer

from fakegemini import Fake, say
from fakegemini.recordings.exchange import Exchange
from fakegemini.recordings.read import files_in, read_exchanges
from tests.beside import RECORDINGS
from tests.contract.test_files import FORMS, by_vcrpy, har, lines, recording, written
from tests.http.conftest import board, plug
from tests.http.door import Door
from tests.inspect.conftest import run, turn
from tests.scenarios import HOST, MODEL, Client, chain, stream

__all__ = ["board", "plug"]

WITH_REQUESTS = [
    "ours",
    "vcrpy",
    "vcrpy-stream",
    "vcrpy-gzip",
    "vcrpy-deflate",
    "vcrpy-json",
    "har",
]
ALONE = ["interaction", "bodies", "sse", "sse-bom-crlf", "jsonl", "events", "pretty"]
SECRET = "made-up-and-no-key"


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize("name", WITH_REQUESTS)
def test_a_recording_becomes_a_cassette_that_means_the_same(
    name: str, form: str, tmp_path: Path
) -> None:
    """From every form; stock vcrpy reads it, and `check` has nothing to say."""
    file, content, count = FORMS[name]
    source, out = written(tmp_path, file, content()), tmp_path / "out" / f"tape.{form}"

    result = run("convert", source, "--out", out)

    assert result.output.startswith(f"{source} → {out}: {count} exchange")
    assert " 0 violations, 0 drift" in result.output
    assert run("diff", source, out, "--usage").exit_code == 0
    assert run("check", out, "--strict").exit_code == 0
    serializer = jsonserializer if form == "json" else yamlserializer
    assert len(FilesystemPersister.load_cassette(out, serializer)[0]) >= count


@pytest.mark.parametrize("name", ALONE)
def test_an_answer_alone_can_be_had_again(
    name: str, tmp_path: Path, plug: Callable[..., Door]
) -> None:
    """Without its request it becomes the answer to a get of its id."""
    file, content, count = FORMS[name]
    source, out = written(tmp_path, file, content()), tmp_path / "tape.yaml"

    assert run("convert", source, "--out", out).exit_code == 0

    fake = Fake()
    fake.play(out)
    door = plug(fake.handle)
    exchanges = read_exchanges(out)
    assert len(exchanges) == count
    for exchange in exchanges:
        path = exchange.uri.removeprefix(HOST)
        assert door.ask("GET", path).status == 200
        assert exchange.response_body.replace(b"\r", b"").lstrip(b"\xef\xbb\xbf")
    fake.check()


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_every_recording_can_be_converted(tmp_path: Path) -> None:
    """And means the same afterwards, whatever recorded it."""
    files = [path for path in files_in(RECORDINGS) if path.suffix == ".yaml"]

    for folder in {path.parent for path in files}:
        out = tmp_path / folder.name
        assert run("convert", folder, "--out", out).exit_code == 0
    for path in files:
        assert run("diff", path, tmp_path / path.parent.name / path.name, "--usage").exit_code == 0


def secretive() -> list[Exchange]:
    """A chain whose every part that may hold a secret holds one."""
    headers = {"x-goog-api-key": SECRET, "authorization": SECRET, "cookie": SECRET}
    return [
        replace(
            each,
            uri=each.uri.replace("https://", f"https://{SECRET}@") + f"?alt=json&key={SECRET}",
            request_headers=each.request_headers | headers,
            response_headers=each.response_headers | {"set-cookie": SECRET},
        )
        for each in recording(chain)
    ]


@pytest.mark.parametrize("form", [har, lambda each: by_vcrpy(each, yamlserializer)])
def test_no_secret_is_carried_over(form: Callable[[list[Exchange]], str], tmp_path: Path) -> None:
    """Neither from headers nor from addresses."""
    source = written(tmp_path, "a.yaml", form(secretive()))
    out = tmp_path / "out.yaml"

    assert run("convert", source, "--out", out).exit_code == 0

    assert SECRET in source.read_text()
    assert SECRET not in out.read_text()
    assert read_exchanges(out)[0].uri == f"{HOST}/v1/interactions?alt=json"


def test_what_a_page_does_besides_is_left_out(tmp_path: Path) -> None:
    """Other hosts are; other resources of the API's are not."""
    ours = recording(chain)[:1]
    models = replace(
        ours[0], number=2, method="GET", uri=f"{HOST}/v1/models", request_body=b"", status=200
    )
    token = replace(ours[0], number=3, uri="https://accounts.example/token")
    source = written(tmp_path, "a.har", har([*ours, models, token]))
    out = tmp_path / "out.yaml"

    result = run("convert", source, "--out", out)

    assert ": 2 exchanges, 0 violations, 0 drift, 1 left out\n" in result.output
    assert "accounts.example" not in out.read_text()


def test_a_packed_upload_is_left_out(tmp_path: Path) -> None:
    """A cassette of ours does not say how a body is packed."""
    ours = recording(chain)[0]
    packed = replace(
        ours,
        number=2,
        uri=f"{HOST}/upload/v1beta/files",
        response_headers={"content-encoding": "br"},
        response_body=b"\xff\xfe",
    )
    source = written(tmp_path, "a.yaml", by_vcrpy([ours, packed], yamlserializer))

    output = run("convert", source, "--out", tmp_path / "b.yaml").output

    assert output.endswith(": 1 exchange, 0 violations, 0 drift, 1 left out\n")


def dated(began: Any) -> str:
    """A HAR that tells when it began."""
    made = json.loads(har(recording(chain)))
    made["log"]["entries"][0]["startedDateTime"] = began
    return json.dumps(made)


def sent(date: str) -> str:
    """A cassette whose answers have a date."""
    exchanges = [
        replace(each, response_headers=each.response_headers | {"date": date})
        for each in recording(chain)
    ]
    return by_vcrpy(exchanges, yamlserializer)


AGENT = {"x-goog-api-client": "google-genai-sdk/3.4.0 gl-python/3.13.1", "user-agent": "other/1"}
HEADS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "har": ("a.har", dated("2026-10-08T23:30:00.000-02:00"), {"recorded": "2026-10-09"}),
    "har-odd": ("a.har", dated("yesterday"), {"recorded": "2026-01-01"}),
    "har-none": ("a.har", dated(None), {"recorded": "2026-01-01"}),
    "date": ("a.yaml", sent("Thu, 08 Oct 2026 16:48:25 GMT"), {"recorded": "2026-10-08"}),
    "date-odd": ("a.yaml", sent("soon"), {"recorded": "2026-01-01"}),
    "created": (
        "a.json",
        json.dumps(turn(created="2026-10-07T01:02:03Z")),
        {"recorded": "2026-10-07"},
    ),
    "nobody's day": ("a.json", json.dumps(turn(created="1970-01-01T00:00:00Z")), {}),
    "client": (
        "a.yaml",
        by_vcrpy(
            [replace(each, request_headers=AGENT) for each in recording(chain)], yamlserializer
        ),
        {"recorded": "2026-01-01", "client": "google-genai-sdk/3.4.0"},
    ),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_head_tells_what_the_source_does(name: str, tmp_path: Path) -> None:
    """The day, the client, and the name of the source without its folders."""
    file, content, told = HEADS[name]
    out = tmp_path / "out.yaml"

    assert run("convert", written(tmp_path, file, content), "--out", out).exit_code == 0

    head = yaml.safe_load(out.read_text())["fakegemini"]
    assert head == {"format": 1, "converted_from": file} | told


def test_a_head_is_kept(tmp_path: Path) -> None:
    """A cassette of ours in another form is still from the same day."""
    first, second = tmp_path / "b.yaml", tmp_path / "c.json"
    source = written(tmp_path, "a.har", dated("2026-10-08T10:00:00Z"))

    run("convert", source, "--out", first)
    run("convert", first, "--out", second)

    assert json.loads(second.read_text())["fakegemini"] == {
        "format": 1,
        "recorded": "2026-10-08",
        "converted_from": "a.har",
    }


def test_long_values_are_put_aside(tmp_path: Path) -> None:
    """A long signature is kept beside the cassette, and comes back."""
    signature = "QUJD" * 200
    source = written(
        tmp_path, "a.json", json.dumps(turn({"type": "thought", "signature": signature}))
    )
    out = tmp_path / "out" / "a.yaml"

    run("convert", source, "--out", out)

    assert signature not in out.read_text()
    assert read_exchanges(out)[0].response_json["steps"][0]["signature"] == signature
    assert sorted(path.name for path in out.parent.iterdir()) == ["a.yaml", "aside"]
    assert files_in(out.parent) == [out]


def test_a_folder_of_recordings(tmp_path: Path) -> None:
    """The folders inside it stay."""
    sources = tmp_path / "in"
    written(sources, "a.har", har(recording(chain)))
    written(sources, "deep/b.jsonl", lines(recording(stream)))

    result = run("convert", sources, "--out", tmp_path / "out", "--form", "json")

    assert result.output.count(" → ") == 2
    assert {str(path.relative_to(tmp_path / "out")) for path in files_in(tmp_path / "out")} == {
        "a.json",
        "deep/b.json",
    }


@pytest.mark.parametrize("out", ["out/", "there"])
def test_a_file_into_a_folder(out: str, tmp_path: Path) -> None:
    """A folder is what is one, and what ends like one."""
    (tmp_path / "there").mkdir()
    source = written(tmp_path, "a.har", har(recording(chain)))

    run("convert", source, "--out", f"{tmp_path}/{out}")

    assert (tmp_path / out / "a.yaml").is_file()


GOOD = ("good.har", har(recording(chain)))
REFUSED: dict[str, tuple[tuple[tuple[str, str], ...], str, str]] = {
    "a broken file": (
        (("bad.har", '{"log": {"entries": [7]}}'), GOOD),
        "out",
        "bad.har: entry 1: it is no object",
    ),
    "a broken line": ((GOOD, ("bad.jsonl", '{"event_type": "x"}\n{')), "out", "bad.jsonl:2: not a"),
    "a request alone": (
        (GOOD, ("bad.json", json.dumps({"model": MODEL, "input": "x"}))),
        "out",
        "bad.json: it holds no answer",
    ),
    "an error alone": (
        (GOOD, ("bad.json", '{"error": {"code": "x", "message": "y"}}')),
        "out",
        "bad.json: exchange 1 has neither a request nor an id by which to ask for it",
    ),
    "two of one name": ((GOOD, ("good.json", "{}")), "out", "would both become"),
    "what is there": ((GOOD,), "there.yaml", "there.yaml is there already; --force overwrites it"),
    "a file for a folder": (
        (GOOD, ("b.har", GOOD[1])),
        "there.yaml",
        "there.yaml is a file, and 2",
    ),
    "no place": ((GOOD,), "there.yaml/a.yaml", "there.yaml"),
    "not there": ((), "out", "no such file or folder"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_is_written_unless_all_can_be(name: str, tmp_path: Path) -> None:
    """One line, exit status 2, and every file as it was."""
    files, out, reason = REFUSED[name]
    written(tmp_path, "there.yaml", "mine")
    sources = [written(tmp_path, file, content) for file, content in files]
    before = sorted(tmp_path.rglob("*"))

    result = run("convert", *(sources or [tmp_path / "nowhere"]), "--out", tmp_path / out)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "there.yaml").read_text() == "mine"


def test_force_overwrites(tmp_path: Path) -> None:
    """Even the source itself."""
    source = written(tmp_path, "a.yaml", by_vcrpy(recording(chain), yamlserializer))

    assert run("convert", source, "--out", source, "--force").exit_code == 0

    assert yaml.safe_load(source.read_text())["fakegemini"]["converted_from"] == "a.yaml"
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_what_the_check_would_say_is_said(tmp_path: Path) -> None:
    """A violation and drift are counted in the line."""
    client = Client()
    client.fake.replies(say("x"))
    client.create(input="x")
    (made,) = client.exchanges
    body = {**made.response_json, "object": "thing", "mood": "fine"}
    wrong = replace(made, response_body=json.dumps(body).encode())
    source = written(tmp_path, "a.har", har([wrong]))

    output = run("convert", source, "--out", tmp_path / "b.yaml").output

    assert output.endswith(": 1 exchange, 1 violation, 1 drift\n")
