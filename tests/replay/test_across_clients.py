"""What one client recorded every other one is replayed: SDKs of two languages, and plain HTTP.

`FAKEGEMINI_OTHER_GENAI` is a folder with another google-genai, which then takes part.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests

from fakegemini import Fake, say
from fakegemini.doors.loopback import serve
from fakegemini.recordings.cassette import load_cassette
from tests.record.upstream import recorder
from tests.replay.clients.ask_with_sdk import FIRST, NEXT, ask, ask_async

HERE = Path(__file__).parent / "clients"
NODE, CURL = shutil.which("node"), shutil.which("curl")
OTHER = os.environ.get("FAKEGEMINI_OTHER_GENAI", "")
HAS_JS = (Path(__file__).parent.parent / "js" / "node_modules" / "@google" / "genai").is_dir()
TEXTS = ["The moon pulls – a little.", "And the sun does, too: ☂ & <sea>."]
EXPECTED = [*TEXTS, "completed"]
Send = Callable[[str, str, Any], bytes]


def asking(send: Send) -> Callable[[str], list[str]]:
    """A program on plain HTTP: a turn, the stream of a next one, and a look at the first."""

    def program(url: str) -> list[str]:
        base = f"{url}/v1beta/interactions"
        first = json.loads(send("POST", base, FIRST))
        body = NEXT | {"previous_interaction_id": first["id"], "stream": True}
        stream = send("POST", base, body).decode()
        events = [json.loads(line[6:]) for line in stream.splitlines() if line[:7] == "data: {"]
        deltas = [event["delta"] for event in events if "delta" in event]
        seen = json.loads(send("GET", f"{base}/{first['id']}", None))
        outputs = [step for step in first["steps"] if step["type"] == "model_output"]
        return [
            "".join(content["text"] for step in outputs for content in step["content"]),
            "".join(delta["text"] for delta in deltas if delta["type"] == "text"),
            seen["status"],
        ]

    return program


def with_aiohttp(method: str, url: str, body: Any) -> bytes:
    """One request of a session of its own."""

    async def run() -> bytes:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, json=body) as answer,
        ):
            return await answer.read()

    return asyncio.run(run())


def with_curl(method: str, url: str, body: Any) -> bytes:
    """One process."""
    data = ["--json", json.dumps(body)] if body else []
    command = [str(CURL), "-sS", "--compressed", "-X", method, url, *data]
    return subprocess.run(command, capture_output=True, timeout=20, check=True).stdout


def running(*command: str, **environment: str) -> Callable[[str], list[str]]:
    """A program of its own, which prints what it saw."""

    def program(url: str) -> list[str]:
        done = subprocess.run(
            [*command, url],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        seen: list[str] = json.loads(done.stdout)
        return seen

    return program


def with_httpx(method: str, url: str, body: Any) -> bytes:
    """One request."""
    return httpx.request(method, url, json=body).content


CLIENTS: dict[str, tuple[Callable[[str], list[str]], bool]] = {
    "google-genai": (ask, True),
    "google-genai, asynchronous": (ask_async, True),
    "another google-genai": (
        running(sys.executable, str(HERE / "ask_with_sdk.py"), PYTHONPATH=OTHER),
        bool(OTHER),
    ),
    "@google/genai": (running(str(NODE), str(HERE / "ask.mjs"), "sdk"), bool(NODE and HAS_JS)),
    "Node's fetch": (running(str(NODE), str(HERE / "ask.mjs"), "fetch"), bool(NODE)),
    "curl": (asking(with_curl), bool(CURL)),
    "httpx": (asking(with_httpx), True),
    "httpx2": (asking(lambda m, url, body: httpx2.request(m, url, json=body).content), True),
    "requests": (
        asking(lambda m, url, body: requests.request(m, url, json=body, timeout=20).content),
        True,
    ),
    "aiohttp": (asking(with_aiohttp), True),
}
"""The programs, and whether they can run here."""

PRESENT = [name for name, (_, is_here) in CLIENTS.items() if is_here]


@pytest.fixture(scope="module")
def tapes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A recording by each client."""
    folder, paths = tmp_path_factory.mktemp("tapes"), dict[str, Path]()
    for number, name in enumerate(PRESENT):
        fake = Fake()
        for text in TEXTS:
            fake.replies(say(text))
        path = folder / f"{number}.yaml"
        with serve(fake.handle) as upstream, recorder(path, upstream) as (url, _):
            assert CLIENTS[name][0](url) == EXPECTED
        assert len(load_cassette(path).exchanges) == 3
        paths[name] = path
    return paths


@pytest.mark.parametrize("player", PRESENT)
def test_what_any_client_recorded_each_is_replayed(player: str, tapes: dict[str, Path]) -> None:
    """The texts of the recording, streams too; nothing is left unplayed."""
    for name, path in tapes.items():
        fake = Fake()
        fake.play(path)
        with ExitStack() as stack:
            url = stack.enter_context(serve(fake.handle))
            assert CLIENTS[player][0](url) == EXPECTED, f"recorded with {name}"
        assert fake.unplayed == []
