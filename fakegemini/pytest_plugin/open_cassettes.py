"""Play the cassettes of a test, or record one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..wording import nearest_name
from .marker import MarkerOptions

if TYPE_CHECKING:
    from ..fake.fake import Fake
    from ..record.writer import Say


def play_cassettes(
    fake: Fake, marker_options: MarkerOptions, test: pytest.Item, max_age: int | None
) -> None:
    """Let a fake play the cassettes of a test; fail the test where one is missing or too old.

    `max_age` is in days; None takes any age.
    """
    for path in marker_options.cassettes:
        if not path.exists():
            pytest.fail(_missing_text(path, test), pytrace=False)
    fake.play_for_marker(*marker_options.cassettes, **marker_options.play_options)
    if max_age is None:
        return
    for name, recorded_date in fake.recorded_on.items():
        age = (dt.datetime.now(dt.UTC).date() - recorded_date).days if recorded_date else None
        if age is None or age > max_age:
            pytest.fail(_too_old_text(name, age, max_age, test), pytrace=False)


@contextmanager
def record_cassette(
    fake: Fake, marker_options: MarkerOptions, upstream: str | None, say: Say
) -> Iterator[str]:
    """Run a proxy that records into the first cassette of a test, and give its URL.

    The fake logs the requests. `upstream` is the live API if None. Raises a `FakeGeminiError` where
    nothing can be recorded or saved.
    """
    from ..doors.loopback import cut, serve_app
    from ..protocol.paths import LIVE_API_URL
    from ..record.proxy import Recorder
    from ..record.session import report_saved
    from ..record.writer import open_recording

    path, mode = marker_options.cassettes[0], marker_options.mode
    existing_cassettes = [cassette for cassette in marker_options.cassettes if cassette.exists()]
    if mode.mixes and existing_cassettes:
        fake.play_for_marker(*existing_cassettes, **marker_options.play_options)
    with open_recording(path, mode, say=say) as new_recording:
        app = Recorder(
            new_recording, upstream or LIVE_API_URL, cut=cut, replay=fake.before_upstream(), say=say
        )
        with serve_app(app, lifespan=True) as url:
            yield url
        report_saved(path, new_recording.save(), say)


def _missing_text(path: Path, test: pytest.Item) -> str:
    neighbours = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    nearest = nearest_name(path.name, (file.name for file in neighbours))
    hint = f" The nearest in its folder is {nearest}." if nearest else ""
    return (
        f"{path}: there is no such cassette.{hint}\n"
        f'Record it with your key: pytest --fakegemini-record once "{test.nodeid}"'
    )


def _too_old_text(name: str, age: int | None, max_age: int, test: pytest.Item) -> str:
    age_text = "does not say when it was recorded" if age is None else f"is {age} days old"
    return (
        f"{name} {age_text}; --fakegemini-max-age is {max_age} days.\n"
        f'Record it again with your key: pytest --fakegemini-record rewrite "{test.nodeid}"'
    )
