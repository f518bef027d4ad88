"""What every pytest run loads for the plugin, whether it uses it or not; see `benchmarks/`."""

from __future__ import annotations

import json
import subprocess
import sys

PROBE = """
import json, sys
import pytest
before = set(sys.modules)
import fakegemini.pytest_plugin
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def probe() -> list[str]:
    """The modules that loading the plugin adds, in a fresh interpreter."""
    command = [sys.executable, "-W", "error", "-c", PROBE]
    return list(json.loads(subprocess.check_output(command, text=True)))


def test_only_the_standard_library_and_ours() -> None:
    """No server, no validator, no SDK: these come with the first test that asks for the fixture."""
    added = probe()

    tops = {name.partition(".")[0] for name in added}
    assert "fakegemini" in tops
    assert tops - {"fakegemini"} <= sys.stdlib_module_names


def test_of_ours_two_tables_alone() -> None:
    """The options name the modes and the fake's own, the hooks what they keep; all else waits."""
    added = probe()

    ours = {name for name in added if name.partition(".")[0] == "fakegemini"}
    rooms = {"fakegemini", "fakegemini.fake", "fakegemini.record", "fakegemini.pytest_plugin"}
    files = "fake.options record.modes pytest_plugin.stash_keys pytest_plugin.switches".split()
    assert ours == rooms | {f"fakegemini.{file}" for file in files}
