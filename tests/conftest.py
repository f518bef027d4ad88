"""Shared by all tests."""

import os

import pytest
import yaml
from hypothesis import settings

from tests.inner_runs import ADDOPTS, LEAN
from tests.roots import use_one_root
from tests.slowest import Slowest
from tests.workers import (
    choose_number,
    let_programs_hear_signals,
    let_workers_steal,
    measure_tests,
    put_longest_first,
)

pytest_plugins = ["pytester"]

# pytester forgets the modules that a test loaded; PyYAML's compiled half cannot be loaded twice.
assert yaml

# A build must not fail for an example that the change did not touch; people search further.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Say how many workers there are."""
    return choose_number()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Say how the workers share the tests out, before pytest-xdist starts them."""
    let_workers_steal(config)


def pytest_configure(config: pytest.Config) -> None:
    """Make once what is the same for all tests; measure what CI tells in the end."""
    use_one_root(config)
    measure_tests(config)
    let_programs_hear_signals()
    if os.environ.get("CI") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Slowest())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest."""
    put_longest_first(items)


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Run pytest inside of a test, without the plugins that take long to load."""
    monkeypatch.setenv(ADDOPTS, LEAN)
    return pytester


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A test that fails is named at once, not only when all have run."""
    if report.failed and type(report) is pytest.TestReport:
        category = "failed" if report.when == "call" else "error"
        return category, f"\n{category.upper()} {report.nodeid}\n", category.upper()
    return None
