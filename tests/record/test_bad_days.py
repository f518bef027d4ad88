"""Recordings on bad days: what was good is there, what was recorded can be recovered.

Each round is a process that adds to a cassette, and is killed, has a full disk, or finds another
writer. `FAKEGEMINI_BAD_DAYS` is the number of rounds.
"""

from __future__ import annotations

import os
import random
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from fakegemini.errors import CassetteBusy, NotWritten
from fakegemini.record.modes import MODES
from fakegemini.record.recover import recover
from fakegemini.record.spool import find_spools
from fakegemini.record.writer import open_recording
from fakegemini.recordings.read import read_any_contents
from tests.record.planted import create

ROUNDS = int(os.environ.get("FAKEGEMINI_BAD_DAYS", "12"))
ROUNDS_OF_A_FILE = 8
EXCHANGES = 4


def inputs(path: Path) -> list[str]:
    """What was asked in a cassette; it is read as a whole, or the test fails."""
    if not path.exists():
        return []
    return [str(one.request_json["input"]) for one in read_any_contents(path).exchanges]


def record(path: Path, number: int, kept: Callable[[], object]) -> None:
    """Add exchanges to a cassette; tells of each that is on the disk, and of the end."""
    said: list[str] = []
    with open_recording(path, MODES["new_episodes"], say=said.append) as made:
        for each in range(EXCHANGES):
            before = len(said)
            made.add(create({"input": f"{number}.{each} {'tide ' * 400}"}, {}))
            if len(said) == before:
                kept()
        made.save()
        kept()


def run_round(path: Path, number: int, size_limit: int | None, kill_after: int | None) -> int:
    """Run one round in a process; gives how many things it told to have on the disk."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reader)
            if size_limit:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size_limit, size_limit))
            record(path, number, lambda: os.write(writer, b"."))
        except NotWritten:
            pass
        finally:
            os._exit(0)
    os.close(writer)
    told = 0
    while os.read(reader, 1):
        told += 1
        if told == kill_after:
            os.kill(process, signal.SIGKILL)
    os.close(reader)
    os.waitpid(process, 0)
    return told


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_nothing_is_lost(tmp_path: Path) -> None:
    """Old exchanges stay, each one that was told to be on the disk is there or recovered."""
    chance, bad, recovered = random.Random(12), 0, 0
    path, known = tmp_path / "0.yaml", set[str]()
    for number in range(ROUNDS):
        if number % ROUNDS_OF_A_FILE == 0:
            path, known = tmp_path / f"{number}.yaml", set()
        kind = chance.choice(["killed", "full", "well"])
        size = path.stat().st_size if path.exists() else 0
        limit = size + chance.randrange(500, 12_000) if kind == "full" else None
        kill = chance.randrange(1, EXCHANGES + 2) if kind == "killed" else None

        told = run_round(path, number, limit, kill)

        there = {one.split()[0] for one in inputs(path)}
        assert known <= there, f"round {number} ({kind}): what was good is gone"
        if find_spools(path):
            bad += 1
            recovered += recover(path, say=lambda line: None).new
            there = {one.split()[0] for one in inputs(path)}
        kept = {f"{number}.{each}" for each in range(EXCHANGES)}
        assert known <= there
        assert len(kept & there) >= min(told, EXCHANGES), f"round {number} ({kind})"
        assert sorted(inputs(path)) == sorted(set(inputs(path))), "nothing is there twice"
        known = there
    assert bad > ROUNDS // 8
    assert recovered > bad // 2
    # The lock of a process that was killed goes with the next recording.
    leftovers = [name for name in os.listdir(tmp_path) if not name.endswith((".yaml", ".lock"))]
    assert leftovers == []


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_second_writer_finds_it_taken(tmp_path: Path) -> None:
    """It writes nothing; the first is saved."""
    path = tmp_path / "a.yaml"
    with open_recording(path, MODES["once"], say=lambda line: None) as made:
        made.add(create({"input": "first"}, {}))
        with pytest.raises(CassetteBusy):
            record(path, 1, lambda: None)
        made.save()
    assert inputs(path) == ["first"]
