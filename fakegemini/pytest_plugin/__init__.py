"""The pytest plugin: one fixture, and nothing that runs unasked.

Every run of pytest loads it, so it imports only the standard library and the table of record
modes; the server comes with the first test that asks for it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from ..fake.options import OPTIONS
from ..record.modes import MODES, describe_modes
from .stash_keys import (
    DROPPER,
    FAKE,
    FIXTURES_SCRIPT,
    HAS_FAILED,
    MAX_AGE,
    RECORDED,
    REPORT,
    TURBO_NOTES,
    get_report,
)
from .switches import is_on, variable_of

if TYPE_CHECKING:
    from pathlib import Path

    from ..fake.fake import Fake
    from .page_report import PageReport

SWITCHES = {
    "--fakegemini-env": "point the SDKs at one address from the beginning, so that clients "
    "made at import, cached, or kept by an application work in every test",
    "--fakegemini-transport": "answer clients of httpx and httpx2 in the process, without sockets",
    "--fakegemini-block": "let no test reach the live Gemini API, whatever library it uses",
    "--fakegemini-turbo": "keep what google-genai builds anew in every call: its classes and its "
    "CA files",
    "--fakegemini-per-example": "let each example of Hypothesis find the fake as its test did",
}
"""The switches of a whole session: an option and a line of the ini file each."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options of the contract check and of recording."""
    for name in ("fakegemini", __name__):  # whoever loads this again under the other name
        if not pluginmanager.has_plugin(name):
            pluginmanager.set_blocked(name)
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
        "--fakegemini-record-failed",
        action="store_true",
        help="save what a test recorded that fails, meets 5xx or is out of quota, too",
    )
    group.addoption(
        "--fakegemini-disable-recording",
        action="store_true",
        help="let the marked tests go to the live API, with your key; play and record nothing",
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
    group.addoption(
        "--fakegemini-drop-unplayed",
        action="store_true",
        help="after a whole run that is green, drop from the cassettes what no test played",
    )
    group.addoption(
        "--fakegemini-report",
        metavar="FILE",
        help="write what all tests asked and were answered: as a page, or as JSON (FILE.json)",
    )
    for name, text in SWITCHES.items():
        group.addoption(name, action="store_true", help=text)
        parser.addini(variable_of(name), text, type="bool", default=False)
    for name, option in OPTIONS.items():
        parser.addini(f"fakegemini_{name}", option.help, type=_INI_TYPES[option.form], default=None)


_INI_TYPES: dict[str, Any] = {
    "text": "string",
    "list": "args",
    "switch": "bool",
    "number": "int" if pytest.version_tuple >= (8, 4) else "string",
}
"""What pytest calls the forms of options."""


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Set the environment before a conftest.py is loaded, which may import the application."""
    _begin_session(early_config)


def _begin_session(config: pytest.Config) -> None:
    """Do what the switches of a whole session ask for, once."""
    on = {switch for switch in SWITCHES if is_on(config, switch)} - {"--fakegemini-per-example"}
    if on:
        from .whole_session import begin_session

        begin_session(
            config,
            env="--fakegemini-env" in on,
            block="--fakegemini-block" in on,
            in_process="--fakegemini-transport" in on,
            turbo="--fakegemini-turbo" in on,
        )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, read the age, and add the recordings to what is collected."""
    config.addinivalue_line("markers", _describe_marker(config))
    config.addinivalue_line(
        "markers",
        "fakegemini_block(on=True): keep this test from the live Gemini API, or with False let it",
    )
    if config.getoption("--fakegemini-report"):
        from ..errors import NotWritten

        try:
            _page_report(config)
        except NotWritten as error:
            raise pytest.UsageError(str(error)) from None
    if _sets_options(config):
        from .run_options import get_run_options

        get_run_options(config)  # one that is wrong is told once
    _begin_session(config)  # where a conftest.py loads this plugin, it is too late for more
    age = config.getoption("--fakegemini-max-age")
    if age is not None:
        from .report import parse_age

        try:
            config.stash[MAX_AGE] = parse_age(age)
        except ValueError as error:
            raise pytest.UsageError(f"--fakegemini-max-age: {error}") from None
    config.args += config.getoption("--fakegemini-check")
    if config.getoption("--fakegemini-drop-unplayed"):
        from .drop_unplayed import UnplayedDropper

        config.pluginmanager.register(UnplayedDropper(config), DROPPER)


def _sets_options(config: pytest.Config) -> bool:
    """Tell whether the ini file or the environment sets an option of the fake."""
    try:
        has_line = any(config.getini(f"fakegemini_{name}") is not None for name in OPTIONS)
    except (pytest.UsageError, TypeError, ValueError):  # a line whose value is none
        has_line = True
    return has_line or any(name.startswith("FAKEGEMINI_") for name in os.environ)


def _describe_marker(config: pytest.Config) -> str:
    """Return the line that registers the marker; with its options where somebody reads it."""
    options = "…"
    if config.getoption("markers"):  # no other run has to load what the fake is made of
        options = ", ".join(f"{name}={option.default!r}" for name, option in OPTIONS.items())
    return (
        f"fakegemini(cassette=None, record='none', per_example=False, {options}): answer from a "
        "cassette, or record one, by default cassettes/<module>/<test>.yaml; or tell the fake what "
        "to be"
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
    if item.get_closest_marker("fakegemini_block"):
        from .whole_session import get_block

        get_block(item.config)
    mark = item.get_closest_marker("fakegemini")
    if mark is None or not isinstance(item, pytest.Function):
        return
    if "fakegemini" not in item.fixturenames:
        item.fixturenames.insert(0, "fakegemini")
    from ..errors import BadScript
    from .marker import MarkerOptions

    with contextlib.suppress(BadScript):  # the test fails with it when it runs
        marker_options = MarkerOptions.from_test(item, None)
        get_report(item.config).used_cassettes.update(map(str, marker_options.cassettes))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Let what is scripted from now on be the test's own, no longer that of its fixtures."""
    if FIXTURES_SCRIPT in item.stash:
        item.stash[FIXTURES_SCRIPT].close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note that a test was interrupted, by Ctrl-C or `pytest.exit`: nothing else is to be said.

    What functions of the tests still compute ends first: beside it, pytest's report takes seconds.
    """
    try:
        return (yield)
    except BaseException:
        item.stash[HAS_FAILED] = True
        if open_addresses := sys.modules.get("fakegemini.doors.open_addresses"):
            open_addresses.end_functions()
        raise


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Note that a test with the fixture failed, or was left by `skip` or `xfail`.

    Its functions that are still at work end first, as above: a time limit may have failed it.
    """
    if call.excinfo is None or "fakegemini" not in getattr(item, "fixturenames", ()):
        return
    item.stash[HAS_FAILED] = True
    if call.when == "call" and (fake := item.stash.get(FAKE, None)):
        fake.end_functions()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Send the report of a worker of pytest-xdist to its controller."""
    worker_output = getattr(session.config, "workeroutput", None)
    if dropper := session.config.pluginmanager.get_plugin(DROPPER):
        from .cassettes_of_test import drop_unplayed

        drop_unplayed(session.config, dropper, exitstatus)
    if worker_output is not None and TURBO_NOTES in session.config.stash:
        worker_output["fakegemini turbo"] = session.config.stash[TURBO_NOTES]
    if worker_output is not None and (page_report := _page_report(session.config)):
        worker_output["fakegemini page"] = page_report.to_json()
    if worker_output is not None and REPORT in session.config.stash:
        worker_output["fakegemini"] = session.config.stash[REPORT].to_json()
    elif RECORDED in session.config.stash:
        session.config.stash[RECORDED].remove()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the report of a worker of pytest-xdist."""
    worker_output = getattr(node, "workeroutput", {})
    node.config.stash.setdefault(TURBO_NOTES, []).extend(worker_output.get("fakegemini turbo", ()))
    if page_report := _page_report(node.config):
        page_report.add_worker(worker_output.get("fakegemini page", ()))
    worker_report = worker_output.get("fakegemini")
    if worker_report:
        get_report(node.config).add_worker(worker_report)
        from .recorded_files import RecordedFiles

        node.config.stash[RECORDED] = RecordedFiles(node.workerinput["testrunuid"])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print what turbo could not do, and the report on cassettes, if there is anything in it."""
    for note in dict.fromkeys(config.stash.get(TURBO_NOTES, ())):
        terminalreporter.write_line(f"fakegemini: {note}")
    if page_report := _page_report(config):
        terminalreporter.write_line(f"fakegemini: {page_report.write()}")
    if REPORT not in config.stash:
        return
    from ..wording import spell_unsafe
    from .whole_suite import describe_part

    lines = list(config.stash[REPORT].render_lines(whole_suite=not describe_part(config)))
    if lines:
        terminalreporter.section("fakegemini: cassettes")
        for line in lines:
            terminalreporter.line(spell_unsafe(line))


def _page_report(config: pytest.Config) -> PageReport | None:
    """Return the report of this run; None where nobody asked for one."""
    if not config.getoption("--fakegemini-report"):
        return None
    from .page_report import get_page_report

    return get_page_report(config)


@pytest.fixture(scope="session")
def fakegemini_config() -> dict[str, object]:
    """What the fakes of a whole project or module are told to be, and how they record.

    Override it: it gives a dict of options of the marker, such as `{"tolerate": ["dates"]}`.
    """
    return {}


@pytest.fixture
def fakegemini(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Fake]:
    """A fresh fake Gemini Interactions API for this test, to which the SDKs go.

    It is a `Fake`: `.replies(...)` scripts what the model answers, `.requests` has what was asked,
    `.url` is the base URL. At its end the test fails if a request had no scripted reply or was one
    that the live server refuses, or if nobody asked for a scripted reply; `.allow(...)` lets any of
    these pass. The marker `fakegemini` plays a cassette, or records one.
    """
    from .fake_of_scope import provide_fake

    yield from provide_fake(request, monkeypatch, {})
