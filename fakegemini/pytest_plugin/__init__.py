"""The pytest plugin: one fixture, nothing that runs unasked.

Loading it imports our pure core and the standard library; the server comes with the first test
that asks for it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from ..doors.switchboard import Switchboard
    from ..fake.fake import Fake
    from .marker import CassetteReport

KEY = "fake-key"
"""The API key that code under test finds. It is no key."""

_MAX_AGE = pytest.StashKey[int]()
_REPORT = pytest.StashKey["CassetteReport"]()
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
    group.addoption(
        "--fakegemini-record",
        metavar="MODE",
        choices=["none", "once", "new_episodes", "all", "rewrite"],
        help="record the marked tests against the live API, with your key; the modes are VCR's",
    )
    group.addoption(
        "--fakegemini-upstream", metavar="URL", help="record from there instead of the live API"
    )
    group.addoption(
        "--fakegemini-max-age",
        metavar="AGE",
        help="a cassette that is older fails its test: 30d, 4w, 6m, 1y",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the recordings to what is collected, and say what the marker means."""
    config.addinivalue_line("markers", _describe_marker())
    age = config.getoption("--fakegemini-max-age")
    if age is not None:
        from .marker import parse_age

        try:
            config.stash[_MAX_AGE] = parse_age(age)
        except ValueError as error:
            raise pytest.UsageError(f"--fakegemini-max-age: {error}") from None
    config.args += [name for name in config.getoption("--fakegemini-check")]


def _describe_marker() -> str:
    from ..fake.replay.play_options import PLAY_OPTIONS

    options = ", ".join(f"{name}={option.default!r}" for name, option in PLAY_OPTIONS.items())
    return (
        f"fakegemini(cassette=None, record='none', {options}): answer from a cassette, or record "
        "one; by default cassettes/<module>/<test>.yaml"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A recording named by `--fakegemini-check`."""
    checked_paths = parent.config.getoption("--fakegemini-check")
    if not checked_paths:
        return None
    from pathlib import Path

    from .collect import RecordingFile, is_checked

    roots = [(parent.config.invocation_params.dir / Path(name)).resolve() for name in checked_paths]
    if not is_checked(file_path.resolve(), roots):
        return None
    recording_file: pytest.Collector = RecordingFile.from_parent(parent, path=file_path)
    return recording_file


def pytest_itemcollected(item: pytest.Item) -> None:
    """A marked test has the fixture, whether it names it or not."""
    mark = item.get_closest_marker("fakegemini")
    if mark is None or not isinstance(item, pytest.Function):
        return
    if "fakegemini" not in item.fixturenames:
        item.fixturenames.insert(0, "fakegemini")
    from ..errors import BadScript
    from .marker import MarkerOptions

    with contextlib.suppress(BadScript):  # the test itself will say what is wrong with it
        marker_options = MarkerOptions.from_mark(item, mark, None)
        _get_report(item.config).used_cassettes.update(map(str, marker_options.cassettes))


def _get_report(config: pytest.Config) -> CassetteReport:
    from .marker import CassetteReport

    return config.stash.setdefault(_REPORT, CassetteReport())


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under pytest-xdist, a worker tells what it saw of cassettes."""
    worker_output = getattr(session.config, "workeroutput", None)
    if worker_output is not None and _REPORT in session.config.stash:
        worker_output["fakegemini"] = session.config.stash[_REPORT].to_json()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker of pytest-xdist told."""
    worker_report = getattr(node, "workeroutput", {}).get("fakegemini")
    if worker_report:
        _get_report(node.config).add_worker(worker_report)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Cassettes that nobody played, in whole or in part; nothing where there are none."""
    if _REPORT not in config.stash:
        return
    whole_modules = not any("::" in name for name in config.args)
    lines = [*config.stash[_REPORT].render_lines(whole_modules=whole_modules)]
    if lines:
        terminalreporter.section("fakegemini: cassettes")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def _fakegemini_door() -> Iterator[tuple[Switchboard, str]]:
    from ..doors.loopback import serve
    from ..doors.switchboard import Switchboard

    switchboard = Switchboard()
    with serve(switchboard) as url:
        yield switchboard, url


@pytest.fixture
def fakegemini(
    request: pytest.FixtureRequest,
    _fakegemini_door: tuple[Switchboard, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Fake]:
    """A fresh fake Gemini Interactions API for this test; the SDKs' environment points at it.

    Gives a `Fake`: `.replies(...)` scripts what the model says, `.requests` is what was asked,
    `.url` the base URL. At the end the test fails if a request had no scripted reply or was one
    that the live server refuses, or if a scripted reply was never asked for; `.allow(...)` lets
    any of these pass. The marker `fakegemini` plays a cassette, or records one.
    """
    from ..fake.fake import Fake

    switchboard, server_url = _fakegemini_door
    fake = Fake(timer=time.monotonic)
    fake.watch()
    with (
        _fail_with_text(),
        switchboard.plug_in(fake.handle) as prefix,
        _open_cassettes(fake, request.node) as recorder_url,
    ):
        fake.url = recorder_url or server_url + prefix
        _point_sdks_at(fake.url, monkeypatch, keep_key=bool(recorder_url))
        yield fake
    if fake.recorded_on:
        _get_report(request.config).add_fake(fake)
    with _fail_with_text():
        fake.check()


@contextlib.contextmanager
def _fail_with_text() -> Iterator[None]:
    """What we raise on purpose fails the test with its text alone: how it came helps nobody."""
    from ..errors import FakeGeminiError

    failure = ""
    try:
        yield
    except FakeGeminiError as error:
        failure = f"{type(error).__name__}: {error}"
    if failure:
        raise pytest.fail.Exception(failure, pytrace=False) from None


@contextlib.contextmanager
def _open_cassettes(fake: Fake, test: pytest.Item) -> Iterator[str]:
    """The cassettes that the test's marker names; gives the address of a recorder, if any."""
    mark = test.get_closest_marker("fakegemini")
    if mark is None:
        yield ""
        return
    from . import marker

    config = test.config
    marker_options = marker.MarkerOptions.from_mark(
        test, mark, config.getoption("--fakegemini-record")
    )
    if not marker.goes_live(marker_options):
        marker.play_cassettes(fake, marker_options, test, config.stash.get(_MAX_AGE, None))
        yield ""
        return
    upstream = config.getoption("--fakegemini-upstream")
    with marker.record_cassette(
        fake, marker_options, upstream, _get_report(config).messages.append
    ) as url:
        yield url


def _point_sdks_at(url: str, monkeypatch: pytest.MonkeyPatch, *, keep_key: bool) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", url)
    _allow_loopback(monkeypatch)
    if keep_key:
        return
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    # The SDK prefers this one: a developer's real key has no business in a test.
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)


def _allow_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in ("NO_PROXY", "no_proxy"):
        no_proxy = os.environ.get(name)
        monkeypatch.setenv(name, f"{no_proxy},{_NO_PROXY}" if no_proxy else _NO_PROXY)
