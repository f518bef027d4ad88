"""Shared by all tests."""

import os

import pytest
import yaml
from hypothesis import settings

pytest_plugins = ["pytester"]

# pytester forgets the modules that a test loaded; PyYAML's compiled half cannot be loaded twice.
assert yaml

# A build must not fail for an example that the change did not touch; people search further.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


LONG = ("test_quickstart.py", "test_machine.py")
"""They take longest; last in line they would keep all but one worker of pytest-xdist waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, all else as it was."""
    items.sort(key=lambda item: item.path.name not in LONG)
