"""What shells and CI take from us: variables, completion, a ready file, the action, the image."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
import yaml

from fakegemini.cli.main import load_commands

ROOT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-m", "fakegemini")
BIN = str(Path(sys.executable).parent)


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """One of our commands."""
    return subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, env=os.environ | variables, timeout=60
    )


@contextmanager
def serving(
    ready: Path, *words: str, **variables: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`serve` with a ready file: the process, and the address in the file."""
    with (ready.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--ready-file", str(ready), *words],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"FAKEGEMINI_PORT": "0"} | variables,
        )
    try:
        end = time.monotonic() + 30
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.02)
        yield process, ready.read_text().strip()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.wait(30)


def ask(url: str, text: str) -> None:
    """One create."""
    body = json.dumps({"model": "gemini-3.5-flash", "input": text}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(f"{url}/v1/interactions", body).read()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_variables_can_be_evaluated(shell: str) -> None:
    """In the shell itself; a key of the developer's is taken away."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    kind = "fish" if shell == "fish" else "sh"
    take = f"{sys.executable} -m fakegemini env --shell {kind} --port 9"
    line = f"{take} | source; env" if shell == "fish" else f'eval "$({take})"; env'

    done = subprocess.run(
        [shell, "-c", line],
        capture_output=True,
        text=True,
        env=os.environ | {"GOOGLE_API_KEY": "fake", "NO_PROXY": "a.example.com"},
    )

    assert "GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:9\n" in done.stdout, done.stderr
    assert "NO_PROXY=a.example.com,127.0.0.1,localhost\n" in done.stdout
    assert "GOOGLE_API_KEY=" not in done.stdout


@pytest.mark.parametrize(
    ("words", "variables", "url"),
    [
        ((), {}, "http://127.0.0.1:8787"),
        ((), {"FAKEGEMINI_PORT": "9000"}, "http://127.0.0.1:9000"),
        ((), {"FAKEGEMINI_HOST": "0.0.0.0"}, "http://127.0.0.1:8787"),
        (("--host", "::1", "--port", "9"), {}, "http://[::1]:9"),
        (("https://fake.example.com/",), {}, "https://fake.example.com"),
    ],
)
def test_the_address_is_that_of_serve(
    words: tuple[str, ...], variables: dict[str, str], url: str
) -> None:
    """From the same settings."""
    done = run("env", "--shell", "json", *words, **variables)

    assert json.loads(done.stdout)["GOOGLE_GEMINI_BASE_URL"] == url


def test_a_wrong_address_is_named() -> None:
    """One sentence."""
    assert "port 0 is any free one" in run("env", "--port", "0").stderr
    assert run("env", "fake.example.com").stderr == (
        "Error: 'fake.example.com' is no address: http://… or https://…\n"
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_takes_the_completion(shell: str) -> None:
    """It can be evaluated, and it completes."""
    script = run("completion", shell).stdout
    assert "_FAKEGEMINI_COMPLETE" in script
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    command = [shell, "-c", f"autoload -U compinit; compinit -u\n{script}"]
    done = subprocess.run(
        command if shell == "zsh" else [shell, "-c", script], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    completed = run(
        _FAKEGEMINI_COMPLETE="bash_complete", COMP_WORDS="fakegemini ser", COMP_CWORD="1"
    )
    assert "serve" in completed.stdout or shell != "bash"


def test_the_ready_file_is_there_while_it_answers(tmp_path: Path) -> None:
    """With the address, and gone at the end."""
    ready = tmp_path / "ready"
    with serving(ready) as (process, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        ask(url, "Hi")

    assert process.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_a_ready_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One sentence, and no server is left."""
    (tmp_path / "file").touch()

    done = run("serve", "--port", "0", "--ready-file", str(tmp_path / "file" / "ready"))

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: --ready-file: ")


def test_the_log_of_a_file_is_not_cut(tmp_path: Path) -> None:
    """A terminal has 48 characters of a text, a file has all."""
    text = "A long question " * 20
    with serving(tmp_path / "ready") as (_, url):
        ask(url, text)

    assert f'"{text.strip()}" → 200 completed' in (tmp_path / "log").read_text("utf-8")


def test_the_log_in_json_is_json(tmp_path: Path) -> None:
    """Every line of it, the complaints too."""
    script = tmp_path / "script.yaml"
    script.write_text("replies: [{say: One}]\n")
    words = ("--log-format", "json", "--script", str(script))
    with serving(tmp_path / "ready", *words) as (_, url):
        ask(url, "Hi")
        with contextlib.suppress(OSError):
            ask(url, "Nobody scripted this")

    first, one, two, complaint = map(json.loads, (tmp_path / "log").read_text("utf-8").splitlines())
    assert first == {"url": url}
    assert (one["method"], one["path"], one["status"]) == ("POST", "/v1/interactions", 200)
    assert one["asks"] == 'gemini-3.5-flash "Hi"'
    assert two["status"] == 400
    assert "Nobody scripted this" in complaint["complaint"]


def test_quiet_prints_no_log(tmp_path: Path) -> None:
    """The greeting is there, and what would fail a test."""
    with serving(tmp_path / "ready", "--quiet") as (_, url):
        ask(url, "Hi")

    output = (tmp_path / "log").read_text("utf-8")
    assert "answers on" in output
    assert "POST" not in output


def test_the_action_starts_it(tmp_path: Path) -> None:
    """Its own lines, but for the installation, with the files that GitHub gives."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    install, serve = action["runs"]["steps"]
    assert install["run"] == 'python3 -m pip install --quiet "fakegemini$VERSION"'
    inputs = {name: value["default"] for name, value in action["inputs"].items()}
    inputs |= {"options": "--seed 7 --quiet", "port": "0"}
    settings = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: inputs[match[1]], text)
        for name, text in serve["env"].items()
    }
    files = {"GITHUB_ENV": tmp_path / "env", "GITHUB_OUTPUT": tmp_path / "output"}
    environment = os.environ | settings | {name: str(path) for name, path in files.items()}
    environment |= {"RUNNER_TEMP": str(tmp_path), "PATH": f"{BIN}:{os.environ['PATH']}"}

    done = subprocess.run(
        ["bash", "-e", "-c", f"trap 'echo $!' EXIT\n{serve['run']}"],
        capture_output=True,
        text=True,
        env=environment,
    )
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        url = files["GITHUB_OUTPUT"].read_text().strip().removeprefix("url=")
        ask(url, "Hi")
        assert f"GOOGLE_GEMINI_BASE_URL={url}\n" in files["GITHUB_ENV"].read_text()
    finally:
        os.kill(int(done.stdout.split()[-1]), signal.SIGTERM)


def test_the_image_runs_what_there_is() -> None:
    """No engine is here to build it: its command is one of ours, and its variables are read."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line and line[0] != "#"]
    instructions = dict(lines)
    command = load_commands()[json.loads(instructions["CMD"])[0]]
    with click.Context(command) as context:
        command.make_parser(context).parse_args(json.loads(instructions["CMD"])[1:])
    read = {parameter.envvar for parameter in command.params}

    assert json.loads(instructions["ENTRYPOINT"]) == ["fakegemini"]
    assert {"FAKEGEMINI_HOST", "FAKEGEMINI_PORT"} <= read
    assert "FAKEGEMINI_HOST=0.0.0.0 FAKEGEMINI_PORT=8787" in instructions["ENV"]
    check = json.loads(instructions["HEALTHCHECK"].partition("CMD")[2])
    compile(check[-1], "HEALTHCHECK", "exec")
