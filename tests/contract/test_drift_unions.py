"""Which union is which: packages that look like google-genai, read by the real command.

Each has the events of a stream and foreign unions beside them: larger, smaller, as large, and with
names that come before and after it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

pytest.importorskip("pydantic", reason="it comes with google-genai")

STREAM = (
    "error interaction.completed interaction.created interaction.status_update "
    "step.delta step.start step.stop".split()
)
CLIENT = (
    "input interaction.cancel interaction.complete interaction.connect interaction.create "
    "interaction.disconnect user_action world_setup".split()
)
SERVER = (
    "error interaction.cancelled interaction.completed interaction.connected "
    "interaction.created step.delta step.start step.stop".split()
)
WORLD = "drift ebb fall flow foam rise roll spill surge".split()
LIVE = {"ClientEvent": CLIENT, "ServerEvent": SERVER}

HEAD = """\
from typing import Literal, Union
from pydantic import BaseModel

class Interaction(BaseModel):
    id: str

class Create(BaseModel):
    input: str
    store: bool
    stream: bool

class CreateEvent(BaseModel):
    event_type: Literal["create"]
    input: str
    store: bool
    stream: bool
    foam: str
"""


def told(
    place: Path, unions: Mapping[str, list[str]], version: str = "9.9.9"
) -> tuple[int, set[str]]:
    """The exit status of `fakegemini drift` beside such a package, and what it says of unions."""
    package = place / "google" / "genai"
    types = package / "types" / "interactions"
    types.mkdir(parents=True)
    (package / "__init__.py").write_text(f"__version__ = {version!r}\n")
    (types / "__init__.py").touch()
    text = HEAD
    for number, (name, tags) in enumerate(unions.items()):
        kinds = [f"Kind{number}{at}" for at in range(len(tags))]
        for kind, tag in zip(kinds, tags, strict=True):
            text += f"class {kind}(BaseModel):\n    event_type: Literal[{tag!r}]\n"
        text += f"{name} = Union[{', '.join(kinds)}]\n"
    (types / "told.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "fakegemini", "drift"],
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    places = {"event:", "live/client:", "live/server:"}
    lines = {
        line
        for line in (done.stdout + done.stderr).splitlines()
        if line.startswith("Error") or line.split()[1] in places or ": union of" in line
    }
    assert not any("foam" in line for line in done.stdout.splitlines() if "union of" not in line)
    return done.returncode, lines


@pytest.mark.parametrize("size", [2, 7, 9], ids=["smaller", "as large", "larger"])
@pytest.mark.parametrize("name", ["AWorldEvent", "ZWorldEvent"])
@pytest.mark.parametrize("first", [True, False], ids=["defined before", "defined after"])
def test_a_foreign_union_is_one_line_of_news(
    tmp_path: Path, name: str, size: int, first: bool
) -> None:
    """It is compared with nothing, and the stream stays the stream."""
    foreign = {name: WORLD[:size]}
    ours = {"InteractionSSEEvent": STREAM, **LIVE}
    unions = foreign | ours if first else ours | foreign

    assert told(tmp_path, unions) == (0, {f"new   {name}: union of {', '.join(WORLD[:size])}"})


@pytest.mark.parametrize("name", ["AEvent", "ZEvent"])
def test_a_union_that_was_renamed_is_known_by_its_mark(tmp_path: Path, name: str) -> None:
    """By the event that no other union has; its size and its place say nothing."""
    unions = {"MWorldEvent": WORLD, name: STREAM, f"{name}In": CLIENT, f"{name}Out": SERVER}

    assert told(tmp_path, unions) == (0, {f"new   MWorldEvent: union of {', '.join(WORLD)}"})


def test_a_name_counts_for_more_than_a_mark(tmp_path: Path) -> None:
    """A union of everything has the marks of all."""
    everything = [*STREAM, *CLIENT, "interaction.connected"]
    unions = {"AnyEvent": everything, "InteractionSSEEvent": STREAM, **LIVE}

    status, [line] = told(tmp_path, unions)

    assert (status, line.partition("of")[0]) == (0, "new   AnyEvent: union ")


def test_two_that_could_be_the_stream_are_not_guessed_at(tmp_path: Path) -> None:
    """No release is like that: the command says so, and compares nothing."""
    status, [line] = told(tmp_path, {"AEvent": STREAM, "BEvent": [*STREAM, "step.rest"]})

    assert status == 2
    assert "AEvent and BEvent could each be InteractionSSEEvent" in line


def test_members_of_known_unions_are_news(tmp_path: Path) -> None:
    """Live Interactions are not emulated; which events they have is told all the same."""
    unions = {
        "ClientEvent": [*CLIENT[1:], "fly"],
        "InteractionSSEEvent": [*STREAM[1:], "step.rest"],
        "ServerEvent": [*SERVER, "landed"],
    }

    assert told(tmp_path, unions) == (
        0,
        {
            "new   event: type step.rest",
            "gone  event: type error",
            "new   live/client: type fly",
            "gone  live/client: type input",
            "new   live/server: type landed",
        },
    )


@pytest.mark.parametrize(("version", "gone"), [("3.4.0", 0), ("3.5.0", 16), ("9.9.9", 16)])
def test_live_interactions_are_gone_where_they_were(
    tmp_path: Path, version: str, gone: int
) -> None:
    """A release that is older than them cannot have them."""
    status, lines = told(tmp_path, {"InteractionSSEEvent": STREAM}, version)

    assert (status, len(lines)) == (0, gone)
    assert all(line.startswith("gone  live/") for line in lines)
