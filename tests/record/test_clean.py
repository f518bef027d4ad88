"""`fakegemini scrub`: old recordings of every form, in place; all else of the file stays."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from vcr.serializers import jsonserializer, yamlserializer

from fakegemini.cli import main
from fakegemini.recordings.exchange import Exchange
from fakegemini.recordings.read import read_exchanges
from fakegemini.recordings.scrub.file_texts import replace_texts, yaml_texts
from fakegemini.recordings.scrub.policy import ScrubRules
from fakegemini.recordings.scrub.scrub_file import scrub_text
from tests.beside import RECORDINGS
from tests.contract.test_files import by_vcrpy, har
from tests.record.planted import Planted, create, deltas, planted
from tests.record.test_secrets import said, spelled
from tests.scenarios import dump

KEY = "AIza" + "e" * 35
PEM = f"-----BEGIN PRIVATE KEY-----\n{'Zz9+' * 16}\n{'Aa1/' * 16}\n-----END PRIVATE KEY-----"


def leaky() -> list[Exchange]:
    """Exchanges with secrets wherever there can be one."""
    body = {
        "input": f"it's {KEY}\n\nand é😀\n{PEM}\nbye",
        "labels": {"password": 'it\'s "8" 5ecret'},
    }
    refused = create(
        body, {"error": {"message": f'{KEY} and it\'s "8" 5ecret'}}, x_goog_api_key=KEY
    )
    streamed = create(
        {"stream": True},
        deltas("text", "text", "Your key ", KEY[:9], KEY[9:]),
        query=f"?alt=sse&key={KEY}",
        authorization="Bearer 0a1b2c3d4e",
        cookie="sid=0123456789abcdef",
    )
    made = [
        replace(one.exchange, number=number, response_headers=_long(one.exchange))
        for number, one in enumerate((refused, streamed), start=1)
    ]
    return made


def _long(exchange: Exchange) -> dict[str, str]:
    return exchange.response_headers | {"content-length": str(len(exchange.response_body))}


FORMS: dict[str, Callable[[], str]] = {
    "a.yaml": lambda: dump(leaky()),
    "b.yaml": lambda: by_vcrpy(leaky(), yamlserializer),
    "c.yaml": lambda: by_vcrpy(leaky(), yamlserializer, "gzip"),
    "d.json": lambda: by_vcrpy(leaky(), jsonserializer),
    "e.har": lambda: har(leaky()),
    "f.json": lambda: leaky()[0].request_body.decode(),
    "g.sse": lambda: leaky()[1].response_body.decode(),
    "h.jsonl": lambda: "\n".join(frame.data for frame in leaky()[1].frames[0] if not frame.is_done),
    "i.json": lambda: json.dumps(json.loads(leaky()[0].request_body), indent=2),
}


def scrub(*arguments: object) -> Result:
    """The command."""
    return CliRunner().invoke(main, ["scrub", *map(str, arguments)])


def secrets_in(exchanges: list[Exchange]) -> list[str]:
    """The secrets that are in exchanges still."""
    parts: list[str] = []
    for one in exchanges:
        parts += [one.uri, repr(one.request_headers), repr(one.response_headers)]
        parts += [one.request_body.decode(), one.response_body.decode()]
        if one.is_stream:
            events = [frame.json() for frame in one.frames[0] if not frame.is_done]
            parts.append("".join(event["delta"]["text"] for event in events))
    text = "\n".join(parts)
    wanted = (KEY, KEY[9:], "5ecret", "0a1b2c3d4e", "0123456789abcdef", "Zz9+" * 16)
    return [secret for secret in wanted if secret in text]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_cleaned_in_place(tmp_path: Path, name: str) -> None:
    """No secret is left, the rest reads as before, and a second run has nothing to do."""
    path = tmp_path / name
    path.write_text(FORMS[name](), encoding="utf-8")
    before = read_exchanges(path)
    assert secrets_in(before) != []
    checked = scrub("--check", path)
    assert (checked.exit_code, read_exchanges(path)) == (1, before)
    assert checked.output.startswith(f"{path}: would take out ")

    done = scrub(path)

    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"{path}: took out ")
    assert KEY not in done.output
    after = read_exchanges(path)
    assert secrets_in(after) == []
    assert "Zz9+" not in path.read_text(encoding="utf-8")
    for old, new in zip(before, after, strict=True):
        assert new.path_parts == old.path_parts
        assert new.is_stream == old.is_stream
        if old.is_stream:
            assert len(new.frames[0]) == len(old.frames[0])
        elif new.response_body:
            assert isinstance(new.response_json, dict)
        if b"\xf0\x9f" in old.request_body:
            said = re.sub(r"-\d", "", new.request_json["input"])
            assert said == "it's SCRUBBED\n\nand é😀\nSCRUBBED\nbye"
    again = scrub(path)
    assert (again.exit_code, again.output) == (0, f"{path}: nothing to take out\n")
    assert scrub("--check", path).exit_code == 0
    assert os.listdir(tmp_path) == [name]


WRITERS: dict[str, Callable[[list[Exchange]], str]] = {
    "vcrpy": lambda exchanges: by_vcrpy(exchanges, yamlserializer),
    "vcrpy-gzip": lambda exchanges: by_vcrpy(exchanges, yamlserializer, "gzip"),
    "vcrpy-json": lambda exchanges: by_vcrpy(exchanges, jsonserializer),
    "har": har,
}


@pytest.mark.parametrize("form", WRITERS)
@given(one=planted())
@settings(max_examples=60, deadline=None)
def test_a_planted_secret_is_taken_out(form: str, one: Planted) -> None:
    """Any secret in any place of any form."""
    done = scrub_text(WRITERS[form]([one.recorded.exchange]), ScrubRules())

    assert done.remaining == []
    with NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(done.text)
        file.flush()
        (kept,) = read_exchanges(Path(file.name))
    parts = [kept.uri, *kept.request_headers.values(), *kept.response_headers.values()]
    parts += [kept.request_body.decode(), kept.response_body.decode()]
    readings = [reading for part in [*parts, done.text] for reading in spelled(part)]
    if kept.is_stream:
        readings.append(said(kept))
    assert not [reading for reading in readings if one.secret in reading]
    assert kept.is_stream or isinstance(kept.response_json, dict)
    assert isinstance(kept.request_json, dict)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings beside the project")
def test_real_recordings_hold_nothing_that_looks_like_a_secret() -> None:
    """Ids, signatures, search results and redirects of the live server are no secrets."""
    done = scrub("--check", RECORDINGS)

    assert done.exit_code == 0, done.output
    assert done.output.count("nothing to take out") == len(done.output.splitlines()) > 50


def test_what_is_no_secret_keeps_its_bytes(tmp_path: Path) -> None:
    """Comments, order, other keys, quotes, folds: only the source of a secret changes."""
    text = f"""\
# our cassette
version: 1
recorded_by: "us"   # and when
interactions:
- response:
    body: {{string: '{{"id": "x", "status": "completed"}}'}}
    status: {{message: OK, code: 200}}
    headers: {{X-Odd: [a, 'b  c']}}
  request: &asked
    uri: https://example.org/v1/interactions?key={KEY}&alt=json
    method: POST
    headers:
      X-Goog-Api-Key: ["{KEY}"]
      X-Goog-Api-Client: ['it''s']
    body: >-
      {{"model": "m",
      "input": "hello"}}
  note: >
    folded
    text
"""
    path = tmp_path / "a.yaml"
    path.write_text(text)

    done = scrub(path)

    assert done.exit_code == 0
    assert done.output == f"{path}: took out 2: X-Goog-Api-Key 1, query key 1\n"
    expected = text.replace(f'"{KEY}"', '"SCRUBBED-1"').replace(KEY, "SCRUBBED-1")
    assert path.read_text() == expected


def test_lengths_follow_the_bodies(tmp_path: Path) -> None:
    """A reader that counts must not wait for bytes that are gone."""
    path = tmp_path / "a.yaml"
    path.write_text(by_vcrpy(leaky(), yamlserializer), encoding="utf-8")
    scrub(path)

    for one in read_exchanges(path):
        assert one.response_headers["content-length"] == str(len(one.response_body))


def test_what_is_in_doubt_is_told_and_the_rest_is_done(tmp_path: Path) -> None:
    """Exit 1 with the place; the options decide."""
    path = tmp_path / "a.yaml"
    one = create({"labels": {"machine_key": "a8Fk30dKx92LmQ7z"}}, {}, query=f"?key={KEY}")
    path.write_text(dump([one.exchange]))

    done = scrub(path)

    assert done.exit_code == 1
    assert "left: a random text under the name of a key at $.labels.machine_key" in done.output
    assert "a8Fk30dKx92LmQ7z" not in done.output
    assert KEY not in path.read_text()
    assert scrub("--allow-secret", "^a8F", path).exit_code == 0
    assert scrub("--scrub", "machine_key", path).exit_code == 0
    assert "a8Fk30dKx92LmQ7z" not in path.read_text()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.yaml", "interactions:\n- request: [\n", "a.yaml:3: not a YAML that can be read"),
        ("a.json", '{"a": 1}', "a.json: it holds no traffic of the Interactions API"),
        ("a.yaml", "x: \xff", "a.yaml:1: not UTF-8 text"),
    ],
)
def test_what_is_no_recording_is_not_touched(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    """Exit 2 and one sentence; the other files are done."""
    path, good = tmp_path / name, tmp_path / "good.har"
    path.write_bytes(content.encode("latin-1"))
    good.write_text(har(leaky()))

    done = scrub(path, good)

    assert done.exit_code == 2
    assert f"could not scrub {tmp_path}/{reason}" in done.output
    assert f"{good}: took out" in done.output
    assert path.read_bytes() == content.encode("latin-1")


@pytest.mark.parametrize("style", ["'", '"', "|", ">", None])
@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "it's: 'a' \"b\"",
        "one\ntwo\n\n\nthree\n",
        " edges ",
        "é😀\x85\u2028",
        "a\n  b\n",
        "",
        "\\",
    ],
)
def test_any_text_in_the_place_of_any_other(style: Any, value: str) -> None:
    """Whatever the style was, the new text reads as it should, and the neighbours as before."""
    old = "some old text\nof two lines\n\nand more\n"
    document = {"a": [{"b": old, "c": "next"}], "d": "last\n"}
    text = yaml.dump(document, default_style=style, allow_unicode=True)
    cells = yaml_texts(text)
    values = [value if cell.path == ("a", 0, "b") else cell.value for cell in cells]

    new = yaml.safe_load(replace_texts(text, cells, values))

    assert new == {"a": [{"b": value, "c": "next"}], "d": "last\n"}
