"""Play the cassettes of a test, or record one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from ..fake.options import SCRUB_OPTIONS
from ..record.modes import MODES, Keeps, Mode
from ..wording import nearest_name
from .marker import MarkerOptions, records_nothing_here
from .recorded_files import RecordedFiles, has_content

if TYPE_CHECKING:
    from ..fake.fake import Fake
    from ..record.writer import Say

_SECONDS_FOR_OTHERS = 600.0
"""How long a test waits for one of another worker that records into the same file."""


def play_cassettes(
    fake: Fake, marker_options: MarkerOptions, test: pytest.Item, max_age: int | None
) -> None:
    """Let a fake play the cassettes of a test; fail the test where one is missing or too old.

    One that nobody named fails the test with its first request: a test that makes none needs none.
    `max_age` is in days; None takes any age.
    """
    missing = next((path for path in marker_options.cassettes if not path.exists()), None)
    if missing and marker_options.is_named:
        pytest.fail(_missing_text(missing, test), pytrace=False)
    if missing:
        fake.miss_for_marker(_missing_text(missing, test))
        return
    fake.play_for_marker(*marker_options.cassettes)
    if max_age is None:
        return
    for name, recorded_date in fake.recorded_on.items():
        age = (dt.datetime.now(dt.UTC).date() - recorded_date).days if recorded_date else None
        if age is None or age > max_age:
            pytest.fail(_too_old_text(name, age, max_age, test), pytrace=False)


@contextmanager
def record_cassette(
    fake: Fake,
    marker_options: MarkerOptions,
    recorded: RecordedFiles,
    test: pytest.Item,
    *,
    upstream: str | None,
    saves_failed: bool,
    say: Say,
) -> Iterator[str]:
    """Run a proxy that records into the first cassette of a test, and give its URL.

    The fake logs the requests. What other tests of this run recorded into the file stays in it.
    `upstream` is the live API if None. With `saves_failed` a test that fails is saved as well.
    Raises a `FakeGeminiError` where nothing can be recorded or saved.
    """
    from ..doors.loopback import cut, serve_app
    from ..protocol.paths import LIVE_API_URL
    from ..record.proxy import Recorder
    from ..record.session import report_saved
    from ..record.upstream import check_upstream
    from ..record.writer import open_recording
    from ..recordings.record_hooks import HOOK_NAMES, RecordHooks
    from ..recordings.scrub.policy import ScrubRules

    check_upstream(upstream or LIVE_API_URL, "--fakegemini-upstream")
    options = {name: getattr(fake, name) for name in (*SCRUB_OPTIONS, *HOOK_NAMES)}
    fake.on_unplayed = "report"  # what is played beside a recording is no test of it
    path, failed_before = marker_options.cassettes[0], test.session.testsfailed
    with open_recording(
        path,
        lambda: _mode_now(marker_options.mode, path, recorded),
        rules=ScrubRules.from_mapping(options),
        hooks=RecordHooks.from_options(options),
        say=say,
        wait=_SECONDS_FOR_OTHERS,
    ) as writer:
        existing = [cassette for cassette in marker_options.cassettes if has_content(cassette)]
        if writer.mode.mixes and existing:
            fake.play_for_marker(*existing)
        app = Recorder(
            writer, upstream or LIVE_API_URL, cut=cut, replay=fake.before_upstream(), say=say
        )
        with serve_app(app, lifespan=True) as url:
            yield url
        reason = "the test failed" if test.session.testsfailed > failed_before else ""
        if not reason and has_content(path):
            reason = writer.find_outage()
        if reason and not saves_failed:
            if writer.exchanges:
                say(_unsaved_text(path, reason))
            return
        report_saved(path, writer.save(), say)
        if writer.exchanges:
            recorded.add(path)


@contextmanager
def pass_to_upstream(fake: Fake, upstream: str | None, say: Say) -> Iterator[str]:
    """Run a proxy to the live API, or to `upstream`, that keeps nothing; the fake logs requests."""
    from ..doors.loopback import cut, serve_app
    from ..protocol.paths import LIVE_API_URL
    from ..record.proxy import Recorder
    from ..record.writer import open_recording

    with (
        TemporaryDirectory() as folder,
        open_recording(Path(folder) / "dropped.yaml", MODES["rewrite"], say=say) as writer,
    ):
        app = Recorder(
            writer, upstream or LIVE_API_URL, cut=cut, replay=fake.before_upstream(), say=say
        )
        with serve_app(app, lifespan=True) as url:
            yield url


def _mode_now(mode: Mode, path: Path, recorded: RecordedFiles) -> Mode:
    """Return the mode for a test: one that shares its file with others of this run adds to it."""
    if path not in recorded or mode.name == "all":
        return mode
    return MODES["new_episodes"] if mode.plays else mode._replace(keeps=Keeps.EVERYTHING)


def _unsaved_text(path: Path, reason: str) -> str:
    return (
        f"{path} is as it was: {reason}. `fakegemini record --recover --cassette {path}` saves "
        "what was recorded, --fakegemini-record-failed saves it at once"
    )


def _missing_text(path: Path, test: pytest.Item) -> str:
    neighbours = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    nearest = nearest_name(path.name, (file.name for file in neighbours))
    hint = f" The nearest in its folder is {nearest}." if nearest else _moved_hint(path)
    in_ci = " In CI a marker alone records nothing." if records_nothing_here() else ""
    return (
        f"{path}: there is no such cassette.{hint}{in_ci}\n"
        f'Record it with your key: pytest --fakegemini-record once "{test.nodeid}"'
    )


def _moved_hint(path: Path) -> str:
    """Name a file of the same name in a folder beside, as where a module of tests was renamed."""
    beside = path.parent.parent
    folders = sorted(beside.iterdir()) if beside.is_dir() else []
    moved = next((folder for folder in folders if (folder / path.name).is_file()), None)
    return f" One of this name is in {moved}: move it where the test was moved." if moved else ""


def _too_old_text(name: str, age: int | None, max_age: int, test: pytest.Item) -> str:
    age_text = "does not say when it was recorded" if age is None else f"is {age} days old"
    return (
        f"{name} {age_text}; --fakegemini-max-age is {max_age} days.\n"
        f'Record it again with your key: pytest --fakegemini-record rewrite "{test.nodeid}"'
    )
