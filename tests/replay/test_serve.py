"""`fakegemini serve --cassettes`: a replay for any language, as often as asked."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakegemini.cli import main
from tests.http.door import Door
from tests.replay.test_conversations import background, chain
from tests.replay.test_streams import TEXT, text_of, tides


@contextmanager
def served(*arguments: str) -> Iterator[tuple[Door, list[str]]]:
    """A door to the command, and the lines that it prints."""
    command = [sys.executable, "-m", "fakegemini", "serve", "--port", "0", *arguments]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        log: list[str] = []
        reader = threading.Thread(target=log.extend, args=(server.stdout,))
        reader.start()  # a pipe that nobody empties would stop the server
        try:
            assert found is not None
            yield Door(found[0]), log
        finally:
            server.send_signal(signal.SIGINT)
            reader.join()


def test_a_folder_is_replayed_again_and_again(taped: Callable[..., Path]) -> None:
    """Each time under other ids; what is on no tape is an error that the log shows."""
    folder = taped(chain, "a.yaml").parent
    taped(background, "b.yaml")
    taped(tides, "c.yaml")

    with served("--cassettes", str(folder), "--chunks", "13") as (door, log):
        ids = set()
        for _ in range(3):
            first = door.create("I am Ada.").json
            second = door.create("Who am I?", previous_interaction_id=first["id"])
            ids |= {first["id"], second.json["id"]}
            assert second.text == "You are Ada."
        run = door.create("Think long", background=True).json["id"]
        polls = [door.get(run).json["status"] for _ in range(6)]
        assert polls == ["in_progress"] * 3 + ["completed"] * 3
        assert text_of(door.create("Tides?", stream=True).events) == TEXT
        missed = door.create("Else")

    assert len(ids) == 6
    assert missed.status == 400
    assert "Replaying 3 cassettes.\n" in log
    assert any("No recording answers this request" in line for line in log)


def test_beyond_the_tape(taped: Callable[..., Path]) -> None:
    """The model goes on with what was replayed."""
    path = taped(chain)

    with served("--cassettes", str(path), "--missing", "model") as (door, _):
        first = door.create("I am Ada.").json
        answer = door.create("What did I say?", previous_interaction_id=first["id"])

    assert answer.status == 200


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--cassettes", "none.yaml"], "none.yaml: no such file or folder"),
        (["--cassettes", "bad.yaml"], "bad.yaml:1: a conflict marker from git"),
        (["--cassettes", "good.yaml", "--chunks", "many"], 'chunks is "recorded", "events" or'),
        (["--cassettes", "good.yaml", "--tolerate", "date"], "did you mean 'dates'?"),
    ],
)
def test_what_cannot_be_replayed(
    arguments: list[str],
    text: str,
    taped: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line, and no server."""
    taped(chain, "good.yaml")
    (tmp_path / "bad.yaml").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    outcome = CliRunner().invoke(main, ["serve", "--port", "0", *arguments])

    assert outcome.exit_code == 1
    assert text in outcome.output
    assert len(outcome.output.splitlines()) == 1
