"""Serve a fake for a test, or for all tests of a class, a module or a session: what fixtures do."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from ..doors.environment import sdk_environment
from ..doors.open_addresses import plug_in_fake
from ..errors import FakeGeminiError
from ..fake.fake import Fake
from ..fake.script.rules import Level
from .beside_vcr import leave_to_fake
from .cassettes_of_test import open_cassettes, read_marker
from .each_example import each_example
from .expected_refusals import forgive_inside_raises
from .pass_guards import pass_guards
from .run_options import (
    get_run_options,
    is_per_example,
    merge_options,
    read_project_options,
)
from .shared_fakes import get_shared_fakes
from .stash_keys import FAKE, FIXTURES_SCRIPT, HAS_FAILED, get_report
from .whole_session import get_address

if TYPE_CHECKING:
    from ..fake.option_types import FakeOptions
    from .page_report import PageReport


def provide_fake(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, own_options: FakeOptions
) -> Iterator[Fake]:
    """Serve a fake for as long as a fixture lasts, and check it at the end."""
    node, config = request.node, request.config
    with _fail_with_text():
        address = get_address(config)
        project: dict[str, Any] = {}
        if isinstance(node, pytest.Item):  # what is shared may last longer than that fixture
            project = read_project_options(request.getfixturevalue("fakegemini_config"))
        marker_options = read_marker(node, str(project.pop("record", "none")))
        of_marker = marker_options.fake_options if marker_options else {}
        options = merge_options(get_run_options(config), project, own_options, of_marker)
        fake = Fake(timer=time.monotonic, **options)
    fake.watch()
    page_report = _get_page_report(config)
    handler = page_report.watch(fake, node.nodeid) if page_report else None
    forgive_inside_raises(fake.complaints, monkeypatch)
    with (
        contextlib.ExitStack() as cleanup,
        _fail_with_text(),
        plug_in_fake(address, fake, node.nodeid or "an earlier session", handler) as url,
    ):
        fake.url = url
        recorder_url = ""
        if isinstance(node, pytest.Item):
            node.stash[FAKE] = fake
            recorder_url = cleanup.enter_context(open_cassettes(fake, node, marker_options))
            fake.url = recorder_url or url
            cleanup.enter_context(_scripting_of_fixtures(fake, node))
            if is_per_example(node, marker_options):
                cleanup.enter_context(each_example(fake, node))
            if node.get_closest_marker("vcr") and "vcr" in request.fixturenames:
                leave_to_fake(request.getfixturevalue("vcr"), fake.url)
        else:
            cleanup.enter_context(get_shared_fakes(config).sharing(fake))
        _point_sdks_at(fake.url, monkeypatch, keep_key=bool(recorder_url))
        cleanup.callback(pass_guards(fake.url))
        cleanup.callback(fake.release)
        yield fake
    if fake.recorded_on:
        get_report(config).add_fake(fake)
    if page_report and isinstance(node, pytest.Item) and node.stash.get(HAS_FAILED, False):
        text = f"What was asked and answered: {page_report.link_to(node.nodeid)}"
        node.add_report_section("teardown", "fakegemini", text)
    _check_at_end(fake, node)


def _get_page_report(config: pytest.Config) -> PageReport | None:
    """Return the report that `--fakegemini-report` asks for; nothing of it is loaded else."""
    if not config.getoption("--fakegemini-report"):
        return None
    from .page_report import get_page_report

    return get_page_report(config)


@contextlib.contextmanager
def _scripting_of_fixtures(fake: Fake, test: pytest.Item) -> Iterator[None]:
    """Let what is scripted be the fixtures' until the test itself begins."""
    scripting = test.stash.setdefault(FIXTURES_SCRIPT, contextlib.ExitStack())
    with scripting:
        scripting.enter_context(fake.scripting_at(Level.FIXTURE))
        yield


def _point_sdks_at(url: str, monkeypatch: pytest.MonkeyPatch, *, keep_key: bool) -> None:
    """Set the environment for as long as the fixture; a recording needs the developer's own key."""
    for name, value in sdk_environment(url, keep_key=keep_key).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


def _check_at_end(fake: Fake, node: pytest.Item | pytest.Collector) -> None:
    """Fail with what went wrong unseen; a test that failed already gets it as a section."""
    if not (isinstance(node, pytest.Item) and node.stash.get(HAS_FAILED, False)):
        with _fail_with_text():
            fake.check()
        return
    try:
        fake.check()
    except FakeGeminiError as error:
        node.add_report_section("teardown", "fakegemini", f"{type(error).__name__}: {error}")


@contextlib.contextmanager
def _fail_with_text() -> Iterator[None]:
    """Fail the test with the text of an error of ours alone: our traceback helps nobody."""
    failure = ""
    try:
        yield
    except FakeGeminiError as error:
        failure = f"{type(error).__name__}: {error}"
    if failure:
        raise pytest.fail.Exception(failure, pytrace=False) from None
