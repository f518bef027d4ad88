"""Shared by all tests."""

import os

import yaml
from hypothesis import settings

pytest_plugins = ["pytester"]

# pytester forgets the modules that a test loaded; PyYAML's compiled half cannot be loaded twice.
assert yaml

# A build must not fail for an example that the change did not touch; people search further.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
