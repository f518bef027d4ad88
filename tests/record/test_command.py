"""`fakegemini record`, as a process of its own."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from fakegemini import Fake
from fakegemini.doors.loopback import serve
from fakegemini.doors.sdk_variables import KEY_VARIABLES
from fakegemini.recordings.read import read_any_contents
from fakegemini.wire.http import Reply, Request
from tests.record.upstream import OK, saying
from tests.scenarios import CASSETTES

KEY = "AIza" + "d" * 35
ANY_CASSETTE = min(CASSETTES.glob("*.yaml"))
PROGRAM = """
import os, sys, urllib.request
for said in sys.argv[2:]:
    body = '{"model": "gemini-3.5-flash", "input": "%s"}' % said
    headers = {"x-goog-api-key": os.environ["GEMINI_API_KEY"], "content-type": "application/json"}
    url = os.environ["GOOGLE_GEMINI_BASE_URL"] + "/v1/interactions"
    with urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers)) as answer:
        answer.read()
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def upstream() -> Iterator[str]:
    """A fake behind an address."""
    with serve(Fake().handle) as url:
        yield url


def asking(status: int, *said: str) -> tuple[str, ...]:
    """A command that asks for these and leaves with that status."""
    return ("--", sys.executable, "-c", PROGRAM, str(status), *said)


def record(
    path: Path, *arguments: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "fakegemini", "record", "--cassette", str(path), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"GEMINI_API_KEY": KEY},
        preexec_fn=before,
    )


@contextmanager
def waiting(path: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command without a COMMAND: the process, and where it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fakegemini", "record", "--cassette", str(path), *arguments],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    try:
        greeting = process.stderr.readline()
        found = re.search(r"through (http://127\.0\.0\.1:\d+) to", greeting)
        assert found, greeting
        yield process, found[1]
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def ask(url: str, said: str, **more: object) -> httpx.Response:
    """One create."""
    body = {"model": "gemini-3.5-flash", "input": said} | more
    return httpx.post(f"{url}/v1/interactions", json=body, headers={"x-goog-api-key": KEY})


def inputs(path: Path) -> list[str]:
    """What the exchanges of a cassette asked."""
    return [one.request_json["input"] for one in read_any_contents(path).exchanges]


KEYS = {
    "no key": ({}, dict.fromkeys(KEY_VARIABLES, "fake-key")),
    "an empty one": ({"GEMINI_API_KEY": ""}, dict.fromkeys(KEY_VARIABLES, "fake-key")),
    "a key": ({"GEMINI_API_KEY": KEY}, {"GEMINI_API_KEY": KEY}),
    "one that the SDK prefers": ({"GOOGLE_API_KEY": KEY}, {"GOOGLE_API_KEY": KEY}),
}


@pytest.mark.parametrize(("own", "expected"), KEYS.values(), ids=KEYS)
def test_a_replay_needs_no_key(
    own: dict[str, str], expected: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SDKs make no client without one, so they get one where there is none; never to record."""
    names = [*KEY_VARIABLES, "GOOGLE_API_KEY"]
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "a.yaml"
    show = f"import os; print({{n: os.environ[n] for n in {names} if n in os.environ}})"
    options = ["--cassette", str(path), "--", sys.executable, "-c", show]
    command = [sys.executable, "-m", "fakegemini", "record", *options]

    recorded = subprocess.run(command, capture_output=True, text=True, timeout=60)
    shutil.copy(ANY_CASSETTE, path)
    replayed = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert ast.literal_eval(recorded.stdout) == own
    assert ast.literal_eval(replayed.stdout) == expected


@pytest.mark.parametrize("status", [0, 3])
def test_a_command_is_recorded_and_its_status_passed_on(
    tmp_path: Path, upstream: str, status: int
) -> None:
    """Nothing but the cassette is left; it says what was taken out; stock vcrpy reads it."""
    path = tmp_path / "new" / "a.yaml"
    done = record(path, "--upstream", upstream, *asking(status, "one", f"my key is {KEY}"))

    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr == f"2 recorded, 2 in {path}: 0 violations, 0 drift\n"
    assert os.listdir(path.parent) == ["a.yaml"]
    assert KEY not in path.read_text()
    head = yaml.safe_load(path.read_text())["fakegemini"]
    assert head["scrubbed"]["x-goog-api-key"] == 2
    assert head["scrubbed"]["body $.input"] == 1
    vcr = pytest.importorskip("vcr.serialize")
    from vcr.serializers import yamlserializer

    requests, responses = vcr.deserialize(path.read_text(), yamlserializer)
    assert len(requests) == len(responses) == 2


def test_a_proxy_of_the_environment_is_gone_around(
    tmp_path: Path, upstream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is for the way out; the command's way to the recorder has none."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    path = tmp_path / "a.yaml"

    done = record(path, "--upstream", upstream, *asking(0, "x"))

    assert (done.returncode, inputs(path)) == (0, ["x"])


def test_options_of_the_command_are_its_own(tmp_path: Path, upstream: str) -> None:
    """Also without `--`; and an option that we do not have is a usage error."""
    path = tmp_path / "a.yaml"
    done = record(path, "--upstream", upstream, sys.executable, "-c", "print('--port')", "--port")
    assert (done.returncode, done.stdout) == (0, "--port\n")

    done = record(path, "--upstraem", upstream, "true")
    assert (done.returncode, "No such option" in done.stderr) == (2, True)


def test_other_traffic_is_kept_and_not_judged(tmp_path: Path, upstream: str) -> None:
    """Models, files and the like pass and are recorded; the contract says nothing of them."""
    path = tmp_path / "a.yaml"
    program = (
        "import os, urllib.request as ask; url = os.environ['GOOGLE_GEMINI_BASE_URL']\n"
        "for path in ('/v1beta/models', '/__fakegemini__/health'): ask.urlopen(url + path).read()"
    )
    done = record(path, "--upstream", upstream, "--", sys.executable, "-c", program)

    assert done.stderr == f"1 recorded, 1 in {path}: 0 violations, 0 drift\n"
    assert [one.uri for one in read_any_contents(path).exchanges] == [f"{upstream}/v1beta/models"]


def test_the_modes(tmp_path: Path, upstream: str) -> None:
    """What becomes of a cassette that is there; each line is one run after the other."""
    path = tmp_path / "a.yaml"
    runs = [
        ((), ("a", "b"), 0, ["a", "b"]),
        ((), ("c",), 1, ["a", "b"]),
        (("--mode", "none"), ("c",), 1, ["a", "b"]),
        (("--mode", "new_episodes"), ("c",), 0, ["a", "b", "c"]),
        (("--mode", "all"), ("b", "d"), 0, ["a", "b", "c", "d"]),
        (("--mode", "rewrite"), (), 0, ["a", "b", "c", "d"]),
        (("--mode", "rewrite"), ("e",), 0, ["e"]),
    ]
    for options, said, status, expected in runs:
        done = record(path, "--upstream", upstream, *options, *asking(0, *said))
        assert done.returncode == status, (options, done.stderr)
        assert "fakegemini/" not in done.stderr  # a traceback, if any, is the program's
        assert inputs(path) == expected, (options, done.stderr)


def test_all_takes_the_new_answer(tmp_path: Path, upstream: str) -> None:
    """The old one with the same question goes."""
    path = tmp_path / "a.yaml"
    record(path, "--upstream", upstream, *asking(0, "a", "b"))
    old = [one.response_json["id"] for one in read_any_contents(path).exchanges]
    record(path, "--upstream", upstream, "--mode", "all", *asking(0, "b"))

    new = [one.response_json["id"] for one in read_any_contents(path).exchanges]
    assert new[0] == old[0]
    assert new[1] != old[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_and_saves(tmp_path: Path, upstream: str, number: signal.Signals) -> None:
    """Without a command, until Ctrl-C."""
    path = tmp_path / "a.yaml"
    with waiting(path, "--upstream", upstream) as (process, url):
        ask(url, "x")
        process.send_signal(number)
        _, told = process.communicate(timeout=20)

    assert process.returncode == 0
    assert inputs(path) == ["x"]
    assert told.endswith(f"1 recorded, 1 in {path}: 0 violations, 0 drift\n")


def test_a_signal_reaches_the_command(tmp_path: Path, upstream: str) -> None:
    """It may end in its own way; what it had said is saved."""
    path = tmp_path / "a.yaml"
    end = "print('ready', flush=True); import signal; signal.pause()"
    program = PROGRAM.replace("sys.exit(int(sys.argv[1]))", end)
    command = [sys.executable, "-m", "fakegemini", "record", "--cassette", str(path)]
    process = subprocess.Popen(
        [*command, "--upstream", upstream, "--", sys.executable, "-c", program, "0", "x"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"GEMINI_API_KEY": KEY},
    )
    assert process.stdout
    try:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()

    assert process.returncode == 128 + signal.SIGTERM
    assert inputs(path) == ["x"]


def test_killed_and_recovered(tmp_path: Path, upstream: str) -> None:
    """What was finished before the kill is beside the old cassette, and is saved on demand."""
    path = tmp_path / "a.yaml"
    record(path, "--upstream", upstream, *asking(0, "old"))
    old = path.read_bytes()
    with waiting(path, "--upstream", upstream, "--mode", "new_episodes") as (process, url):
        ask(url, "x")
        ask(url, f"streamed {KEY}", stream=True)
        process.kill()
        process.wait()
    (spool,) = (name for name in os.listdir(tmp_path) if name.endswith(".partial"))
    assert path.read_bytes() == old
    assert KEY not in (tmp_path / spool).read_text()
    with (tmp_path / spool).open("a") as file:
        file.write('{"exchange": {"number": 3, "met')  # a line that was never finished

    told = record(path, "--upstream", upstream, "--mode", "new_episodes", "--", "true")
    assert f"--recover --cassette {path}` saves it" in told.stderr
    done = record(path, "--recover")

    assert done.stderr.endswith(f"2 recorded, 3 in {path}: 0 violations, 0 drift\n")
    assert inputs(path) == ["old", "x", "streamed SCRUBBED-1"]
    assert os.listdir(tmp_path) == ["a.yaml"]
    again = record(path, "--recover")
    assert (again.returncode, again.stderr) == (
        1,
        f"Error: {path}: no interrupted recording is left beside it\n",
    )


def test_a_full_disk_keeps_the_old_cassette(tmp_path: Path, upstream: str) -> None:
    """Exit 1, one sentence; what still fitted is recovered when there is room."""
    path = tmp_path / "a.yaml"
    record(path, "--upstream", upstream, *asking(0, "old"))
    old = path.read_bytes()

    def little() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    said = ["a", "b", "x" * 3000, "c"]
    options = ("--upstream", upstream, "--mode", "new_episodes")
    done = record(path, *options, *asking(0, *said), before=little)

    assert done.returncode == 1
    assert "File too large; the old file is as it was. 3 of 4 exchanges are kept" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == old
    assert record(path, "--recover").returncode == 0
    assert inputs(path) == ["old", "a", "b", "c"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("interactions:\n- request: [\n", r"a\.yaml:3: not a YAML"),
        ("<<<<<<< ours\ninteractions: []\n", r"a\.yaml:1: a conflict marker"),
        ('{"log": {"entries": []}}', r"a\.yaml: a recording in another form \(HAR\)"),
        ("my notes", "no cassette"),
        (" \n", r"a\.yaml:1: the file is empty"),
        ("interactions:\n- {}\n", "exchange 1: request is missing"),
    ],
)
@pytest.mark.parametrize("mode", ["new_episodes", "all", "rewrite"])
def test_what_cannot_be_read_is_never_overwritten(
    tmp_path: Path, content: str, reason: str, mode: str
) -> None:
    """File and line, before anything is asked."""
    path = tmp_path / "a.yaml"
    path.write_text(content)

    from click.testing import CliRunner

    from fakegemini.cli import main

    done = CliRunner().invoke(main, ["record", "--cassette", str(path), "--mode", mode, "true"])

    assert done.exit_code == 1
    assert re.search(reason, done.output), done.output
    assert path.read_text() == content
    assert os.listdir(tmp_path) == ["a.yaml"]


def test_two_recordings_of_one_cassette(tmp_path: Path, upstream: str) -> None:
    """The second is told who has it."""
    path = tmp_path / "a.yaml"
    with waiting(path, "--upstream", upstream) as (process, _):
        done = record(path, "--upstream", upstream, *asking(0, "x"))
        assert done.stderr == (
            f"Error: {path}: process {process.pid} is writing it; "
            "wait for its end, or name another\n"
        )
        assert done.returncode == 1
    with waiting(path, "--upstream", upstream):  # the lock of who was killed is no lock
        pass


def test_a_doubt_costs_a_value(tmp_path: Path) -> None:
    """It is taken out and told, or kept by option; the status is that of the command."""
    body = json.dumps({"session_key": "a8Fk30dKx92LmQ7z"}).encode()
    path, other = tmp_path / "a.yaml", tmp_path / "b.yaml"

    def handler(request: Request) -> Reply:
        return Reply(200, (("content-type", "application/json"),), (body,))

    with serve(handler) as upstream:
        done = record(path, "--upstream", upstream, *asking(0, "x"))
        allowed = record(other, "--upstream", upstream, "--allow-secret", "^a8F", *asking(4, "x"))

    told = done.stdout + done.stderr
    assert done.returncode == 0
    assert "a8Fk30dKx92LmQ7z" not in told + path.read_text("utf-8")
    assert "session_key looks like a secret and is taken out; --allow-secret REGEX" in told
    assert allowed.returncode == 4
    assert "a8Fk30dKx92LmQ7z" in other.read_text("utf-8")
    assert inputs(path) == inputs(other) == ["x"]


def test_a_breach_is_told_and_strict_keeps_it_out(tmp_path: Path) -> None:
    """Saved all the same; with --strict only on demand."""
    path = tmp_path / "a.yaml"
    with saying(lambda connection, request: connection.sendall(OK)) as upstream:
        strict = record(path, "--upstream", upstream, "--strict", *asking(0, "x"))
        assert not path.exists()
        recovered = record(path, "--recover")
        assert inputs(path) == ["x"]
        done = record(path, "--upstream", upstream, "--mode", "rewrite", *asking(0, "y"))

    assert strict.returncode == 1
    assert re.search(r"Error: .* is not written: \d+ violations of the contract", strict.stderr)
    assert recovered.returncode == done.returncode == 0
    assert re.search(r"^violation .*a\.yaml #1 response\.body", done.stderr, re.MULTILINE)
    assert inputs(path) == ["y"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--upstream", "example.org", "true"), "--upstream 'example.org' is no address"),
        (("--scrub-pattern", "[", "true"), r"--scrub-pattern '\[' is no regular expression"),
        (("--", "no-such-command"), "cannot run no-such-command: No such file or directory"),
        (("--mode", "none", "true"), "--mode none never records"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    """Exit 1, nothing on the disk."""
    done = record(tmp_path / "a.yaml", *arguments)

    assert done.returncode == 1
    assert re.match(f"Error: .*{reason}", done.stderr)
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_httpx_it_says_how_to_get_it(tmp_path: Path) -> None:
    """One sentence."""
    program = (
        "import sys; sys.modules |= {'httpx': None, 'httpx2': None}; "
        "from fakegemini.cli import main; "
        f"main(['record', '--cassette', {str(tmp_path / 'a.yaml')!r}, 'true'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: recording needs httpx or httpx2: pip install")
    assert done.stderr.count("\n") == 1


WRITTEN_IN = """
import urllib.request
address = "https://generativelanguage.googleapis.com/v1/interactions"
body = b'{"model": "gemini-3.5-flash", "input": "Hi"}'
print(urllib.request.urlopen(urllib.request.Request(address, body)).status)
"""


def test_a_program_with_the_host_written_in_is_recorded(upstream: str, tmp_path: Path) -> None:
    """It takes the door of `fakegemini run`; its other hosts are let through."""
    tape = tmp_path / "tape.yaml"

    result = record(tape, "--upstream", upstream, "--", sys.executable, "-c", WRITTEN_IN)

    assert (result.returncode, result.stdout) == (0, "200\n"), result.stderr
    assert len(read_any_contents(tape).exchanges) == 1
