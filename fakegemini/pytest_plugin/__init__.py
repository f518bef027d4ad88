"""The pytest plugin: one fixture, and nothing that runs unasked.

Every run of pytest loads it, so it imports only the standard library and the table of record
modes; the server comes with the first test that asks for it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from ..record.modes import MODES, describe_modes

if TYPE_CHECKING:
    from pathlib import Path

    from ..doors.switchboard import Switchboard
    from ..fake.fake import Fake
    from .report import CassetteReport

KEY = "fake-key"
"""The API key in the environment of code under test, which no server takes."""

_MAX_AGE = pytest.StashKey[int]()
_REPORT = pytest.StashKey["CassetteReport"]()
_FIXTURES_SCRIPT = pytest.StashKey[contextlib.ExitStack]()
_HAS_FAILED = pytest.StashKey[bool]()
_NO_PROXY = "127.0.0.1,localhost"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the contract check and of recording."""
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
        help="let drift in a checked recording fail, too",
    )
    group.addoption(
        "--fakegemini-record",
        metavar="MODE",
        choices=[*MODES],
        help="record the marked tests against the live API, with your key. " + describe_modes(),
    )
    group.addoption(
        "--fakegemini-upstream",
        metavar="URL",
        help="record from this address instead of the live API",
    )
    group.addoption(
        "--fakegemini-max-age",
        metavar="AGE",
        help="fail a test whose cassette is older, such as 30d, 4w, 6m, 1y",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, read the age, and add the recordings to what is collected."""
    config.addinivalue_line("markers", _describe_marker(config))
    age = config.getoption("--fakegemini-max-age")
    if age is not None:
        from .report import parse_age

        try:
            config.stash[_MAX_AGE] = parse_age(age)
        except ValueError as error:
            raise pytest.UsageError(f"--fakegemini-max-age: {error}") from None
    config.args += config.getoption("--fakegemini-check")


def _describe_marker(config: pytest.Config) -> str:
    """Return the line that registers the marker; with its options where somebody reads it."""
    options = "…"
    if config.getoption("markers"):  # no other run has to load what the fake is made of
        from ..fake.replay.play_options import PLAY_OPTIONS

        options = ", ".join(f"{name}={option.default!r}" for name, option in PLAY_OPTIONS.items())
    return (
        f"fakegemini(cassette=None, record='none', {options}): answer from a cassette, or record "
        "one; by default cassettes/<module>/<test>.yaml"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return a collector for a recording that `--fakegemini-check` names, None for other files."""
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
    """Give a marked test the fixture, whether it names it or not, and note its cassettes."""
    mark = item.get_closest_marker("fakegemini")
    if mark is None or not isinstance(item, pytest.Function):
        return
    if "fakegemini" not in item.fixturenames:
        item.fixturenames.insert(0, "fakegemini")
    from ..errors import BadScript
    from .marker import MarkerOptions

    with contextlib.suppress(BadScript):  # the test fails with it when it runs
        marker_options = MarkerOptions.from_mark(item, mark, None)
        _get_report(item.config).used_cassettes.update(map(str, marker_options.cassettes))


def _get_report(config: pytest.Config) -> CassetteReport:
    """Return the report of this run, made when it is first asked for."""
    from .report import CassetteReport

    return config.stash.setdefault(_REPORT, CassetteReport())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Let what is scripted from now on be the test's own, no longer that of its fixtures."""
    if _FIXTURES_SCRIPT in item.stash:
        item.stash[_FIXTURES_SCRIPT].close()


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Note that a test with the fixture failed, or was left by `skip` or `xfail`."""
    if call.excinfo is not None and "fakegemini" in getattr(item, "fixturenames", ()):
        item.stash[_HAS_FAILED] = True


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the report of a worker of pytest-xdist to its controller."""
    worker_output = getattr(session.config, "workeroutput", None)
    if worker_output is not None and _REPORT in session.config.stash:
        worker_output["fakegemini"] = session.config.stash[_REPORT].to_json()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the report of a worker of pytest-xdist."""
    worker_report = getattr(node, "workeroutput", {}).get("fakegemini")
    if worker_report:
        _get_report(node.config).add_worker(worker_report)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the report on cassettes, if there is anything in it."""
    if _REPORT not in config.stash:
        return
    whole_modules = not any("::" in name for name in config.args)
    lines = list(config.stash[_REPORT].render_lines(whole_modules=whole_modules))
    if lines:
        terminalreporter.section("fakegemini: cassettes")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def _fakegemini_door() -> Iterator[tuple[Switchboard, str]]:
    """Run one server for the session; give the switchboard behind it, and its URL."""
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
    """A fresh fake Gemini Interactions API for this test, to which the SDKs go.

    It is a `Fake`: `.replies(...)` scripts what the model answers, `.requests` has what was asked,
    `.url` is the base URL. At its end the test fails if a request had no scripted reply or was one
    that the live server refuses, or if nobody asked for a scripted reply; `.allow(...)` lets any of
    these pass. The marker `fakegemini` plays a cassette, or records one.
    """
    from ..fake.fake import Fake
    from ..fake.script.rules import Level
    from .expected import forgive_inside_raises

    switchboard, server_url = _fakegemini_door
    fake = Fake(timer=time.monotonic)
    fake.watch()
    forgive_inside_raises(fake.complaints, monkeypatch)
    with (
        _fail_with_text(),
        switchboard.plug_in(fake.handle) as prefix,
        _open_cassettes(fake, request.node) as recorder_url,
    ):
        fake.url = recorder_url or server_url + prefix
        _point_sdks_at(fake.url, monkeypatch, keep_key=bool(recorder_url))
        with contextlib.ExitStack() as stack:
            stack.enter_context(fake.scripting_at(Level.FIXTURE))
            request.node.stash[_FIXTURES_SCRIPT] = stack  # until the test itself begins
            yield fake
    if fake.recorded_on:
        _get_report(request.config).add_fake(fake)
    _check_at_end(fake, request.node)


def _check_at_end(fake: Fake, test: pytest.Item) -> None:
    """Fail the test with what went wrong unseen; one that failed already gets it as a section."""
    if not test.stash.get(_HAS_FAILED, False):
        with _fail_with_text():
            fake.check()
        return
    from ..errors import FakeGeminiError

    try:
        fake.check()
    except FakeGeminiError as error:
        test.add_report_section("teardown", "fakegemini", f"{type(error).__name__}: {error}")


@contextlib.contextmanager
def _fail_with_text() -> Iterator[None]:
    """Fail the test with the text of an error of ours alone: our traceback helps nobody."""
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
    """Play or record what the test's marker names; give the URL of a recording proxy, or ``."""
    mark = test.get_closest_marker("fakegemini")
    if mark is None:
        yield ""
        return
    from .marker import MarkerOptions
    from .open_cassettes import play_cassettes, record_cassette

    config = test.config
    marker_options = MarkerOptions.from_mark(test, mark, config.getoption("--fakegemini-record"))
    if not marker_options.goes_live:
        play_cassettes(fake, marker_options, test, config.stash.get(_MAX_AGE, None))
        yield ""
        return
    upstream = config.getoption("--fakegemini-upstream")
    with record_cassette(
        fake, marker_options, upstream, _get_report(config).messages.append
    ) as url:
        yield url


def _point_sdks_at(url: str, monkeypatch: pytest.MonkeyPatch, *, keep_key: bool) -> None:
    """Set the environment that the SDKs read; a recording needs the developer's own key."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", url)
    _allow_loopback(monkeypatch)
    if keep_key:
        return
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    # The SDK prefers this variable, and a developer's real key must not get into a test.
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)


def _allow_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clients reach this machine without a proxy."""
    import os

    for name in ("NO_PROXY", "no_proxy"):
        no_proxy = os.environ.get(name)
        monkeypatch.setenv(name, f"{no_proxy},{_NO_PROXY}" if no_proxy else _NO_PROXY)
