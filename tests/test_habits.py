"""The tools of development agree: tasks, hooks, versions of Python."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
TASKS = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def pythons() -> list[str]:
    """The versions that the classifiers name, oldest first."""
    prefix = "Programming Language :: Python :: 3."
    versions = [text for text in PROJECT["project"]["classifiers"] if text.startswith(prefix)]
    return [text.rpartition(" ")[2] for text in versions]


@pytest.mark.parametrize("task", ["lint", "types", "test", "wheel", "docs"])
def test_the_task_file_has_it(task: str) -> None:
    """What everybody does has a name, and `make` shows it."""
    assert task in TASKS


def test_every_hook_is_a_task() -> None:
    """A commit is held to what a build is held to."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))

    commands = [hook["entry"] for repository in config["repos"] for hook in repository["hooks"]]

    assert commands
    assert set(commands) <= {f"make {task}" for task in TASKS}


def test_the_oldest_python_is_the_same_everywhere() -> None:
    """The classifiers are the list of versions; what repeats its first one agrees."""
    oldest = pythons()[0]

    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"


def test_the_build_reads_the_versions_from_the_classifiers() -> None:
    """A version that is added there is tested, or said to be untested, without another edit."""
    build = ROOT / ".ci" / "run"
    if not build.is_file():
        pytest.skip("the sdist has no .ci")
    text = build.read_text("utf-8")

    assert "Programming Language :: Python ::" in text
    assert [version for version in pythons() if version in text] == []
