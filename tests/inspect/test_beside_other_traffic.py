"""Recordings in which the Interactions API is not alone, and whose bodies lie beside the file.

What is odd in an exchange with another API costs that exchange, in one of ours the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from fakegemini import Fake, Request
from fakegemini.cli import main
from fakegemini.errors import Unreadable
from fakegemini.recordings.cassette import load_cassette
from tests.odd_recordings import CONTAINERS, Entry, plain

ANSWER = plain()["an answer"]
OTHER = "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:generateContent"

ODD_ENTRIES: dict[str, Callable[[Entry], None]] = {
    "no answer": lambda entry: entry.pop("response"),
    "no body": lambda entry: entry["response"].pop("body"),
    "an unknown body": lambda entry: entry["response"].update(body={"shape": 1}),
    "a status of 101": lambda entry: entry["response"].update(status=101),
    "no base64": lambda entry: entry["response"].update(body={"base64_string": "%"}),
    "a header with a space": lambda entry: entry["response"].update(headers={"a b": "c"}),
    "a body beside it": lambda entry: entry["request"].update(
        body={"path": "a.bin", "sha256": "4d7a"}
    ),
}
"""What may be odd in an entry of a cassette."""


def entries(uri: str, spoil: Callable[[Entry], Any]) -> str:
    """A cassette of a whole exchange with the API, and an odd one with `uri`."""
    cassette = json.loads(CONTAINERS["JSON"][1](ANSWER, ANSWER.response_body))
    odd = json.loads(json.dumps(cassette["interactions"][0]))
    odd["request"]["uri"] = uri
    spoil(odd)
    cassette["interactions"].append(odd)
    return json.dumps(cassette)


def ask(path: Path) -> int:
    """Play a file, and return the status of what it answers."""
    fake = Fake()
    fake.play(path)
    headers = tuple(ANSWER.request_headers.items())
    reply = fake.handle(Request("POST", "/v1/interactions", (), headers, ANSWER.request_body))
    b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
    return reply.status


@pytest.mark.parametrize("name", ODD_ENTRIES)
def test_what_is_odd_in_another_api_costs_itself(name: str, tmp_path: Path) -> None:
    """The file is read, checked and replayed; the same in an exchange of ours is an error."""
    path = tmp_path / "it.json"
    path.write_text(entries(OTHER, ODD_ENTRIES[name]))

    assert [recorded.exchange.status for recorded in load_cassette(path).exchanges] == [200, None]
    assert ask(path) == 200
    checked = CliRunner().invoke(main, ["check", str(path)])
    assert checked.output == "check: 1 file, 1 exchange, 0 violations, 0 drift\n"
    converted = CliRunner().invoke(main, ["convert", str(path), "--out", str(tmp_path / "b.yaml")])
    assert "1 left out" in converted.output

    path.write_text(entries(ANSWER.uri, ODD_ENTRIES[name]))
    with pytest.raises(Unreadable, match="exchange 2: re"):
        load_cassette(path)


HAR_ENTRIES: dict[str, Entry] = {
    "a WebSocket": {
        "request": {"method": "GET", "url": "wss://example.com/socket", "headers": []},
        "response": {"status": 101, "headers": [], "content": {"size": 0}},
    },
    "what the browser had": {
        "request": {"method": "GET", "url": "https://example.com/a.png", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"encoding": "br", "text": "a"}},
    },
    "an extension": {
        "request": {"method": "GET", "url": "chrome-extension://abc/a.js", "headers": []},
        "response": {"status": 200, "headers": [{"name": "a b", "value": ""}], "content": {}},
    },
    "no answer": {"request": {"method": "GET", "url": "data:text/plain,a", "headers": []}},
}
"""What a browser's HAR holds beside the API."""


@pytest.mark.parametrize("name", HAR_ENTRIES)
def test_what_else_a_browser_does_costs_itself(name: str, tmp_path: Path) -> None:
    """Before it and behind it."""
    har = json.loads(CONTAINERS["HAR"][1](ANSWER, ANSWER.response_body))
    har["log"]["entries"] = [HAR_ENTRIES[name], *har["log"]["entries"], HAR_ENTRIES[name]]
    path = tmp_path / "it.har"
    path.write_text(json.dumps(har))

    assert ask(path) == 200
    statuses = [recorded.exchange.status for recorded in load_cassette(path).exchanges]
    assert statuses == [None, 200, None]


def seinfeld(folder: Path, *, uri: str = ANSWER.uri) -> tuple[Path, Path]:
    """A cassette of seinfeld whose second answer lies beside it, and that file."""
    cassette = json.loads(CONTAINERS["seinfeld"][1](ANSWER, ANSWER.response_body))
    digest = hashlib.sha256(ANSWER.response_body).hexdigest()
    entry = json.loads(json.dumps(cassette["entries"][0]))
    entry["request"]["url"] = uri
    name = f"it.cassette.blobs/{digest}.bin"
    entry["response"]["body"] = {"kind": "binary", "path": name, "sha256": digest}
    cassette["entries"].append(entry)
    path = folder / "it.cassette.json"
    path.write_text(json.dumps(cassette))
    blob = folder / name
    blob.parent.mkdir()
    blob.write_bytes(ANSWER.response_body)
    return path, blob


def test_a_body_beside_the_file_is_read(tmp_path: Path) -> None:
    """From the folder that seinfeld makes for it."""
    path, _ = seinfeld(tmp_path)

    bodies = [recorded.exchange.response_body for recorded in load_cassette(path).exchanges]
    assert bodies == [ANSWER.response_body] * 2


def test_a_body_beside_the_file_is_it_or_an_error(tmp_path: Path) -> None:
    """Gone, altered, or anywhere else on the disk; one of another API costs itself."""
    path, blob = seinfeld(tmp_path)
    reason = "exchange 2: response.body lies in a file beside this one, 'it.cassette.blobs/"
    blob.write_bytes(b"{}")
    with pytest.raises(Unreadable, match=reason):
        load_cassette(path)
    blob.unlink()
    with pytest.raises(Unreadable, match=reason):
        load_cassette(path)
    secret = tmp_path / "elsewhere.bin"
    secret.write_bytes(b"{}")
    value = json.loads(path.read_text())
    digest = hashlib.sha256(b"{}").hexdigest()
    for name in (str(secret), "../elsewhere.bin", f"other/{digest}.bin", "elsewhere.bin"):
        value["entries"][1]["response"]["body"] |= {"path": name, "sha256": digest}
        path.write_text(json.dumps(value))
        with pytest.raises(Unreadable, match=r"exchange 2: response\.body lies in a file"):
            load_cassette(path)

    blob.parent.rmdir()
    path, blob = seinfeld(tmp_path, uri=OTHER)
    blob.unlink()
    assert [recorded.exchange.status for recorded in load_cassette(path).exchanges] == [200, None]
    assert ask(path) == 200


def test_a_secret_in_pieces_or_beside_the_file_is_named(tmp_path: Path) -> None:
    """What `scrub` does not write there is left, and said; a converted cassette is without it."""
    key = "sk-live" + "Qm3v8ZtY7wKd2LpR5xNb9HcJ4TfVs6Gz"
    body = ANSWER.response_body.replace(b'"text":"', f'"text":"{key} '.encode())
    split = body.index(key.encode()) + 12
    value = [
        {
            "request": {"method": "POST", "url": ANSWER.uri, "body": {"model": "m", "input": "a"}},
            "response": {"status": 200, "chunks": [body[:split].decode(), body[split:].decode()]},
            "hash": "f98adc5a",
        }
    ]
    pieces = tmp_path / "pieces.json"
    pieces.write_text(json.dumps(value))

    for arguments in (["scrub", "--check"], ["scrub"]):
        answer = CliRunner().invoke(main, [*arguments, str(pieces)])
        assert answer.exit_code == 1
        assert "an API key at $.steps[1].content[0].text in the answer of exchange 1, which" in (
            answer.output
        )
    out = tmp_path / "out.yaml"
    assert CliRunner().invoke(main, ["convert", str(pieces), "--out", str(out)]).exit_code == 0
    assert key not in out.read_text()

    path, blob = seinfeld(tmp_path)
    blob.rename(blob.with_name(f"{hashlib.sha256(body).hexdigest()}.bin"))
    path.write_text(path.read_text().replace(blob.stem, hashlib.sha256(body).hexdigest()))
    (blob.parent / f"{hashlib.sha256(body).hexdigest()}.bin").write_bytes(body)
    answer = CliRunner().invoke(main, ["scrub", "--check", str(path)])
    assert "in the answer of exchange 2, which is in pieces or beside the file" in answer.output


def test_documents_of_httpmock_are_its_exchanges(tmp_path: Path) -> None:
    """With their query, by any name of the file; what only matches is an error."""
    first = yaml.safe_load(CONTAINERS["httpmock"][1](ANSWER, ANSWER.response_body))
    first["when"]["query_param"] = [{"name": "alt", "value": "sse"}]
    models = {"when": {"path": "/v1/models", "method": "GET"}, "then": {"status": 200}}
    for name, start in (("it.yaml", ""), ("it.mock", "---\n")):
        path = tmp_path / name
        path.write_text(start + yaml.safe_dump_all([first, models], sort_keys=False))
        exchanges = [recorded.exchange for recorded in load_cassette(path).exchanges]
        assert [exchange.path_parts[-1] for exchange in exchanges] == ["interactions", "models"]
        assert exchanges[0].query == {"alt": "sse"}
        assert ask(path) == 200
        scrubbed = CliRunner().invoke(main, ["scrub", str(path)])
        assert scrubbed.output.endswith("nothing to take out\n")

    first["when"]["body_includes"] = [first["when"].pop("body")]
    path.write_text(yaml.safe_dump(first))
    with pytest.raises(Unreadable, match=r"exchange 1: when.body_includes is a matcher of httpm"):
        load_cassette(path)
