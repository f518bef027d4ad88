"""The README's first page runs, and what it prints of the code is current."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakegemini.cli import greeting, main
from fakegemini.protocol.status import diagram

README_PATH = Path(__file__).parent.parent / "README.md"
README = README_PATH.read_text(encoding="utf-8")


CASSETTES = f"""
from pathlib import Path

CASSETTES = Path({str(README_PATH.parent / "cassettes" / "interactions")!r})
"""
"""What the recipes may name without saying it."""


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def console(command: str) -> list[str]:
    """The lines of the console block that shows a command, the command itself first."""
    prompt = f"$ fakegemini {command} "
    return next(b.splitlines() for b in blocks("console") if b.startswith(prompt))


def test_the_first_test_passes(pytester: pytest.Pytester) -> None:
    """The test on the first page passes as it stands."""
    pytest.importorskip("google.genai")
    pytester.makepyfile(blocks("python")[0])

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    result.assert_outcomes(passed=1)


def test_every_recipe_passes(pytester: pytest.Pytester) -> None:
    """Each recipe is a test that passes as it stands."""
    pytest.importorskip("google.genai")
    recipes = "\n\n".join([CASSETTES, *blocks("python recipe")])
    pytester.makepyfile(recipes)

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    result.assert_outcomes(passed=recipes.count("def test_"))


@pytest.mark.parametrize("block", blocks("python")[1:])
def test_every_other_block_runs(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every other Python block runs as it stands and prints what its last comment says."""
    exec(compile(block, "README.md", "exec"), {})

    shown = block.rpartition("# ")[2].strip().rstrip("…")
    assert shown in capsys.readouterr().out


def test_the_diagram_is_current() -> None:
    """The diagram is the table of moves, drawn."""
    assert blocks("mermaid") == [diagram() + "\n"]


def test_the_served_text_is_current() -> None:
    """The console block shows what `serve` prints, word for word."""
    shown = blocks("console")[0].splitlines()[1:]

    assert shown == greeting("http://127.0.0.1:8787")


def test_the_shown_text_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    """The console block of `show` shows what it prints of one of our own cassettes."""
    monkeypatch.chdir(README_PATH.parent)
    command, *shown = console("show")

    outcome = CliRunner().invoke(main, ["show", command.split()[-1]])

    assert outcome.output.rstrip("\n").splitlines() == shown


def test_the_checked_text_is_current() -> None:
    """The console block of `check` shows what it prints of our own cassettes."""
    command, *shown = console("check")
    folder = README_PATH.parent / command.split()[-1]

    outcome = CliRunner().invoke(main, ["check", str(folder)])

    assert outcome.output.splitlines() == shown
