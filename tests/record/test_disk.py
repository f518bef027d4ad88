"""The file is the old one or a whole new one, whatever happens to whoever writes it."""

from __future__ import annotations

import os
import random
import resource
import signal
import stat
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from fakegemini.errors import CassetteBusy, NotWritten
from fakegemini.recordings.atomic_write import lock_file, write_atomically
from fakegemini.recordings.read import read_any_contents
from tests.record.looping import END, EXCHANGES, record, record_on, write_on

KILLS = 100


def child(work: Callable[[], object]) -> int:
    """A forked child that does its work and leaves at once; gives its process id."""
    process = os.fork()
    if process == 0:
        try:
            work()
        finally:
            os._exit(0)
    return process


def round_of(path: Path) -> int:
    """Which recording a cassette is; asserts that it is one of them, and all of it."""
    rounds = [
        int(one.request_json["input"].split()[0]) for one in read_any_contents(path).exchanges
    ]
    assert rounds == rounds[:1] * EXCHANGES
    return rounds[0]


def killed(path: Path, work: Callable[[Path, int, int], None], look: Callable[[], object]) -> int:
    """Kill children at any moment while they work and look each time; gives what they left."""
    chance, leftovers = random.Random(20), 0
    began = time.monotonic()
    os.waitpid(child(partial(work, path, 0, 2)), 0)
    span = time.monotonic() - began  # as long as two rounds take on this machine
    for kill in range(1, KILLS + 1):
        process = child(partial(work, path, kill * 1000, 1000))
        time.sleep(chance.random() * span)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        look()
        names = os.listdir(path.parent)
        leftovers += sum(name.endswith((".tmp", ".partial")) for name in names)
    assert leftovers > 0, "no child was killed while it wrote: the test shows nothing"
    return leftovers


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_while_they_record(tmp_path: Path) -> None:
    """The cassette is the old one or a complete new one; the next recording tidies up."""
    path = tmp_path / "a.yaml"
    record(path, 0)
    rounds = set()

    killed(path, record_on, lambda: rounds.add(round_of(path)))

    assert len(rounds) > 3
    record(path, -1)
    assert round_of(path) == -1
    assert os.listdir(tmp_path) == ["a.yaml"]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_while_they_write(tmp_path: Path) -> None:
    """A file that takes long to write is never there in part."""
    path = tmp_path / "a.yaml"
    path.write_bytes(END)
    sizes = set()

    def look() -> None:
        data = path.read_bytes()
        assert data.endswith(END)
        sizes.add(len(data))

    killed(path, write_on, look)

    assert len(sizes) > 1
    with lock_file(path):
        write_atomically(path, b"last")
    assert os.listdir(tmp_path) == ["a.yaml"]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """One clear sentence, no leftovers."""
    path, told = tmp_path / "a.yaml", tmp_path / "told"
    write_atomically(path, b"old")
    new = b"x" * 10_000

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            with lock_file(path):
                write_atomically(path, new)
        except NotWritten as error:
            told.write_text(str(error))

    os.waitpid(child(work), 0)

    assert path.read_bytes() == b"old"
    assert told.read_text() == f"cannot write {path}: File too large; the old file is as it was"
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "told"]


def test_a_second_writer_is_told_who_has_it(tmp_path: Path) -> None:
    """At once, or after it has waited; and then it is free."""
    path = tmp_path / "a.yaml"
    with lock_file(path):
        with (
            pytest.raises(CassetteBusy, match=rf"a\.yaml: process {os.getpid()} is writing it"),
            lock_file(path),
        ):
            pass
        with pytest.raises(CassetteBusy), lock_file(path, wait=0.06):
            pass
        with lock_file(tmp_path / "b.yaml"):
            pass
    with lock_file(path):
        pass
    assert os.listdir(tmp_path) == []


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_writers_take_turns(tmp_path: Path) -> None:
    """Four processes add to one file; no line is lost, none is mixed."""
    path = tmp_path / "a.yaml"

    def work() -> None:
        for number in range(20):
            with lock_file(path, wait=30):
                old = path.read_bytes() if path.exists() else b""
                write_atomically(path, old + f"{os.getpid()} {number}\n".encode())

    for process in [child(work) for _ in range(4)]:
        os.waitpid(process, 0)

    lines = path.read_text().splitlines()
    assert len(lines) == len(set(lines)) == 80


def test_a_link_stays_a_link_and_a_mode_a_mode(tmp_path: Path) -> None:
    """What the file was besides its text, it stays."""
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_bytes(b"interactions: []")
    real.chmod(0o640)
    link.symlink_to(real)

    with lock_file(link):
        write_atomically(link, b"new")

    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not files there either")
def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    """Neither a traceback nor a silence."""
    (tmp_path / "file").write_text("x")
    path = tmp_path / "file" / "a.yaml"

    with pytest.raises(NotWritten, match=r"cannot write .*a\.yaml: "):
        write_atomically(path, b"x")
    with pytest.raises(NotWritten, match=r"cannot write .*a\.yaml: "), lock_file(path):
        pass
