"""The pytest plugin: one fixture, nothing that runs unasked.

Loading it imports our pure core and the standard library; the server comes with the first test
that asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .fake import Fake
    from .switchboard import Switchboard

KEY = "fake-key"
"""The API key that code under test finds. It is no key."""

_NO_PROXY = "127.0.0.1,localhost"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the contract check."""
    group = parser.getgroup("fakegemini", "the Gemini Interactions API on your own machine")
    group.addoption(
        "--fakegemini-check",
        action="append",
        default=[],
        metavar="PATH",
        help="collect each exchange of a recording, or of a folder of them, as a test",
    )
    group.addoption(
        "--fakegemini-check-strict",
        action="store_true",
        help="drift in a checked recording fails too",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the recordings to what is collected."""
    config.args += [name for name in config.getoption("--fakegemini-check")]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A recording named by `--fakegemini-check`."""
    named = parent.config.getoption("--fakegemini-check")
    if not named:
        return None
    from pathlib import Path

    from .contract.collect import Recording, wanted

    roots = [(parent.config.invocation_params.dir / Path(name)).resolve() for name in named]
    if not wanted(file_path.resolve(), roots):
        return None
    recording: pytest.Collector = Recording.from_parent(parent, path=file_path)
    return recording


@pytest.fixture(scope="session")
def _fakegemini_door() -> Iterator[tuple[Switchboard, str]]:
    from .loopback import serve
    from .switchboard import Switchboard

    board = Switchboard()
    with serve(board) as url:
        yield board, url


@pytest.fixture
def fakegemini(
    _fakegemini_door: tuple[Switchboard, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fake]:
    """A fresh fake Gemini Interactions API for this test; the SDKs' environment points at it.

    Gives a `Fake`: `.replies(...)` scripts what the model says, `.requests` is what was asked,
    `.url` the base URL. At the end the test fails if a request had no scripted reply or was one
    that the live server refuses, or if a scripted reply was never asked for; `.allow(...)` lets
    any of these pass.
    """
    from .errors import FakeGeminiError
    from .fake import Fake

    board, server = _fakegemini_door
    fake = Fake(timer=time.monotonic)
    fake.watch()
    with board.plugged(fake.handle) as prefix:
        fake.url = server + prefix
        _point_at(fake.url, monkeypatch)
        yield fake
    failure = ""
    try:
        fake.check()
    except FakeGeminiError as error:
        failure = f"{type(error).__name__}: {error}"
    if failure:  # the text alone: how the fixture came to it helps nobody
        pytest.fail(failure, pytrace=False)


def _point_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", url)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    # The SDK prefers this one: a developer's real key has no business in a test.
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        kept = os.environ.get(name)
        monkeypatch.setenv(name, f"{kept},{_NO_PROXY}" if kept else _NO_PROXY)
