"""Small recordings, made from a fake, and doors to what plays them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from fakegemini import Fake
from tests.http.conftest import board, plug
from tests.http.door import Door
from tests.scenarios import Client, dump

__all__ = ["board", "plug"]

Scene = Callable[[Client], object]


class Played(Protocol):
    """Records some conversations, each on a tape, and opens a door to their replay."""

    def __call__(self, *scenes: Scene, **options: Any) -> tuple[Fake, Door]: ...


@pytest.fixture
def taped(tmp_path: Path) -> Callable[..., Path]:
    """The cassette of what `scene` does."""

    def write(scene: Scene, name: str = "tape.yaml") -> Path:
        client = Client()
        scene(client)
        path = tmp_path / name
        path.write_text(dump(client.exchanges), encoding="utf-8")
        return path

    return write


@pytest.fixture
def played(taped: Callable[..., Path], plug: Callable[..., Door]) -> Played:
    """The fake that plays, which is another than was recorded, and its door."""

    def play(*scenes: Scene, **options: Any) -> tuple[Fake, Door]:
        fake = Fake(seed="another")
        paths = [taped(scene, f"{number}.yaml") for number, scene in enumerate(scenes)]
        fake.play(*paths, **options)
        return fake, plug(fake.handle)

    return play
