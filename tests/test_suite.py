"""The suite about itself: what a run inside of a test loads, and what CI is told at the end."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.inner_runs import SLOW_PLUGINS
from tests.slowest import Slowest, tabulate
from tests.workers import choose_number, let_programs_hear_signals


def test_a_run_inside_of_a_test_loads_what_it_is_about(pytester: pytest.Pytester) -> None:
    """Ours as it is installed, and none of those that take long."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(f"""
def test_it(pytestconfig, fakegemini):
    for name in {SLOW_PLUGINS!r}:
        assert not pytestconfig.pluginmanager.has_plugin(name), name
    assert pytestconfig.pluginmanager.has_plugin("fakegemini")
""")

    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_the_slowest_are_named() -> None:
    """Files by their sum, tests one by one, every phase included."""
    slowest = Slowest()
    for name, phase, seconds in (
        ("test_many.py::test_it[0]", "call", 2.0),
        ("test_many.py::test_it[1]", "call", 2.0),
        ("test_single.py::test_it", "setup", 1.0),
        ("test_single.py::test_it", "call", 1.5),
    ):
        report = pytest.TestReport(name, ("", 0, ""), {}, "passed", None, phase, duration=seconds)  # type: ignore[arg-type]
        slowest.pytest_runtest_logreport(report)

    assert tabulate(slowest.by_file) == [
        "    4.0 s  61.5 %  test_many.py",
        "    2.5 s  38.5 %  test_single.py",
    ]
    assert tabulate(slowest.by_test)[0] == "    2.5 s  38.5 %  test_single.py::test_it"


def test_the_environment_decides_on_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else there are more than cores."""
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "1")
    assert choose_number() is None

    monkeypatch.delenv("PYTEST_XDIST_AUTO_NUM_WORKERS")
    assert (choose_number() or 0) > 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_programs_hear_the_signals_that_a_shell_ignores_for_us(name: str) -> None:
    """In its background and under `nohup`; the tests themselves go on ignoring them."""
    number = signal.Signals[name]
    source = f"import signal; print(signal.getsignal(signal.{name}) == signal.SIG_IGN)"
    before = signal.signal(number, signal.SIG_IGN)
    try:
        let_programs_hear_signals()
        signal.raise_signal(number)
        shown = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    finally:
        signal.signal(number, before)

    assert shown.stdout == "False\n"
