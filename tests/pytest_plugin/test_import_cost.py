"""What every pytest run pays for the plugin, whether it uses it or not."""

from __future__ import annotations

import json
import subprocess
import sys

PROBE = """
import json, sys, time
import pytest
before = set(sys.modules)
began = time.perf_counter()
import fakegemini.pytest_plugin
spent = time.perf_counter() - began
print(json.dumps([sorted(set(sys.modules) - before), spent * 1000]))
"""


def probe() -> tuple[list[str], float]:
    """The modules that loading the plugin adds, and its milliseconds, in a fresh interpreter."""
    command = [sys.executable, "-W", "error", "-c", PROBE]
    added, spent = json.loads(subprocess.check_output(command, text=True))
    return added, spent


def test_only_the_standard_library_and_ours() -> None:
    """No server, no validator, no SDK: these come with the first test that asks for the fixture."""
    added, _ = probe()

    tops = {name.partition(".")[0] for name in added}
    assert "fakegemini" in tops
    assert tops - {"fakegemini"} <= sys.stdlib_module_names


def test_of_ours_two_tables_alone() -> None:
    """The options name the modes and the fake's own, the hooks what they keep; all else waits."""
    added, _ = probe()

    ours = {name for name in added if name.partition(".")[0] == "fakegemini"}
    rooms = {"fakegemini", "fakegemini.fake", "fakegemini.record", "fakegemini.pytest_plugin"}
    files = "fake.options record.modes pytest_plugin.stash_keys pytest_plugin.switches".split()
    assert ours == rooms | {f"fakegemini.{file}" for file in files}
