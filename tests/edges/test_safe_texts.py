"""What we print quotes what came from anywhere, and steers neither a terminal nor a CI."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from fakegemini import Fake, Request, Unscripted
from fakegemini.cli.main import main
from fakegemini.doors.access_log import LOG_FORMATS, log_requests
from fakegemini.doors.log_writer import LogWriter
from fakegemini.errors import FakeGeminiError
from fakegemini.wording import spell_unsafe, spell_unsafe_json

PAYLOADS = {
    "window title": "\x1b]0;owned\x07",
    "clear": "\x1b[2J\x1b[H",
    "C1 sequence": "\x9b31m",
    "hyperlink": "\x1b]8;;https://attacker.example\x1b\\here",
    "carriage return": "100% bad\rall good",
    "backspace": "bad\b\b\bgood",
    "direction": "\u202egnp.exe\u2066x",
    "separator": "a\u2028::error::b",
    "surrogate": "\ud800",
    "GitHub": "\n::error file=a.py::owned\n",
    "GitHub, indented": "\n  ::add-mask::x",
    "GitHub, old": "x ##[error]owned",
    "Azure": "x ##vso[task.setvariable variable=PATH]/evil",
    "TeamCity": "x ###teamcity[buildStatus text='owned']",
    "wrapped": f"{'word ' * 16}::error::owned ##[error]owned",
}
"""What recordings, scripts, requests and names of files may hold."""

_COMMANDS = (r"^[^\S\n]*::[A-Za-z-]+[ :]", r"##\[\w", r"(?i)##(vso|teamcity)\[")
_STEERING = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_OUR_COLOURS = re.compile(r"\x1b\[(?:0|1|2|3[1-6])m")


def assert_safe(text: str) -> None:
    """Nothing in it steers a terminal, or is a command to a CI."""
    text = _OUR_COLOURS.sub("", text)
    assert not re.search(_STEERING, text), ascii(text)
    for command in _COMMANDS:
        assert not re.search(command, text, re.MULTILINE), ascii(text)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_payloads_are_some(payload: str) -> None:
    """The test above finds each of them."""
    with pytest.raises(AssertionError):
        assert_safe(f"\n{payload}")


TEXTS = st.lists(
    st.one_of(
        st.sampled_from([*PAYLOADS.values(), "\n", " ", "#", ":", "[", "::e", "##"]), st.text()
    )
).map("".join)


@given(TEXTS)
def test_any_text(text: str) -> None:
    """Is safe once it is spelt, in JSON too, which stays the same JSON; twice changes nothing."""
    spelt = spell_unsafe(text)
    assert_safe(spelt)
    assert spell_unsafe(spelt) == spelt
    assert_safe(str(FakeGeminiError(text)))
    form = {text: [text]}
    spelt_json = spell_unsafe_json(json.dumps(form, ensure_ascii=False, indent=2))
    assert_safe(spelt_json)
    assert json.loads(spelt_json) == form


@pytest.mark.parametrize(
    "text",
    ["Straße 東京\u3000\u00a0€", "👩\u200d🚀 مرحبا", "# head\n\t## sub\nC::std", "a\n:: b"],
)
def test_honest_text(text: str) -> None:
    """Is as it was."""
    assert spell_unsafe(text) == text


def _cassette(folder: Path, payload: str) -> Path:
    """Make a recording that holds a payload wherever text goes, and violates the contract."""
    exchanges: list[Any] = []
    answer = {
        "id": "v1_x",
        "status": payload,
        "object": payload,
        "model": payload,
        payload: 1,
        "steps": [
            {"type": "thought", "summary": [{"type": "text", "text": payload}]},
            {"type": payload, "content": payload},
            {"type": "function_call", "id": payload, "name": payload, "arguments": {payload: 1}},
            {"type": "model_output", "content": [{"type": "text", "text": payload}]},
        ],
    }
    body = {"model": payload, "input": f"Hi\n{payload}", "tools": [{"type": payload}]}
    for method, path, status in (
        ("POST", "", 200),
        ("GET", "/v1_x", 200),
        ("PUT", "/x", 400),
        ("POST", "", 400),
    ):
        error = {"error": {"code": 400, "message": payload, "status": payload}}
        exchanges.append(
            {
                "request": {
                    "method": method,
                    "uri": f"https://generativelanguage.googleapis.com/v1/interactions{path}",
                    "headers": {},
                    "body": json.dumps(body) if method == "POST" else "",
                },
                "response": {
                    "status": {"code": status, "message": payload},
                    "headers": {"content-type": ["application/json"]},
                    "body": {"string": json.dumps(answer if status == 200 else error)},
                },
            }
        )
    file = folder / "a.json"
    file.write_text(json.dumps({"interactions": exchanges, "version": 1, "note": payload}))
    return file


COMMANDS: dict[str, list[str]] = {
    "show": ["show", "{a}"],
    "show --json": ["show", "--json", "{a}"],
    "diff": ["diff", "{a}", "{b}"],
    "verify": ["verify", "{a}"],
    "convert": ["convert", "{a}", "--out", "{c}"],
    "scrub": ["scrub", "--check", "{a}", "--scrub-pattern", "owned|good|red"],
    "check": ["check", "{a}"],
    "check json": ["check", "--format", "json", "{a}"],
    "check junit": ["check", "--format", "junit", "{a}"],
    "check html": ["check", "--format", "html", "{a}"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_command(tmp_path: Path, command: str, payload: str) -> None:
    """Its output is safe, with colours and without, whatever the recording holds."""
    paths = {"a": str(_cassette(tmp_path, payload)), "c": str(tmp_path / "c.yaml")}
    (tmp_path / "b").mkdir()
    paths["b"] = str(_cassette(tmp_path / "b", payload[::-1]))
    arguments = [part.format_map(paths) for part in COMMANDS[command]]
    for color in (True, False):
        result = CliRunner().invoke(main, arguments, color=color)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert result.output
        assert_safe(result.output)
    if "json" in command:
        json.loads(result.output)
    if "junit" in command:
        Xml.fromstring(result.output)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_annotations(tmp_path: Path, payload: str) -> None:
    """Those for GitHub are commands, but each is one that we meant."""
    path = str(_cassette(tmp_path, payload))
    output = CliRunner().invoke(main, ["check", "--format", "github", path]).output
    *annotations, summary = output.splitlines()
    assert annotations
    for line in annotations:
        assert re.match(r"::(error|warning|notice) ", line)
        assert_safe(line.removeprefix("::"))
    assert_safe(summary)


@pytest.mark.parametrize("command", ["show", "check", "verify", "scrub", "diff", "convert"])
@pytest.mark.parametrize("content", ["[", '{"x": 1}', "a: {b: \x07"])
@pytest.mark.skipif(sys.platform == "win32", reason="no such names")
def test_name_of_a_file(tmp_path: Path, command: str, content: str) -> None:
    """It is said in errors and heads."""
    path = tmp_path / "\x1b]0;x\x07\n::error::owned ##[error]x.yaml"
    path.write_text(content)
    arguments = {"diff": [str(path)], "convert": ["--out", str(tmp_path / "o.yaml")]}
    result = CliRunner().invoke(main, [command, str(path), *arguments.get(command, [])])
    assert result.exit_code
    assert "owned" in result.output
    assert_safe(result.output)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_complaint_and_log(payload: str) -> None:
    """What was asked is in the text that a test fails with, and in the log of `serve`."""
    lines: list[str] = []

    class Output:
        encoding = "utf-8"
        write = staticmethod(lines.append)
        flush = staticmethod(lambda: None)

    fake = Fake()
    fake.when(input="else").replies("x")
    body = json.dumps({"model": "gemini-3.5-flash", "input": payload}).encode()
    with pytest.raises(Unscripted) as caught:
        fake.handle(Request("POST", "/v1/interactions", body=body))
    assert_safe(str(caught.value))
    writer = LogWriter(Output())  # type: ignore[arg-type]
    writer(payload)
    writer.finish()
    assert lines
    assert_safe("".join(lines))


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("log_format", LOG_FORMATS)
def test_line_of_the_log(log_format: str, payload: str) -> None:
    """Whatever was asked, it is one line, safe, and JSON where that was wanted."""
    lines: list[str] = []
    handler = log_requests(Fake().handle, lines.append, log_format=log_format)
    body = json.dumps({"model": payload, "input": payload}).encode()
    handler(Request("POST", "/v1/interactions", (("name", payload),), body=body))
    (line,) = lines
    assert "\n" not in line
    assert_safe(line)
    if log_format == "json":
        assert json.loads(line)["query"]["name"] == payload


def test_report_of_pytest(pytester: pytest.Pytester) -> None:
    """Failures, sections, names of collected exchanges and the summary are safe, too."""
    folder = pytester.mkdir("cassettes")
    payload = "".join(PAYLOADS.values())
    _cassette(folder, payload)
    pytester.makepyfile(
        f"""
        import pytest, urllib.request

        def ask(fakegemini):
            body = {json.dumps({"model": "gemini-3.5-flash", "input": payload}).encode()!r}
            request = urllib.request.Request(fakegemini.url + "/v1/interactions", body)
            try:
                urllib.request.urlopen(request, timeout=5)
            except OSError:
                pass

        def test_unscripted(fakegemini):
            fakegemini.when(input="else").replies("x")
            ask(fakegemini)

        def test_failed_before(fakegemini):
            fakegemini.when(input="else").replies("x")
            ask(fakegemini)
            pytest.fail("mine", pytrace=False)
        """
    )
    result = pytester.runpytest_subprocess("--fakegemini-check", "cassettes", "-rA", "-vv")
    text = result.stdout.str()
    assert "mine" in text
    assert "violation" in text
    assert_safe(text)


def test_output_has_one_door() -> None:
    """No file of the commands prints but through `safe_output`."""
    folder = Path(main.callback.__code__.co_filename).parent  # type: ignore[union-attr]
    for file in folder.glob("*.py"):
        printing = re.findall(r"click\.s?echo|(?<![\w.])print\(", file.read_text("utf-8"))
        assert not printing or file.name in ("safe_output.py", "demo_programs.py"), file.name
    assert html.escape("<") == "&lt;"
    done = subprocess.run(
        [sys.executable, "-m", "fakegemini", "--version"], capture_output=True, check=True
    )
    assert done.stdout.startswith(b"fakegemini")
