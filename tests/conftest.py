"""Shared by all tests."""

import os

from hypothesis import settings

pytest_plugins = ["pytester"]

# A build must not fail for an example that the change did not touch; people search further.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
