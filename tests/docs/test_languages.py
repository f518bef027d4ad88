"""The programs and tests of other languages on the pages run as they are pasted."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakegemini import Fake
from fakegemini.doors.loopback import serve
from tests.docs.pages import ROOT, page

MODULES = ROOT / "tests" / "js" / "node_modules"
JUNIT = Path("/usr/share/java/junit-platform-console-standalone.jar")
JARS = "/usr/share/java/*"
PAGE = page("docs/languages.md")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all files of the page, and the packages of our own tests."""
    for block in PAGE.blocks:
        if block.file:
            tmp_path.joinpath(block.file).write_text(block.text, "utf-8")
    if MODULES.is_dir():
        (tmp_path / "node_modules").symlink_to(MODULES, target_is_directory=True)
    return tmp_path


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """What `serve` prints, without a proxy of this machine."""
    with serve(Fake().handle) as url:
        variables = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
        yield variables | {"GOOGLE_GEMINI_BASE_URL": url, "GEMINI_API_KEY": "fake-key"}


def run(folder: Path, environment: dict[str, str], *command: str) -> str:
    """What a command prints."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here")
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("command", "output"),
    [
        (("node", "ask.mjs"), "completed"),
        (("go", "run", "ask.go"), "true"),
        (("java", "Ask.java"), "true"),
        (("ruby", "ask.rb"), "completed"),
        (("bash", "ask.sh"), '"status":"completed"'),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_each_program_runs(
    folder: Path, environment: dict[str, str], command: tuple[str, ...], output: str
) -> None:
    """With the variables that `serve` prints, and nothing else."""
    if command[0] == "node" and not MODULES.is_dir():
        pytest.skip("npm --prefix tests/js install was not run in this checkout")

    assert output in run(folder, environment, *command)


@pytest.mark.skipif(not MODULES.is_dir(), reason="npm --prefix tests/js install was not run")
def test_the_tests_of_node_pass(folder: Path, environment: dict[str, str]) -> None:
    """A session each; what went wrong unseen fails one."""
    assert "pass 1" in run(folder, environment, "node", "--test")

    file = folder / "tides.test.mjs"
    leftover = 'reply({ say: "At six." }, { say: "Nobody asks." })'
    file.write_text(file.read_text("utf-8").replace('reply({ say: "At six." })', leftover), "utf-8")
    failed = subprocess.run(
        ["node", "--test"], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert failed.returncode == 1
    assert "Nobody asks." in failed.stdout


@pytest.mark.skipif(not JUNIT.is_file(), reason="Debian's package junit5 is not installed")
def test_the_tests_of_junit_pass(folder: Path, environment: dict[str, str]) -> None:
    """Compiled and run by JUnit's own launcher."""
    run(
        folder,
        environment,
        "javac",
        "-cp",
        JARS,
        "-d",
        "classes",
        "FakeGemini.java",
        "TidesTest.java",
    )

    launcher = "org.junit.platform.console.ConsoleLauncher"
    output = run(
        folder, environment, *("java", "-cp", f"classes:{JARS}", launcher), "-c", "TidesTest"
    )

    assert "1 tests successful" in output
