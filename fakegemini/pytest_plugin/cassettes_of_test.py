"""Decide by its marker what a test does with cassettes, and do it while the test runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from ..errors import BadScript
from .marker import MarkerOptions
from .open_cassettes import pass_to_upstream, play_cassettes, record_cassette
from .recorded_files import RecordedFiles
from .stash_keys import MAX_AGE, RECORDED, get_report
from .whole_session import lift_block

if TYPE_CHECKING:
    from ..fake.fake import Fake
    from .drop_unplayed import UnplayedDropper


def read_marker(
    node: pytest.Item | pytest.Collector, project_mode: str = "none"
) -> MarkerOptions | None:
    """Read the markers of a test, or of a module or class whose tests share a fake; None for none.

    `project_mode` is the mode of recording of the whole project. Raises `BadScript`.
    """
    if node.get_closest_marker("fakegemini") is None:
        return None
    mode = node.config.getoption("--fakegemini-record")
    marker_options = MarkerOptions.from_test(node, mode, project_mode)
    if marker_options.cassettes and not isinstance(node, pytest.Item):
        raise BadScript(
            f"the marker fakegemini of {node.name} is about a cassette, which a test plays for "
            "itself. Fix: give its tests the fixture fakegemini, or call .play(…) on the shared one"
        )
    return marker_options


@contextlib.contextmanager
def open_cassettes(
    fake: Fake, test: pytest.Item, marker_options: MarkerOptions | None
) -> Iterator[str]:
    """Play or record what the test's marker names; give the URL of a recording proxy, or ``."""
    if marker_options is None or not marker_options.cassettes:
        yield ""
        return
    config = test.config
    upstream, say = config.getoption("--fakegemini-upstream"), get_report(config).messages.append
    if config.getoption("--fakegemini-disable-recording"):
        _refuse_vcr(test)
        with lift_block(config), pass_to_upstream(fake, upstream, say) as url:
            yield url
        return
    recorded = _get_recorded_files(config)
    goes_live = marker_options.goes_live(recorded)
    if goes_live:
        _refuse_vcr(test)
    if not goes_live:
        play_cassettes(fake, marker_options, test, config.stash.get(MAX_AGE, None))
        yield ""
        return
    with (
        lift_block(config),
        record_cassette(
            fake,
            marker_options,
            recorded,
            test,
            upstream=upstream,
            saves_failed=config.getoption("--fakegemini-record-failed"),
            say=say,
        ) as url,
    ):
        yield url


def _refuse_vcr(test: pytest.Item) -> None:
    """Raise `BadScript` where vcrpy would have a part in what goes to the live API."""
    if not test.get_closest_marker("vcr") or test.config.getoption("--disable-recording", False):
        return
    raise BadScript(
        "the markers vcr and fakegemini cannot both record this test at once. Fix: add "
        "--disable-recording, which lets vcr rest; then run pytest --record-mode=new_episodes, and "
        "vcr records the other hosts beside the recording that is played"
    )


def drop_unplayed(config: pytest.Config, dropper: UnplayedDropper, exit_status: int) -> None:
    """Drop what no test played, at the end of a run; a worker leaves that to its controller."""
    worker_output = getattr(config, "workeroutput", None)
    if worker_output is not None:
        dropper.send_to_controller(worker_output)
        return
    recorded = config.stash.get(RECORDED, None)
    lines = dropper.drop(exit_status, lambda path: recorded is not None and path in recorded)
    get_report(config).messages.extend(lines)


def _get_recorded_files(config: pytest.Config) -> RecordedFiles:
    """Return the files that this run records, which its workers share."""
    if RECORDED not in config.stash:
        run_name = getattr(config, "workerinput", {}).get("testrunuid") or uuid4().hex
        config.stash[RECORDED] = RecordedFiles(run_name)
    return config.stash[RECORDED]
