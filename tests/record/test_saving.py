"""A recording that takes long to save: a signal ends it in time, and nothing whole is lost."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from fakegemini.record.heavy_work import HeavyWorker
from fakegemini.record.modes import MODES
from fakegemini.record.recover import recover
from fakegemini.record.spool import find_spools
from fakegemini.record.writer import open_recording
from fakegemini.recordings.cassette import load_any_cassette
from fakegemini.recordings.exchange import ENDING_WHOLE, Exchange, RecordedExchange
from tests.record.upstream import saying

WORDS = "the tide rises with the moon "
LARGE = 1_300_000
PATIENCE = 60.0
PROC = Path("/proc/self/task")

only_linux = pytest.mark.skipif(not PROC.exists(), reason="the children of a process are Linux's")


def interaction(text: str) -> bytes:
    """An answer to a create."""
    content = {"type": "text", "text": text}
    steps = [{"type": "model_output", "content": [content]}]
    return json.dumps({"id": "v1_a", "status": "completed", "steps": steps}).encode()


def answer(connection: socket.socket, request: bytes) -> None:
    """A large answer."""
    body = interaction(WORDS * (LARGE // len(WORDS)))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    connection.sendall(head % len(body) + body)


def until(happens: Callable[[], object]) -> None:
    """Wait for something."""
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children_of(process: int) -> list[int]:
    """The processes that a process started."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


def line_count(cassette: Path) -> int:
    """How many exchanges are on the disk."""
    return sum(spool.read_bytes().count(b"\n") - 1 for spool in find_spools(cassette))


PYTHON = [sys.executable, "-u", "-m", "fakegemini"]
COMMANDS = {
    "record": ["record", "--cassette"],
    "serve": ["serve", "--missing", "upstream", "--record"],
}


@contextmanager
def recording(
    cassette: Path, upstream: str, command: str = "record"
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a command that records; gives the process and its address."""
    process = subprocess.Popen(
        [*PYTHON, *COMMANDS[command], str(cassette), "--upstream", upstream, "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    try:
        first = process.stdout.readline()
        yield process, f"http://127.0.0.1:{first.partition('http://127.0.0.1:')[2].split()[0]}"
    finally:
        process.kill()
        process.communicate()


def ask(url: str, text: str) -> None:
    """Ask for a large answer."""
    asked = {"model": "gemini-3.5-flash", "input": text}
    assert httpx.post(f"{url}/v1beta/interactions", json=asked, timeout=PATIENCE).status_code == 200


@only_linux
@pytest.mark.parametrize(
    ("command", "number"),
    [("record", signal.SIGTERM), ("record", signal.SIGINT), ("serve", signal.SIGTERM)],
)
def test_one_signal_ends_what_takes_long_to_save(
    command: str, number: signal.Signals, tmp_path: Path
) -> None:
    """It says what to do, and that saves everything; here the process that writes stands still."""
    cassette = tmp_path / "a.yaml"
    with saying(answer) as upstream, recording(cassette, upstream, command) as (process, url):
        ask(url, "first")
        until(lambda: line_count(cassette) == 1)
        (worker,) = children_of(process.pid)
        os.kill(worker, signal.SIGSTOP)
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)

        assert process.returncode == 1
        assert f"fakegemini record --recover --cassette {cassette}" in output
        assert "Traceback" not in output
        until(lambda: not Path(f"/proc/{worker}").exists() or "Z" in _state_of(worker))
    assert not cassette.exists()
    assert recover(cassette, say=print).new == 1
    assert len(load_any_cassette(cassette).exchanges) == 1
    assert find_spools(cassette) == []


def _state_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


@only_linux
def test_a_whole_answer_is_waited_for(tmp_path: Path) -> None:
    """An answer that has come and is not on the disk yet is not lost to a signal."""
    cassette = tmp_path / "a.yaml"
    with saying(answer) as upstream, recording(cassette, upstream) as (process, url):
        ask(url, "first")
        until(lambda: line_count(cassette) == 1)
        (worker,) = children_of(process.pid)
        os.kill(worker, signal.SIGSTOP)
        ask(url, "second")
        process.send_signal(signal.SIGTERM)
        time.sleep(2.5)
        assert process.poll() is None
        os.kill(worker, signal.SIGCONT)
        process.communicate(timeout=PATIENCE)
    if not cassette.exists():
        recover(cassette, say=print)
    assert len(load_any_cassette(cassette).exchanges) == 2


def taped(number: int, text: str, key: str = "") -> RecordedExchange:
    """An exchange, with a key in its header if one is given."""
    asked = json.dumps({"model": "m", "input": f"{number}"}).encode()
    headers = {"x-goog-api-key": key} if key else {}
    uri = "https://generativelanguage.googleapis.com/v1beta/interactions"
    answered = {"content-type": "application/json"}
    body = interaction(text)
    exchange = Exchange(number, "POST", uri, headers, asked, 200, answered, body)
    return RecordedExchange(exchange, (), ENDING_WHOLE)


KEY = "abcd1234" + "wxyz9876"


@pytest.mark.parametrize("padding", [0, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_secret_that_is_learned_late_is_in_no_earlier_answer(
    form: str, padding: int, tmp_path: Path
) -> None:
    """What was scrubbed already is scrubbed again where more is known; the counts are the same."""
    cassette = tmp_path / f"a.{form}"
    pad = WORDS * (padding // len(WORDS))
    with open_recording(cassette, MODES["rewrite"], say=print) as made:
        made.add(taped(1, f"It is {KEY}. {pad}"))
        made.add(taped(2, "Nothing.", KEY))
        made.add(taped(3, f"Once more {KEY}."))
        made.save()

    text = cassette.read_text()
    assert KEY not in text
    head = load_any_cassette(cassette).head
    assert head["scrubbed"] == {
        "body $.steps[0].content[0].text": 2,
        "x-goog-api-key": 1,
    }
    bodies = [one.exchange.response_body.decode() for one in load_any_cassette(cassette).exchanges]
    assert ["SCRUBBED-1" in body for body in bodies] == [True, False, True]


def test_exchanges_of_one_number_are_not_mixed_up(tmp_path: Path) -> None:
    """Whoever adds may number as it likes."""
    cassette = tmp_path / "a.yaml"
    with open_recording(cassette, MODES["rewrite"], say=print) as made:
        for text in ("one", "two"):
            made.add(taped(1, text))
        made.save()

    bodies = [one.exchange.response_body.decode() for one in load_any_cassette(cassette).exchanges]
    assert ["one" in bodies[0], "two" in bodies[1]] == [True, True]


BUSY = """
import sys, threading, time
from fakegemini.record.heavy_work import HeavyWorker
worker = HeavyWorker()
threading.Thread(target=worker.call, args=(time.sleep, 600), daemon=True).start()
while worker._process is None:
    time.sleep(0.01)
print(worker._process.pid, flush=True)
sys.stdin.read()
"""


@only_linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_other_process_ends_with_its_recorder(number: signal.Signals) -> None:
    """However that ends: it would hold the outputs open for whoever reads them to the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", BUSY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    other = int(process.stdout.readline())
    process.send_signal(number)
    try:
        process.communicate(timeout=PATIENCE)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(other, signal.SIGKILL)


def test_no_other_process_after_the_end() -> None:
    """Once it was told to end at once, no work begins."""
    worker = HeavyWorker()
    worker.kill()
    with pytest.raises(EOFError):
        worker.call(time.sleep, 0)
