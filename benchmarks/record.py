"""What recording costs a stream: its first event, and other streams beside a large body.

An upstream that says its first event after 0.3 s, as a fast model does, and then one every 5 ms;
`fakegemini record` before it; and a client that asks both in turns. Then the longest pause between
two events of a stream, while another client is answered with 10 MB, and of a thread beside a
recording of 10 MB that is saved.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from fakegemini.record.modes import MODES
from fakegemini.record.writer import open_recording
from fakegemini.recordings.exchange import Exchange, RecordedExchange

from .figures import Figure, Plan, compare, in_turns
from .processes import free_port

FIRST_SECONDS, NEXT_SECONDS = 0.3, 0.005
EVENT = b'event: step.delta\ndata: {"event_type": "step.delta"}\n\n'
WORDS = "the tide rises with the moon and falls again over the sand "
LARGE = json.dumps({"status": "completed", "steps": [{"text": WORDS * 170_000}]}).encode()
URI = "https://generativelanguage.googleapis.com/v1beta/interactions"
ASK = {"model": "gemini-3.5-flash", "input": "Why are there tides?"}
_PATIENCE = 20.0


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request: `/large` with 10 MB, anything else with a stream of 500 events."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b"/large" in head:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n" % len(LARGE) + LARGE)
    else:
        events = 500 if b"/long" in head else 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n")
        writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
        await asyncio.sleep(FIRST_SECONDS)
        for _ in range(events):
            writer.write(b"%x\r\n%s\r\n" % (len(EVENT), EVENT))
            await writer.drain()
            await asyncio.sleep(NEXT_SECONDS)
        writer.write(b"0\r\n\r\n")
    await writer.drain()
    writer.close()


async def serve_upstream(port: int) -> None:
    """Serve until the process ends."""
    server = await asyncio.start_server(answer, "127.0.0.1", port, limit=2**20)
    await server.serve_forever()


@contextmanager
def running(*command: str, port: int) -> Iterator[None]:
    """Run a command while the block runs; it listens on a port."""
    process = subprocess.Popen([sys.executable, *command], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + _PATIENCE
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/short", timeout=_PATIENCE)
                break
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def first_event(url: str) -> float:
    """Ask for a stream; gives the seconds until its first event."""
    began = time.perf_counter()
    with httpx.stream("POST", f"{url}/short", json=ASK, timeout=_PATIENCE) as response:
        next(response.iter_raw())
        return time.perf_counter() - began


def longest_pause(url: str, *, beside_large: bool) -> float:
    """Read a stream; gives the longest pause in it, while another client may get 10 MB."""
    other = threading.Thread(
        target=subprocess.run,
        args=([sys.executable, "-c", f"import httpx; httpx.get({url!r} + '/large', timeout=60)"],),
    )
    pauses: list[float] = []
    with httpx.stream("GET", f"{url}/long", timeout=_PATIENCE) as response:
        pieces = response.iter_raw()
        next(pieces)
        last = time.perf_counter()
        if beside_large:
            other.start()
        for _ in pieces:
            now = time.perf_counter()
            pauses.append(now - last)
            last = now
    if beside_large:
        other.join()
    return max(pauses) * 1e3


def pause_beside_saving() -> float:
    """Save a recording of 10 MB; gives the longest pause, in ms, of a thread beside it."""
    exchange = Exchange(1, "POST", URI, {}, json.dumps(ASK).encode(), 200, {}, LARGE)
    pauses, is_saved = [0.0], threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not is_saved.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            pauses.append(now - last)
            last = now

    with (
        tempfile.TemporaryDirectory() as folder,
        open_recording(Path(folder) / "tape.yaml", MODES["rewrite"], say=lambda line: None) as made,
    ):
        made.add(RecordedExchange(exchange))
        ticking = threading.Thread(target=tick)
        ticking.start()
        made.save()
        is_saved.set()
        ticking.join()
    return max(pauses) * 1e3


def measure(plan: Plan) -> Iterator[Figure]:
    """Measure all of it."""
    saving = sorted(pause_beside_saving() for _ in range(plan.rounds))
    yield Figure(
        "the longest pause of a thread, beside saving 10 MB",
        saving[len(saving) // 2],
        "ms",
        goal=50,
    )
    upstream_port, port = free_port(), free_port()
    upstream, recorder = f"http://127.0.0.1:{upstream_port}", f"http://127.0.0.1:{port}"
    start = f"from benchmarks.record import *; asyncio.run(serve_upstream({upstream_port}))"
    with tempfile.TemporaryDirectory() as folder:
        record = ["-m", "fakegemini", "record", "--cassette", str(Path(folder) / "tape.yaml")]
        record += ["--upstream", upstream, "--port", str(port)]
        with running("-c", start, port=upstream_port), running(*record, port=port):
            took = in_turns(
                {"direct": partial(first_event, upstream), "ours": partial(first_event, recorder)},
                plan.rounds,
            )
            ours = [seconds * 1e3 for seconds in took["ours"]]
            direct = [seconds * 1e3 for seconds in took["direct"]]
            yield compare("the first event", ours, "ms", "without recording", direct, 1.2)
            pauses = in_turns(
                {
                    "alone": partial(longest_pause, recorder, beside_large=False),
                    "beside": partial(longest_pause, recorder, beside_large=True),
                    "direct": partial(longest_pause, upstream, beside_large=True),
                },
                plan.rounds,
                warm=False,
            )
            for name, subject in (
                ("beside", "the longest pause of a stream, beside 10 MB recorded"),
                ("alone", "the same with nothing beside"),
                ("direct", "the same without recording"),
            ):
                goal = 50 if name == "beside" else None
                yield Figure(subject, sorted(pauses[name])[len(pauses[name]) // 2], "ms", goal=goal)
