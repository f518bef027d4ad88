"""The commands, as processes of their own."""

from __future__ import annotations

import contextlib
import gc
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import fakegemini

MODEL = "gemini-3.5-flash"
COMMAND = (sys.executable, "-m", "fakegemini")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, encoding="utf-8", timeout=30
    )


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str], int]]:
    """`serve` while the block runs: the process, what it printed first, its port."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
    )
    assert process.stdout
    try:
        greeting = [process.stdout.readline().rstrip("\n") for _ in range(5)]
        found = re.search(r":(\d+)$", greeting[0])
        assert found, greeting
        yield process, greeting, int(found[1])
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def ask(port: int, method: str, path: str, body: object = None) -> bytes:
    """One request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_serve_greets_answers_logs_and_ends(number: signal.Signals) -> None:
    """From the first line to the last."""
    with serving() as (process, greeting, port):
        url = f"http://127.0.0.1:{port}"
        body = {"model": MODEL, "input": "Why are there tides?"}
        made = json.loads(ask(port, "POST", "/v1/interactions", body))
        ask(port, "POST", "/v1/interactions", body | {"stream": True})
        ask(port, "GET", f"/v1/interactions/{made['id']}?stream=false&key=secret")
        ask(port, "GET", "/v1/interactions/v1_bogus")
        ask(port, "DELETE", f"/v1/interactions/{made['id']}")
        ask(port, "POST", "/v1/interactions", {"model": MODEL, "odd": 1})
        process.send_signal(number)
        out, err = process.communicate(timeout=10)

    assert greeting == [
        f"fakegemini {fakegemini.__version__} answers on {url}",
        "Point an SDK at it:",
        f"  export GOOGLE_GEMINI_BASE_URL={url}",
        "  export GEMINI_API_KEY=fake-key",
        "Stop it with Ctrl-C.",
    ]
    assert process.returncode == 0
    assert err == ""
    name = re.escape(made["id"])
    patterns = [
        r'POST /v1/interactions gemini-3.5-flash "Why are there tides\?" → '
        r"200 completed: thought, model_output",
        r'POST /v1/interactions gemini-3.5-flash "Why are there tides\?" → '
        r"200 stream of \d+ events, completed",
        rf"GET /v1/interactions/{name}\?stream=false&key=\*\*\* → 200 completed: user_input, .*",
        r"GET /v1/interactions/v1_bogus → 400 Invalid interaction name: .*",
        rf"DELETE /v1/interactions/{name} → 200 ?",
        r"POST /v1/interactions gemini-3.5-flash → 400 Unknown parameter 'odd'\.",
    ]
    lines = [line for line in out.splitlines() if not line.startswith("    ")]
    explained = out.partition("v1_bogus → 400")[2]
    assert "\n      the id 'v1_bogus' is no id of an interaction" in explained
    lines = [line for line in lines[:-2] if line] + lines[-2:]
    assert lines[-2:] == ["", "stopped"]
    assert len(lines) == len(patterns) + 2
    for line, pattern in zip(lines, patterns, strict=False):
        assert re.fullmatch(rf"{pattern} \(\d+ ms\)", line), line


def test_serve_takes_a_seed_and_the_clock_of_the_wall() -> None:
    """Two processes with one seed give the same call ids; the time is now."""
    tool = {"type": "function", "name": "tide"}
    calls = []
    for seed in ("a", "a", "b"):
        with serving("--seed", seed) as (_, _, port):
            body = {"model": MODEL, "input": "The tide?", "tools": [tool]}
            made = json.loads(ask(port, "POST", "/v1/interactions", body))
            calls.append(made["steps"][-1]["id"])
            assert made["created"] > "2026-01-02"

    assert calls[0] == calls[1] != calls[2]


STORY = {"model": MODEL, "input": "A story", "stream": True}


def test_serve_has_a_pace() -> None:
    """Time is real: a stream takes its first token's and each token's, and comes whole."""
    with serving("--first-token", "0.2", "--tokens-per-second", "50") as (_, _, port):
        began = time.monotonic()
        told = ask(port, "POST", "/v1/interactions", STORY)

        usage = json.loads(told.split(b"data: ")[-2].split(b"\n")[0])["interaction"]["usage"]
        assert time.monotonic() - began >= 0.2 + usage["total_output_tokens"] / 50
        assert told.endswith(b"data: [DONE]\n\n")


def test_serve_has_a_decode_limit() -> None:
    """Longer turns need continuation."""
    with serving("--decode-limit", "5") as (_, _, port):
        body = {"model": MODEL, "input": "A story"}
        told = json.loads(ask(port, "POST", "/v1/interactions", body))

    assert told["status"] == "requires_continuation"
    assert told["usage"]["total_output_tokens"] <= 5


def test_serve_knows_who_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models and agents of one's own, by flags and variables; what is allowed is not told."""
    monkeypatch.setenv("FAKEGEMINI_SEED", "mine")
    monkeypatch.setenv("FAKEGEMINI_ALLOW", "refused")
    agent = ("--agents", "tides=deep-research-preview-04-2026")
    asked = {"agent": "tides", "input": "Hi", "background": True}
    with serving("--models", "gemini-next", *agent) as (process, _, port):
        model = json.loads(ask(port, "GET", "/v1/models/gemini-next"))
        told = json.loads(ask(port, "POST", "/v1/interactions", asked))
        ask(port, "GET", "/v1/interactions/v1_none")
        ask(port, "GET", "/v1/models/gemini-next")
        assert process.stdout
        log = [process.stdout.readline() for _ in range(4)]
    with serving("--models", "gemini-next", *agent, "--seed", "other") as (_, _, port):
        other = json.loads(ask(port, "POST", "/v1/interactions", asked))

    assert model["name"] == "models/gemini-next"
    assert (told["agent"], told["status"]) == ("tides", "in_progress")
    assert told["id"] != other["id"]
    assert "v1_none" in log[2]
    assert "gemini-next" in log[3]  # and no complaint between them


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        (("--decode-limit", "0"), "decode_limit= takes a number of tokens from 1, not 0"),
        (("--decode-limit", "few"), "decode_limit is a number, not 'few'"),
        (("--allow-kind", "left"), "did you mean 'leftover'?"),
        (("--models", "x=gemini-3.5-flahs"), "did you mean 'gemini-3.5-flash'?"),
        (("--chunks", "evnts"), 'chunks is "recorded", "events" or a number of bytes'),
    ],
)
def test_serve_says_what_an_option_cannot_be(argument: tuple[str, ...], text: str) -> None:
    """In one sentence."""
    done = run("serve", *argument)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert text in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_serve_is_of_an_era() -> None:
    """As the live server was then; an era that is none is one sentence."""
    with serving("--era", "2026-08") as (_, _, port):
        told = json.loads(ask(port, "POST", "/v1/interactions", {"model": MODEL, "input": "Hi"}))
    done = run("serve", "--era", "2026-8")

    assert "raw_prompt_token" in told["usage"]
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: era is one of '2026-05'")


def test_serve_takes_the_time_of_a_scripted_run(tmp_path: Path) -> None:
    """The seconds of a script are real; those of a run that nobody scripted hold up no stream."""
    script = tmp_path / "script.yaml"
    script.write_text("replies:\n- say: Done.\n  background: {polls: 99, seconds: 0.4}\n")
    body = STORY | {"background": True}
    with serving("--script", str(script)) as (_, _, port):
        began = time.monotonic()
        assert b"Done." in ask(port, "POST", "/v1/interactions", body)
        assert time.monotonic() - began >= 0.4
    with serving() as (_, _, port):  # ten seconds, which `ask` does not wait
        assert ask(port, "POST", "/v1/interactions", body).endswith(b"data: [DONE]\n\n")


def test_a_taken_port_is_one_clear_line() -> None:
    """Exit 1, no traceback, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))

    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(
        rf"Error: cannot listen on 127\.0\.0\.1:{port}: .+ \(try --port 0 for a free port\)\n",
        done.stderr,
    )


@pytest.mark.parametrize(
    "arguments",
    [("serve", "--port", "70000"), ("serve", "--port", "x"), ("serve", "--odd"), ("teleport",)],
)
def test_a_wrong_word_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    """Exit 2, no traceback."""
    done = run(*arguments)

    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_of_nobody_is_one_clear_line() -> None:
    """Not a stack of sockets."""
    done = run("serve", "--host", "192.0.2.1", "--expose", "--port", "0")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: cannot listen on 192.0.2.1:0: ")
    assert done.stderr.count("\n") == 1


def test_demo_shows_the_four_stories() -> None:
    """Each with its exchanges, and what to type next."""
    done = run("demo")

    assert done.returncode == 0
    assert done.stderr == ""
    for words in (
        "no key, no network.",
        "A conversation:",
        "A streamed answer:",
        "A function-calling loop:",
        "A background job:",
        "  → POST /v1/interactions {",
        "  ← interaction.created: {",
        "  ← done: [DONE]",
        "  ← 200 requires_action",
        "  ← 200 in_progress",
        "Next: fakegemini serve",
    ):
        assert words in done.stdout, words


def test_the_version_is_told() -> None:
    """By the name people type."""
    done = run("--version")

    assert (done.returncode, done.stdout) == (0, f"fakegemini {fakegemini.__version__}\n")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_the_commands(flag: str) -> None:
    """Each with its sentence."""
    done = run(flag)

    assert done.returncode == 0
    names = ("serve", "demo", "check", "verify", "record", "rerecord", "scrub", "show", "diff")
    for name in (*names, "convert"):
        assert re.search(rf"^  {name}  +\S", done.stdout, re.MULTILINE)


def test_a_command_ends_without_looking_through_all_code() -> None:
    """The collector of the interpreter finds nothing to look at, in a program of ours alone."""
    program = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 10_000))\n"
        "from fakegemini.cli import main\n"
        "main(['env'])\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert finished.stdout.splitlines()[-1] == "True"
    assert gc.get_freeze_count() < 10_000
