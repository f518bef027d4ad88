"""Recordings of other tools, in the forms in which they write them: read, or refused by name.

The forms are those of files in public repositories; the contents are invented. What is not empty is
never read as empty, and what is no body of the API never as one.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from click.testing import CliRunner, Result

from fakegemini import Cut, Fake, Request
from fakegemini.cli import main
from fakegemini.errors import NotStarted, Unreadable
from fakegemini.record.modes import MODES
from fakegemini.record.writer import open_recording
from fakegemini.recordings.cassette import load_cassette
from fakegemini.recordings.exchange import Exchange
from tests.odd_recordings import CONTAINERS, plain

ANSWER = plain()["an answer"]
STREAM = plain()["a stream"]
SECRET = "sk-live" + "Qm3v8ZtY7wKd2LpR5xNb9HcJ4TfVs6Gz"
BODY = ANSWER.response_body.decode()


def run(*arguments: str | Path) -> Result:
    """Run a command; a traceback is an error here."""
    answer = CliRunner().invoke(main, list(map(str, arguments)))
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer


def write(path: Path, text: str) -> Path:
    """Write a file whose text may stand for bytes."""
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return path


def loaded(path: Path) -> list[Exchange]:
    """Read the exchanges of a file."""
    return [recorded.exchange for recorded in load_cassette(path).exchanges]


def reason(path: Path) -> str:
    """Return why a file is refused, in one line; every command that reads says the same."""
    with pytest.raises(Unreadable) as caught:
        load_cassette(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(str(path))
    for command in ("check", "show", "verify"):
        answer = run(command, path)
        assert answer.exit_code == 2, command
        assert text in answer.output, command
    out = path.with_name("converted.yaml")
    answer = run("convert", path, "--out", out)
    assert answer.exit_code == 2
    assert text in answer.output
    assert not out.exists()
    assert run("scrub", "--check", path).exit_code == 2
    return text.removeprefix(str(path)).lstrip(":0123456789 ")


UNREAD: dict[str, tuple[str, Any]] = {
    "aimock": ("aimock", {"fixtures": [{"match": {}, "response": {}}]}),
    "aimock, a list": ("aimock", [{"match": {}, "response": {}}]),
    "Charles": ("Charles", [{"status": "COMPLETE", "method": "POST", "scheme": "https",
                "host": "generativelanguage.googleapis.com", "path": "/v1beta/interactions",
                "request": {"body": {"text": "{}"}}, "response": {"body": {"text": "{}"}}}]),
    "go-replayers": ("go-replayers", {"Initial": "", "Version": "0.2", "Entries": [
                {"ID": "1", "Request": {"URL": ANSWER.uri, "BodyParts": ["e30="]}}]}),
    "google-genai": ("replays of google-genai", {"replay_id": "a", "interactions": [{"request": {
                "method": "post", "url": ANSWER.uri, "body_segments": [{"input": "Hi"}]},
                "response": {"status_code": 200, "body_segments": [{"status": "completed"}]}}]}),
    "Hoverfly": ("Hoverfly", {"data": {"pairs": []}, "meta": {"schemaVersion": "v5"}}),
    "Insomnia 4": ("Insomnia", {"_type": "export", "__export_format": 4, "resources": []}),
    "Insomnia 5": ("Insomnia", {"type": "collection", "schema_version": "5.0", "collection": []}),
    "Mountebank": ("Mountebank", {"imposters": [{"port": 1, "protocol": "http", "stubs": []}]}),
    "Mountebank, one": ("Mountebank", {"port": 1, "protocol": "http", "stubs": []}),
    "Pact": ("Pact", {"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [{
                "request": {"method": "POST", "path": "/v1beta/interactions", "body": {}},
                "response": {"status": 200, "body": {"status": "completed"}}}]}),
    "Postman": ("Postman", {"info": {"_postman_id": "1"}, "item": []}),
    "the responses library": ("the responses library", {"responses": [{"response": {}}]}),
    "WireMock": ("WireMock", {"mappings": [{"request": {}, "response": {}}]}),
    "WireMock, one": ("WireMock", {"id": "a", "request": {"url": "/v1beta/interactions"},
                "response": {"status": 200, "jsonBody": {"status": "completed"}}}),
    "cassetter, gRPC": ("cassetter, of gRPC alone", {"version": 1, "grpc_interactions": []}),
    "cassetter, sockets": ("cassetter, of WebSockets alone", {"version": 1, "ws_interactions": []}),
}  # fmt: skip
"""The tools that are not read: how they are called, and what they write."""


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
@pytest.mark.parametrize("name", UNREAD)
def test_tools_that_are_not_read_are_named(name: str, suffix: str, tmp_path: Path) -> None:
    """Never taken for a file without traffic, nor for an answer."""
    tool, value = UNREAD[name]
    text = json.dumps(value) if suffix == ".json" else yaml.safe_dump(value)
    path = write(tmp_path / f"it{suffix}", text)

    assert reason(path).startswith(f"a file of {tool}, which is not read")


def _zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("har.har", "{}")
    return archive.getvalue()


YAML_TEXT = CONTAINERS["YAML"][1](ANSWER, ANSWER.response_body)

FILES: dict[str, tuple[bytes, str]] = {
    "a zip": (_zipped(), "a zip archive, as Playwright (`har.zip`) and Fiddler write: unpack it"),
    "zstd": (b"\x28\xb5\x2f\xfd1", "packed with zstd: unpack it first"),
    "bzip2": (bz2.compress(b"a"), "packed with bzip2: unpack it first"),
    "xz": (lzma.compress(b"a"), "packed with xz: unpack it first"),
    "SQLite": (b"SQLite format 3\x00", "a database of SQLite, no recording that is read"),
    "UTF-16": (YAML_TEXT.encode("utf-16"), "text in UTF-16: save it as UTF-8"),
    "half a gzip": (
        gzip.compress(YAML_TEXT.encode())[:-20],
        "it is packed and cannot be unpacked: it ends too early",
    ),
    "mitmproxy's own": (
        b"9:websocket;0:~8:response;",
        "flows of mitmproxy, which are not read: export them as HAR (`mitmdump -nr FILE --set ",
    ),
    "two documents": (
        f"{YAML_TEXT}---\n{YAML_TEXT}".encode(),
        "a second document of YAML begins here, and a recording is one: make a file of each, or",
    ),
    "git-lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 123\n",
        "a pointer of git-lfs, and not the recording: fetch that with `git lfs pull`",
    ),
    "git-annex": (
        b"/annex/objects/SHA256E-s12345--4d7a21.yaml\n",
        "a pointer of git-annex, and not the recording: fetch that with `git annex get`",
    ),
    "git-crypt": (b"\0GITCRYPT\0\x12\x34", "locked by git-crypt: `git-crypt unlock` first"),
    "a link": (
        b"../shared/tides.yaml",
        "a link that git wrote as a text, and not the recording, which is '../shared/tides.yaml': ",
    ),
    "sops": (
        b"interactions: ENC[AES256_GCM,data:p67,type:str]\nsops:\n  version: 3.7.1\n",
        "it is encrypted with sops: `sops decrypt` it first",
    ),
    "Ansible Vault": (b"$ANSIBLE_VAULT;1.1;AES256\n6231\n", "it is encrypted with Ansible Vault: "),
    "age": (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "it is encrypted: decrypt it first"),
    "a page": (b"\n<!DOCTYPE html>\n<html lang='en'>", "an HTML page, and no recording: "),
    "a patch": (b"diff --git a/tides.yaml b/tides.yaml\n", "a patch, and no recording: apply it"),
    "Markdown": (f"```yaml\n{YAML_TEXT}```\n".encode(), "Markdown, and no recording: take what"),
    "httprr": (b"httprr trace v1\n3 4\nabcdefg", "a file of httprr for Go, which is not read; "),
    "curl -i": (b"HTTP/2 200 \r\ncontent-type: a\r\n\r\n{}", "HTTP as a text, as `curl -i` "),
    "a raw request": (b"POST /v1beta/interactions HTTP/1.1\r\n\r\n{}", "HTTP as a text, as "),
    "comments": (b"// recorded\n{}", "JSON with comments, which JSON has not: take them out"),
    "packets": (b"\xd4\xc3\xb2\xa1\x02\0", "packets of a network (pcap), which are not read"),
    "Charles's own": (b"\xac\xed\x00\x05sr", "a session of Charles, which is not read: export it"),
    "one marker": (
        YAML_TEXT.replace("version:", "=======\nversion:").encode(),
        "a conflict marker from git; resolve it first",
    ),
    "the marker of the base": (
        YAML_TEXT.replace("version:", "||||||| 3f2c1\nversion:").encode(),
        "a conflict marker from git; resolve it first",
    ),
    "a marker with CRLF": (
        YAML_TEXT.replace("version:", "=======\nversion:").replace("\n", "\r\n").encode(),
        "a conflict marker from git; resolve it first",
    ),
    "tabs": (YAML_TEXT.replace("\n  ", "\n\t").encode(), "not a YAML that can be read: found char"),
    "a foreign tag": (
        YAML_TEXT.replace("method: ", "method: !sealed ").encode(),
        "not a YAML that can be read: could not determine a constructor for the tag '!sealed'",
    ),
    "no list": (b"interactions: null\nversion: 1\n", "no cassette: its `interactions` are no list"),
    "version 2": (
        YAML_TEXT.replace("version: 1", "version: 2").encode(),
        "a cassette of version 2; only version 1 is known",
    ),
    "two in a line": (
        2 * CONTAINERS["JSON"][1](ANSWER, ANSWER.response_body).encode().replace(b"\n", b""),
        "not JSON: Extra data (column ",
    ),
    "a cassette a line": (
        2 * (json.dumps(yaml.safe_load(YAML_TEXT), default=bytes.decode).encode() + b"\n"),
        "more than one recording in one file: make a file of each",
    ),
    "another object": (
        b'{"handlers": []}',
        "it holds no traffic of the Interactions API in a form",
    ),
}
"""Files as a whole, and what is said of each."""


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_recording_are_named(name: str, tmp_path: Path) -> None:
    """By what they are."""
    content, expected = FILES[name]
    path = tmp_path / "it.yaml"
    path.write_bytes(content)

    assert reason(path).startswith(expected)


def entry(**changes: Any) -> dict[str, Any]:
    """An entry of VCR; members named as in `response_body` are changed, or gone if `...`."""
    made: dict[str, Any] = {
        "request": {
            "method": "POST",
            "uri": ANSWER.uri,
            "headers": {"content-type": ["application/json"]},
            "body": ANSWER.request_body.decode(),
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["application/json"]},
            "body": {"string": BODY},
        },
    }
    for name, value in changes.items():
        message, _, member = name.partition("_")
        if value is ...:
            del made[message][member]
        else:
            made[message][member] = value
    return made


PACKED_BODY = gzip.compress(BODY.encode(), mtime=0)
IN_BASE64 = base64.b64encode(BODY.encode()).decode()

READ_BODIES: dict[str, Any] = {
    "a text": BODY,
    "a list of texts": [BODY[:9], BODY[9:]],
    "JSON": json.loads(BODY),
    "string of JSON": {"string": json.loads(BODY)},
    "string of texts": {"string": [BODY]},
    "chunks": {"chunks": [BODY[:9], BODY[9:]]},
    "base64": {"base64_string": IN_BASE64},
    "base64 in lines": {"base64_string": base64.encodebytes(BODY.encode()).decode()},
    "base64 and an empty string": {"base64_string": IN_BASE64, "string": ""},
    "a string and empty base64": {"base64_string": "", "string": BODY},
    "packed in base64": {"base64_string": base64.b64encode(PACKED_BODY).decode()},
    "packed in hexadecimal digits": PACKED_BODY.hex(),
    "of cassetter": {"type": "binary", "content": BODY.encode().hex()},
}
"""Bodies in the forms of recorders, all of the same answer."""


@pytest.mark.parametrize("name", READ_BODIES)
def test_a_body_in_each_form_is_the_same(name: str, tmp_path: Path) -> None:
    """As it is read."""
    text = yaml.safe_dump({"interactions": [entry(response_body=READ_BODIES[name])], "version": 1})
    (exchange,) = loaded(write(tmp_path / "it.yaml", text))

    assert exchange.response_json == ANSWER.response_json


CASSETTER = """version: 1
interactions:
- request:
    method: POST
    uri: {uri}
    headers: {{}}
    body:
      type: json
      content:
        model: m
        input: Hi
  response:
    status: 200
    headers: {{}}
    body:
      type: json
      content:
        status: completed
        created: 2026-10-08T10:00:00Z
        member: {value}
  recorded_at: 2026-10-01T10:00:00Z
"""
PLAIN_VALUES: dict[str, Any] = {
    "2026-10-08T10:00:00Z": "2026-10-08T10:00:00Z",
    "2026-10-08": "2026-10-08",
    "12:30": "12:30",
    "1:59:59.5": "1:59:59.5",
    "0123": "0123",
    "0x1F": "0x1F",
    "1_000": "1_000",
    "yes": "yes",
    "on": "on",
    "=": "=",
    "1e3": 1000.0,
    "1.5": 1.5,
    "-7": -7,
    "1.0e+22": 1e22,
    "true": True,
    "null": None,
    "~": None,
    "'12'": "12",
}
"""Plain values of YAML and what they stand for: those of JSON."""


@pytest.mark.parametrize("spelled", PLAIN_VALUES)
def test_a_plain_value_of_yaml_is_what_json_had(spelled: str, tmp_path: Path) -> None:
    """cassetter writes bodies as YAML 1.2, in which dates and times of day need no quotes."""
    path = write(tmp_path / "it.yaml", CASSETTER.format(uri=ANSWER.uri, value=spelled))

    (exchange,) = loaded(path)

    expected = PLAIN_VALUES[spelled]
    assert exchange.response_json["created"] == "2026-10-08T10:00:00Z"
    assert exchange.response_json["member"] == expected
    assert type(exchange.response_json["member"]) is type(expected)


REFUSED_BODIES: dict[str, tuple[Any, str]] = {
    "gone": (..., "response has no `body`, so what was answered is not known"),
    "a number": (5, "response.body is a number, neither a text nor base64"),
    "false": (False, "response.body is a boolean, neither a text nor base64"),
    "in a file": ({"file": "a.json"}, "response.body is an object of `file`: no form of a body"),
    "a text of its own": ({"text": BODY}, "response.body is an object of `text`: no form"),
    "data": ({"data": BODY}, "response.body is an object of `data`: no form of a body"),
    "another type": ({"type": "base64", "content": IN_BASE64}, "response.body is an object of"),
    "no base64": ({"base64_string": "***"}, "response.body.base64_string is no base64: "),
    "base64 of null": (
        {"base64_string": None},
        "response.body.base64_string is no base64 but null",
    ),
    "unmarked base64": (IN_BASE64, "response.body is base64, and nothing beside it says so: "),
    "unmarked base64, packed": (base64.b64encode(PACKED_BODY).decode(), "response.body is base64"),
    "none, and there": (
        {"type": "none", "content": BODY},
        "response.body.content is there, though the type beside it says that there is none",
    ),
    "text of null": (
        {"type": "text", "content": None},
        "response.body.content is null, not a text",
    ),
}
"""Bodies that were not kept, or are in no form that we know."""


@pytest.mark.parametrize("name", REFUSED_BODIES)
def test_a_body_in_no_form_is_an_error(name: str, tmp_path: Path) -> None:
    """With the exchange and the path; it is never an empty one, nor the answer itself."""
    body, expected = REFUSED_BODIES[name]
    text = yaml.safe_dump({"interactions": [entry(response_body=body)], "version": 1})
    path = write(tmp_path / "it.yaml", text)

    assert reason(path).startswith(f"exchange 1: {expected}")


STATUSES: dict[str, tuple[Any, int | None]] = {
    "a text": ("200", 200),
    "a line": ("200 OK", 200),
    "a fraction": (200.0, 200),
    "negative": (-1, None),
    "huge": (10**30, None),
    "zero": (0, None),
    "an interim answer": (101, None),
    "null": (None, None),
    "true": (True, None),
    "infinite": (float("inf"), None),
}


@pytest.mark.parametrize("name", STATUSES)
def test_a_status_is_one_or_an_error(name: str, tmp_path: Path) -> None:
    """Whatever a recorder wrote it as."""
    status, expected = STATUSES[name]
    text = yaml.safe_dump({"interactions": [entry(response_status=status)], "version": 1})
    path = write(tmp_path / "it.yaml", text)

    if expected is None:
        assert reason(path).startswith("exchange 1: response.status is ")
    else:
        assert loaded(path)[0].status == expected


HEADERS: dict[str, tuple[Any, str | None]] = {
    "pairs": ([["Content-Type", "application/json"]], "application/json"),
    "names and values in turn": (["Content-Type", "application/json"], "application/json"),
    "objects": ([{"name": "Content-Type", "value": "application/json"}], "application/json"),
    "texts": ({"content-type": "application/json"}, "application/json"),
    "two values": ({"content-type": ["application/json", "text/html"]}, "application/json"),
    "HTTP/2's own": ({":status": ["200"], "content-type": "application/json"}, "application/json"),
    "numbers": ({"content-type": "application/json", "x-count": 1}, "application/json"),
    "null": (None, ""),
    "an empty list": ([], ""),
    "a text": ("content-type: application/json", None),
    "an object of names": ([{"content-type": "application/json"}], None),
    "a name with a space": ({"content type": ["application/json"]}, None),
    "an object for a value": ({"content-type": {"a": 1}}, None),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_in_each_form(name: str, tmp_path: Path) -> None:
    """As recorders write them; no other is left out without a word."""
    headers, expected = HEADERS[name]
    text = yaml.safe_dump({"interactions": [entry(response_headers=headers)], "version": 1})
    path = write(tmp_path / "it.yaml", text)

    if expected is None:
        assert reason(path).startswith("exchange 1: response.headers")
    else:
        assert loaded(path)[0].content_type == expected


HAR_CONTENTS: dict[str, tuple[dict[str, Any], str]] = {
    "Playwright, attached": (
        {"size": 9, "_file": "a.json"},
        "response.content has its body in another file, 'a.json', which is not read: record it "
        "into the HAR itself (Playwright: `content: 'embed'`)",
    ),
    "an empty text": (
        {"size": 700, "text": ""},
        "response.content has an empty `text`, though its size is 700: the body was not kept",
    ),
    "wrongly base64": (
        {"encoding": "base64", "text": BODY},
        "response.content.text is no base64: ",
    ),
    "unmarked base64": ({"text": IN_BASE64}, "response.body is base64, and nothing beside it says"),
    "an object": ({"text": json.loads(BODY)}, "response.content.text is no text"),
    "another encoding": (
        {"encoding": "base91", "text": "a"},
        "response.content.encoding is 'base91', no way of writing bytes that we know",
    ),
}
"""What stands in `content` where a body was not kept, or cannot be read."""


@pytest.mark.parametrize("name", HAR_CONTENTS)
def test_a_har_without_its_body_is_an_error(name: str, tmp_path: Path) -> None:
    """With the entry and the path."""
    content, expected = HAR_CONTENTS[name]
    har = json.loads(CONTAINERS["HAR"][1](ANSWER, b""))
    har["log"]["entries"][0]["response"]["content"] = content
    path = write(tmp_path / "it.har", json.dumps(har))

    assert reason(path).startswith(f"entry 1: {expected}")


STREAMS: dict[str, Callable[[bytes], bytes]] = {
    "CRLF": lambda body: body.replace(b"\n", b"\r\n"),
    "CR": lambda body: body.replace(b"\n", b"\r"),
    "a byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "comments": lambda body: b": ping\n\n" + body.replace(b"\n\n", b"\n\n: ping\n\n"),
    "retry": lambda body: b"retry: 500\n\n" + body,
    "ids": lambda body: body.replace(b"data:", b"id: 4\ndata:"),
    "no space behind the colon": lambda body: body.replace(b"event: ", b"event:"),
    "data in lines": lambda body: body.replace(b"data: {", b"data: {\ndata: "),
    "other fields": lambda body: body.replace(b"data:", b"foo: bar\ndata:"),
}
"""The same event stream in other words (HTML standard, 9.2.6)."""


@pytest.mark.parametrize("name", STREAMS)
def test_an_event_stream_in_other_words_has_the_same_events(name: str, tmp_path: Path) -> None:
    """In a cassette and alone; `show` shows the same as of the plain one."""
    body = STREAMS[name](STREAM.response_body)
    shown = {}
    for title, each in (("plain", STREAM.response_body), ("odd", body)):
        (tmp_path / title).mkdir()
        path = write(tmp_path / title / "it.yaml", CONTAINERS["YAML"][1](STREAM, each))
        alone = tmp_path / title / "it.sse"
        alone.write_bytes(each)
        assert run("check", path, alone).exit_code == 0, run("check", path, alone).output
        shown[title] = [run("show", file).output.split("\n", 1)[1] for file in (path, alone)]
        assert loaded(path)[0].response_body.replace(b"\r\n", b"\n").strip()

    assert shown["odd"] == shown["plain"]


@pytest.mark.parametrize("name", STREAMS)
def test_an_event_stream_in_other_words_is_replayed_whole(name: str, tmp_path: Path) -> None:
    """Each of its events comes, and the connection is not cut at the end."""
    body = STREAMS[name](STREAM.response_body)
    fake = Fake()
    fake.play(write(tmp_path / "it.yaml", CONTAINERS["YAML"][1](STREAM, body)))
    path = urlsplit(STREAM.uri).path
    headers = tuple(STREAM.request_headers.items())

    reply = fake.handle(Request("POST", path, (), headers, STREAM.request_body))

    beats = list(reply.beats)
    played = b"".join(beat for beat in beats if isinstance(beat, bytes))
    assert not any(isinstance(beat, Cut) for beat in beats)
    assert played.count(b"event_type") == STREAM.response_body.count(b"event_type")
    assert b"[DONE]" in played


@pytest.mark.parametrize("container", [name for name in CONTAINERS if "TOML" not in name])
def test_a_secret_in_a_recording_of_any_tool_is_taken_out(container: str, tmp_path: Path) -> None:
    """However its bytes are written; what cannot be looked into is never clean."""
    suffix, spell = CONTAINERS[container]
    body = ANSWER.response_body.replace(b'"text":"', f'"text":"{SECRET} '.encode())
    assert SECRET.encode() in body
    path = write(tmp_path / f"it{suffix}", spell(ANSWER, body))
    assert SECRET.encode() in loaded(path)[0].response_body

    checked = run("scrub", "--check", path)
    answer = run("scrub", path)

    assert checked.exit_code == 1
    if answer.exit_code:
        assert "so it cannot be looked into" in answer.output
    else:
        assert SECRET.encode() not in loaded(path)[0].response_body
        assert b"SCRUBBED-1" in loaded(path)[0].response_body


def test_a_packed_cassette_stays_packed(tmp_path: Path) -> None:
    """Scrubbed in place, converted to another, found in a folder."""
    body = ANSWER.response_body.replace(b'"text":"', f'"text":"{SECRET} '.encode())
    path = tmp_path / "it.yaml.gz"
    path.write_bytes(gzip.compress(CONTAINERS["YAML"][1](ANSWER, body).encode()))

    assert run("scrub", tmp_path).exit_code == 0
    assert SECRET not in gzip.decompress(path.read_bytes()).decode()
    assert run("check", tmp_path).exit_code == 0
    assert run("convert", path, "--out", tmp_path / "out.json.gz").exit_code == 0
    json.loads(gzip.decompress((tmp_path / "out.json.gz").read_bytes()))
    assert run("convert", tmp_path, "--out", f"{tmp_path / 'folder'}/").exit_code == 0
    assert [file.name for file in sorted((tmp_path / "folder").iterdir())] == [
        "it.yaml",
        "out.yaml",
    ]


VCRPY = {"YAML", "JSON", "pydantic-ai", "vcrpy 4 with httpx"}
"""Those that vcrpy reads as we write them."""


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_file_of_another_tool_is_never_rewritten(container: str, tmp_path: Path) -> None:
    """Its tool could not read it any more; that of vcrpy stays one of vcrpy."""
    suffix, spell = CONTAINERS[container]
    path = write(tmp_path / f"it{suffix}", spell(ANSWER, ANSWER.response_body))
    before = path.read_bytes()

    if container in VCRPY:
        with open_recording(path, MODES["all"], say=print) as made:
            assert made.exchanges == []
        return
    with (
        pytest.raises((NotStarted, Unreadable)) as caught,
        open_recording(path, MODES["rewrite"], say=print),
    ):
        pytest.fail("it would be rewritten")
    assert str(caught.value).startswith(str(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize("sign", [*"1aAfF0/_-%=\\ \n", "1a", "aB", "%41", "\\u0041", "1/", "a."])
def test_a_text_of_one_sign_is_scrubbed(sign: str, tmp_path: Path) -> None:
    """However long: no pattern reads one part of it in several ways. 401 digits hung for ever."""
    body = {"status": "completed", "steps": [], "id": sign * 2000, "x": f"{sign * 401}!"}
    held = {"string": json.dumps(body)}
    text = json.dumps({"interactions": [entry(response_body=held)], "version": 1})

    assert "Traceback" not in run("scrub", "--check", write(tmp_path / "it.json", text)).output
