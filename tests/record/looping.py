"""A child that records again and again until it is killed."""

from __future__ import annotations

from pathlib import Path

from fakegemini.cassette.recording import Mode, recording
from tests.record.planted import create

EXCHANGES = 3


def record(path: Path, round_: int) -> None:
    """One recording; each of its exchanges tells which."""
    with recording(path, Mode.REWRITE, say=lambda line: None) as made:
        for _ in range(EXCHANGES):
            made.add(create({"input": f"{round_} {'x ' * 5000}"}, {}))
        made.save()


def record_on(path: Path, first: int) -> None:
    """Record again and again."""
    for round_ in range(first, 1_000_000_000):
        record(path, round_)
