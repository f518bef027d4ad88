"""A child that records again and again until it is killed."""

from __future__ import annotations

from pathlib import Path

from fakegemini.record.modes import MODES
from fakegemini.record.writer import open_recording
from fakegemini.recordings.atomic_write import lock_file, write_atomically
from tests.record.planted import create

EXCHANGES = 3
END = b"# the end\n"


def record(path: Path, round_: int) -> None:
    """One recording; each of its exchanges tells which."""
    with open_recording(path, MODES["rewrite"], say=lambda line: None) as made:
        for _ in range(EXCHANGES):
            made.add(create({"input": f"{round_} {'x ' * 5000}"}, {}))
        made.save()


def write_on(path: Path, first: int, many: int) -> None:
    """Write a large cassette again and again, with nothing in between."""
    for round_ in range(first, first + many):
        with lock_file(path):
            write_atomically(path, b"# %d\n" % round_ * 400_000 + END)


def record_on(path: Path, first: int, many: int) -> None:
    """Record again and again."""
    for round_ in range(first, first + many):
        record(path, round_)
