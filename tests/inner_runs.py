"""What a run of pytest inside of a test loads.

Every installed plugin is loaded by each run. Four of them take 1.4 of the 1.9 seconds (of the CPU)
of a short one, and nothing but the tests of Hypothesis is about any of them.
"""

from __future__ import annotations

ADDOPTS = "PYTEST_ADDOPTS"
"""The variable of the environment with options for every run."""

SLOW_PLUGINS = ("schemathesis", "hypothesispytest", "typeguard", "platformdirs")


def without(*plugins: str) -> str:
    """Write the options that keep plugins from being loaded, for `PYTEST_ADDOPTS`."""
    return " ".join(f"-p no:{plugin}" for plugin in plugins)


LEAN = without(*SLOW_PLUGINS)
WITH_HYPOTHESIS = without(*(set(SLOW_PLUGINS) - {"hypothesispytest"}))
