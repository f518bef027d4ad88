"""Other people's HTTP clients, as they are by default, against a server and the recorder."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakegemini import Fake, say
from fakegemini.doors.loopback import serve
from tests.record.upstream import recorder

from .clients import CLIENTS

TEXT = "Six o'clock – “tide” 🌊"


def cases() -> list[Any]:
    """A case for each client, skipped where its command is not there."""
    return [
        pytest.param(
            name,
            marks=pytest.mark.skipif(bool(client.missing), reason=f"no {client.missing} here"),
        )
        for name, client in CLIENTS.items()
    ]


def run(name: str, address: str) -> str:
    """What the client printed; no proxy of this machine is in its way."""
    environment = {
        key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")
    }
    result = subprocess.run(
        [*CLIENTS[name].command, address],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        timeout=240,
    )
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def check_output(name: str, output: str) -> None:
    """Each pair is an answer in one piece and a whole stream, both with the text."""
    lines = output.splitlines()
    whole = [json.loads(line) for line in lines if line.startswith('{"')]
    texts = [answer["steps"][-1]["content"][0]["text"] for answer in whole]

    assert texts == [TEXT] * CLIENTS[name].pairs
    assert lines.count("data: [DONE]") == CLIENTS[name].pairs


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A fake with one text for all, and a recorder in front of it."""
    fake = Fake()
    fake.default(say(TEXT))
    tape: Path = tmp_path_factory.mktemp("tape") / "tape.yaml"
    with serve(fake.handle) as url, recorder(tape, url) as (proxy, _):
        yield [url, proxy]


@pytest.mark.parametrize("name", cases())
def test_every_client_gets_through(addresses: list[str], name: str) -> None:
    """To the fake, and through a recorder."""
    for address in addresses:
        check_output(name, run(name, address))
