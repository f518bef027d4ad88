"""Cassettes to live with, and the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from click.testing import CliRunner, Result

from fakegemini.cli import main
from fakegemini.recordings.attachments import ATTACHMENT_FOLDER
from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from tests.scenarios import HOST, MODEL, Client


class Tape(Protocol):
    """Writes a cassette: what a scene does, or exchanges."""

    def __call__(self, content: Any, name: str = ..., head: Any = ...) -> Path: ...


@pytest.fixture
def tape(tmp_path: Path) -> Tape:
    """The path of a cassette in a folder of this test."""

    def write(content: Any, name: str = "tape.yaml", head: Any = None) -> Path:
        recorded = content if isinstance(content, list) else of(content)
        text, kept = dump_cassette(recorded, head)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for file, value in kept.items():
            (path.parent / ATTACHMENT_FOLDER).mkdir(exist_ok=True)
            (path.parent / ATTACHMENT_FOLDER / file).write_bytes(value)
        return path

    return write


def of(scene: Callable[[Client], object]) -> list[RecordedExchange]:
    """What a scene does, as it is recorded."""
    client = Client()
    scene(client)
    return [RecordedExchange(exchange) for exchange in client.exchanges]


def exchange(asked: Any, answered: Any, number: int = 1, status: int = 200) -> RecordedExchange:
    """A create with any bodies, whatever a server would say to it."""
    body = asked if isinstance(asked, bytes) else json.dumps({"model": MODEL, **asked}).encode()
    answer = answered if isinstance(answered, bytes) else json.dumps(answered).encode()
    headers = {"content-type": "application/json"}
    uri = f"{HOST}/v1/interactions"
    return RecordedExchange(Exchange(number, "POST", uri, headers, body, status, headers, answer))


def turn(*steps: Any, **members: Any) -> dict[str, Any]:
    """An answer with these steps."""
    return {"id": "v1_a", "status": "completed", "model": MODEL, "steps": [*steps], **members}


def run(*arguments: object, **options: Any) -> Result:
    """`fakegemini` with these arguments."""
    return CliRunner().invoke(main, [*map(str, arguments)], catch_exceptions=False, **options)
