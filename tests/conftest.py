"""Shared by all tests."""

import os

import pytest
import yaml
from hypothesis import settings

from tests.roots import use_one_root

pytest_plugins = ["pytester"]

# pytester forgets the modules that a test loaded; PyYAML's compiled half cannot be loaded twice.
assert yaml

# A build must not fail for an example that the change did not touch; people search further.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


LONG = ("test_quickstart.py", "test_machine.py")
"""They take longest; last in line they would keep all but one worker of pytest-xdist waiting."""


def pytest_configure(config: pytest.Config) -> None:
    """What is the same for all tests is made once."""
    use_one_root(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, all else as it was."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A test that fails is named at once, not only when all have run."""
    if report.failed and type(report) is pytest.TestReport:
        category = "failed" if report.when == "call" else "error"
        return category, f"\n{category.upper()} {report.nodeid}\n", category.upper()
    return None
