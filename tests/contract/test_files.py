"""Files of every kind, good and bad, and what the command says of them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
import yaml
from click.testing import CliRunner, Result
from vcr.request import Request
from vcr.serialize import serialize
from vcr.serializers import jsonserializer, yamlserializer

from fakegemini.cli import main
from fakegemini.contract import Unreadable, check
from fakegemini.contract.checker import check_paths
from fakegemini.recordings.exchange import Exchange
from fakegemini.recordings.read import read_exchanges
from tests.scenarios import Client, chain, dump, stream


def recording(scenario: Callable[[Client], None]) -> list[Exchange]:
    """A scenario's exchanges."""
    client = Client()
    scenario(client)
    return client.exchanges


def by_vcrpy(exchanges: list[Exchange], serializer: Any, coding: str = "") -> str:
    """A cassette as stock vcrpy writes it, the answers packed or not."""
    packers: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}
    requests, responses = [], []
    for each in exchanges:
        requests.append(Request(each.method, each.uri, each.request_body, each.request_headers))
        headers = {name: [value] for name, value in each.response_headers.items()}
        payload = packers[coding](each.response_body) if coding else each.response_body
        if coding:
            headers["Content-Encoding"] = [coding]
        status = {"code": each.status, "message": "OK"}
        responses.append({"status": status, "headers": headers, "body": {"string": payload}})
    written: str = serialize({"requests": requests, "responses": responses}, serializer)
    return written


def har(exchanges: list[Exchange]) -> str:
    """A HAR as browsers and proxies write it, with a preflight that is not ours."""

    def listed(headers: dict[str, str]) -> list[dict[str, str]]:
        return [{"name": name.title(), "value": value} for name, value in headers.items()]

    entries: list[Any] = [
        {
            "request": {
                "method": each.method,
                "url": each.uri,
                "headers": listed(each.request_headers),
                "postData": {"text": each.request_body.decode()},
            },
            "response": {
                "status": each.status,
                "headers": listed(each.response_headers),
                "content": {"text": each.response_body.decode()},
            },
        }
        for each in exchanges
    ]
    preflight: dict[str, Any] = {
        "request": {"method": "OPTIONS", "url": exchanges[0].uri, "headers": [], "postData": None},
        "response": {"status": 204, "headers": [], "content": None},
    }
    return json.dumps({"log": {"version": "1.2", "entries": [*entries, preflight]}})


def lines(exchanges: list[Exchange]) -> str:
    """The events of a stream, one a line."""
    frames = [frame for frame in exchanges[0].frames[0] if not frame.is_done]
    return "\n".join([*(frame.data for frame in frames), "[DONE]", ""])


FORMS: dict[str, tuple[str, Callable[[], str | bytes], int]] = {
    "ours": ("a.yaml", lambda: dump(recording(chain)), 3),
    "vcrpy": ("a.yaml", lambda: by_vcrpy(recording(chain), yamlserializer), 3),
    "vcrpy-stream": ("a.yaml", lambda: by_vcrpy(recording(stream), yamlserializer), 1),
    "vcrpy-gzip": ("a.yaml", lambda: by_vcrpy(recording(chain), yamlserializer, "gzip"), 3),
    "vcrpy-deflate": ("a.yaml", lambda: by_vcrpy(recording(chain), yamlserializer, "deflate"), 3),
    "vcrpy-json": ("a.json", lambda: by_vcrpy(recording(chain), jsonserializer), 3),
    "har": ("a.har", lambda: har(recording(chain)), 3),
    "interaction": ("a.json", lambda: recording(chain)[0].response_body, 1),
    "bodies": (
        "a.json",
        lambda: json.dumps([each.response_json for each in recording(chain)]),
        3,
    ),
    "request": ("a.json", lambda: recording(chain)[0].request_body, 1),
    "sse": ("a.sse", lambda: recording(stream)[0].response_body, 1),
    "sse-bom-crlf": (
        "a.txt",
        lambda: b"\xef\xbb\xbf" + recording(stream)[0].response_body.replace(b"\n", b"\r\n"),
        1,
    ),
    "jsonl": ("a.jsonl", lambda: lines(recording(stream)), 1),
    "events": (
        "a.json",
        lambda: json.dumps(
            [json.loads(line) for line in lines(recording(stream)).split("\n")[:-2]]
        ),
        1,
    ),
    "pretty": ("a.json", lambda: json.dumps(recording(chain)[0].response_json, indent=2), 1),
}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    """A file with that content."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_read(form: str, tmp_path: Path) -> None:
    """Each form gives all its exchanges, with nothing to say about them."""
    name, content, count = FORMS[form]
    file = written(tmp_path, name, content())

    assert len(read_exchanges(file)) == count
    assert check(file) == []


@pytest.mark.parametrize("form", ["ours", "vcrpy", "vcrpy-gzip", "vcrpy-json", "har"])
def test_a_fault_is_found_in_every_form(form: str, tmp_path: Path) -> None:
    """The same recording gives the same finding, whatever it is written as."""
    name, _, _ = FORMS[form]
    exchanges = recording(chain)
    broken = exchanges[1].response_body.replace(b'"interaction"', b'"thing"')
    exchanges[1] = Exchange(**{**vars_of(exchanges[1]), "response_body": broken})
    made = {
        "ours": dump,
        "vcrpy": lambda each: by_vcrpy(each, yamlserializer),
        "vcrpy-gzip": lambda each: by_vcrpy(each, yamlserializer, "gzip"),
        "vcrpy-json": lambda each: by_vcrpy(each, jsonserializer),
        "har": har,
    }[form](exchanges)

    (finding,) = check(written(tmp_path, name, made))

    assert (finding.exchange, finding.path) == (2, "response.body.object")
    assert finding.file.endswith(name)


def vars_of(exchange: Exchange) -> dict[str, Any]:
    """The fields of an exchange."""
    return {name: getattr(exchange, name) for name in exchange.__dataclass_fields__}


def test_other_traffic_in_a_cassette_is_passed_over(tmp_path: Path) -> None:
    """Uploads, tokens and other APIs are not counted; the numbers stay those of the file."""
    ours = yaml.safe_load(dump(recording(chain)))
    upload = {
        "request": {"method": "POST", "uri": "https://x.test/upload/v1beta/files", "body": "x"},
        "response": {
            "status": {"code": 200},
            "headers": {"content-encoding": ["br"]},
            "body": {"string": b"\xff\xfe"},
        },
    }
    ours["interactions"].insert(0, upload)
    file = written(tmp_path, "a.yaml", yaml.safe_dump(ours))

    assert [exchange.number for exchange in read_exchanges(file)] == [2, 3, 4]
    assert check(file) == []


def cassette(**response: Any) -> str:
    """A cassette of one exchange with that response."""
    whole = {"status": {"code": 200}, "headers": {}, "body": {"string": "{}"}, **response}
    asked = {"method": "POST", "uri": "https://x.test/v1/interactions", "body": "{}", "headers": {}}
    return yaml.safe_dump({"version": 1, "interactions": [{"request": asked, "response": whole}]})


OTHER_API = cassette().replace("/v1/interactions", "/v1/chat/completions")
DISCORD = cassette().replace("/v1/interactions", "/api/v10/interactions/7/token/callback")
BAD: dict[str, tuple[str, str | bytes, str]] = {
    "empty": ("a.yaml", "", ":1: the file is empty"),
    "binary": ("a.yaml", b"\x89PNG\r\n\x1a\n\xff\xfe", ":1: not UTF-8 text (byte 0)"),
    "null-bytes": ("a.json", b"{}\n\0\0", ":2: a binary file, not a recording"),
    "truncated-json": ("a.json", '{"version": 1, "interactions": [', ":1: not JSON:"),
    "truncated-yaml": ("a.yaml", 'interactions:\n- request: {body: "x', ":2: not a YAML"),
    "open-map": ("a.yaml", "version: 1\ninteractions:\n- request: {method: POST", ":3: not a YAML"),
    "open-list": ("a.yaml", "version: 1\ninteractions: [", ":2: not a YAML"),
    "tags": (
        "a.yaml",
        "interactions:\n- !!python/object/apply:os.system [id]\n",
        ":2: not a YAML that can be read: could not determine a constructor",
    ),
    "twin-yaml": ("a.yaml", "version: 1\ninteractions: []\nversion: 1\n", ":3:"),
    "twin-json": ("a.json", '{"version": 1, "version": 1}', "the key 'version' comes twice"),
    "conflict": ("a.yaml", "version: 1\n<<<<<<< ours\n=======\n", ":2: a conflict marker"),
    "other-api": ("a.yaml", OTHER_API, "it holds no traffic of the Interactions API"),
    "discord": ("a.yaml", DISCORD, "it holds no traffic of the Interactions API"),
    "no-cassette": ("a.yaml", "on: push\njobs: {}\n", "no cassette"),
    "version": ("a.yaml", "version: 2\ninteractions: []\n", "a cassette of version 2"),
    "no-request": ("a.yaml", "version: 1\ninteractions: [{}]\n", "exchange 1: request is missing"),
    "no-har": ("a.har", '{"log": {"entries": 7}}', "no HAR"),
    "other-har": ("a.har", '{"log": {"entries": [7]}}', "entry 1: it is no object"),
    "other-json": ("a.json", '{"name": "x"}', "it holds no traffic of the Interactions API"),
    "no-items": ("a.json", "[]", "it holds no traffic of the Interactions API"),
    "numbers": ("a.json", "[1, 2]", "neither a recording nor a body"),
    "deep": ("a.json", "[" * 100_000, ": not JSON: it is nested too deeply"),
    "jsonl": ("a.jsonl", '{"event_type": "error"}\n{"event_type": ', ":2: not a line of JSON"),
    "base64": ("a.txt", "QUJD" * 1_000_000, ":1: neither JSON, YAML nor an event stream"),
    "packed": (
        "a.yaml",
        cassette(headers={"content-encoding": ["compress"]}, body={"string": b"\xff\xfe"}),
        "packed as compress, which is not read",
    ),
    "half-gzip": (
        "a.yaml",
        cassette(body={"string": gzip.compress(b"{}" * 99)[:20]}),
        "response.body: it is packed and cannot be unpacked",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_checked_is_one_line_and_no_pass(name: str, tmp_path: Path) -> None:
    """A bad file is named, with its line where there is one; the others are still checked."""
    file, content, reason = BAD[name]
    bad = written(tmp_path, f"bad/{file}", content)
    written(tmp_path, "good.yaml", dump(recording(chain)))

    report = check_paths([tmp_path])

    (line,) = report.unreadable
    assert line.startswith(str(bad))
    assert reason in line
    assert "\n" not in line
    assert len(line) < len(str(bad)) + 200
    assert (report.files, report.exchanges, report.findings) == (1, 3, [])
    assert report.exit_status() == 2
    with pytest.raises(Unreadable):
        check(bad)


def test_a_stream_cut_in_a_frame_is_a_violation(tmp_path: Path) -> None:
    """The frame that has no end is named, and so is the end that never came."""
    cut = recording(stream)[0].response_body[:-60]
    file = written(tmp_path, "a.sse", cut)

    assert [finding.rule for finding in check(file)] == ["no-terminal", "stream-cut"]


def test_a_linked_folder_is_followed(tmp_path: Path) -> None:
    """Once, also where it is linked from inside itself."""
    elsewhere = tmp_path / "elsewhere"
    written(elsewhere, "good.yaml", dump(recording(chain)))
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "linked").symlink_to(elsewhere)
    (elsewhere / "again").symlink_to(elsewhere)

    report = check_paths([tmp_path / "recordings"])

    assert (report.files, report.exchanges, report.unreadable) == (1, 3, [])


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_nothing_to_check_is_no_pass(name: str, tmp_path: Path) -> None:
    """A path that is not there and a folder without recordings are said, and exit with 2."""
    (tmp_path / "empty").mkdir()

    report = check_paths([tmp_path / name])

    assert len(report.unreadable) == 1
    assert report.exit_status() == 2


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    """What lies below a dotted folder is not looked at, unless it is named."""
    hidden = written(tmp_path, ".cache/a.json", "{")
    written(tmp_path, "a.yaml", dump(recording(chain)))

    assert check_paths([tmp_path]).unreadable == []
    assert len(check_paths([hidden]).unreadable) == 1


def run(*arguments: object) -> Result:
    """`fakegemini check` with these arguments."""
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording with a violation and drift, and markup in both."""
    exchanges = recording(chain)
    body = {**exchanges[0].response_json, "object": "<b>&\x07", "mood": "100%\n<i>"}
    payload = json.dumps(body).encode()
    exchanges[0] = Exchange(**{**vars_of(exchanges[0]), "response_body": payload})
    written(tmp_path, "<a>,b:c.yaml", dump(exchanges))
    return tmp_path


def test_exit_status_and_last_line(tmp_path: Path) -> None:
    """0 without violations, 1 with, `--strict` for drift too, 2 for what cannot be checked."""
    good = written(tmp_path, "good.yaml", dump(recording(chain)))
    news = {**recording(chain)[0].response_json, "mood": "fine"}
    drift = written(tmp_path, "drift.json", json.dumps(news))
    wrong = written(tmp_path, "wrong.json", json.dumps({**news, "object": "thing"}))
    bad = written(tmp_path, "bad.json", "{")
    runs: list[tuple[list[object], int, str]] = [
        ([good], 0, "check: 1 file, 3 exchanges, 0 violations, 0 drift"),
        ([drift], 0, "check: 1 file, 1 exchange, 0 violations, 1 drift"),
        ([drift, "--strict"], 1, "check: 1 file, 1 exchange, 0 violations, 1 drift"),
        ([wrong], 1, "check: 1 file, 1 exchange, 1 violation, 1 drift"),
        ([wrong, "--requests-only"], 0, "check: 1 file, 1 exchange, 0 violations, 0 drift"),
        (
            [good, bad],
            2,
            "check: 1 file, 3 exchanges, 0 violations, 0 drift, 1 could not be checked",
        ),
        (
            [wrong, bad],
            1,
            "check: 1 file, 1 exchange, 1 violation, 1 drift, 1 could not be checked",
        ),
    ]
    for arguments, status, last in runs:
        result = run(*arguments)
        assert (result.exit_code, result.output.splitlines()[-1]) == (status, last)
    assert run(good, "--requests-only", "--responses-only").exit_code == 2


def test_drift_is_printed(tmp_path: Path) -> None:
    """Drift is told even where it does not fail."""
    news = {**recording(chain)[0].response_json, "mood": "fine"}
    result = run(written(tmp_path, "drift.json", json.dumps(news)))

    assert 'response.body.mood: mood="fine"' in result.output


def test_report_as_json(folder: Path) -> None:
    """The JSON report parses and has everything of a finding."""
    report = json.loads(run(folder, "--format", "json").output)

    assert (report["files"], report["violations"], report["drift"]) == (1, 1, 1)
    assert {finding["path"] for finding in report["findings"]} == {
        "response.body.object",
        "response.body.mood",
    }
    assert set(report["findings"][0]) == set(
        "file exchange path rule kind found expected evidence".split()
    )


def test_report_as_junit(folder: Path) -> None:
    """The JUnit report is XML, whatever was found."""
    written(folder, "bad.json", "{")
    suite = Xml.fromstring(run(folder, "--format", "junit").output.encode())

    assert (suite.get("failures"), suite.get("errors"), suite.get("tests")) == ("1", "1", "4")
    assert len(suite.findall(".//failure")) == 1
    assert len(suite.findall(".//error")) == 1


def test_report_for_github(folder: Path) -> None:
    """Each finding is one annotation line with escaped properties."""
    lines = run(folder, "--format", "github").output.splitlines()

    assert [line.partition(" ")[0] for line in lines[:-1]] == ["::warning", "::error"]
    assert all("b%3Ac.yaml" in line and "%2C" in line for line in lines[:-1])
    assert lines[-1].startswith("check: ")


def test_report_as_html(folder: Path) -> None:
    """The page shows what was found, and nothing of it as markup."""
    page = run(folder, "--format", "html").output

    assert page.startswith("<!doctype html>")
    assert "&lt;b&gt;&amp;" in page
    assert "<b>" not in page
    assert "<i>" not in page
