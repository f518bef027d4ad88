"""How pytest-xdist shares the tests out.

Many tests wait for a program that they started, so there are more workers than cores. Each has a
run of neighbours, which share what is made once for a module, and takes from the others when its
own are done: nobody idles at the end.
"""

from __future__ import annotations

import os

import pytest

FIRST = ("test_quickstart.py", "test_machine.py")
"""The longest tests: what begins last must be short."""


def choose_number() -> int | None:
    """Count the workers of `--numprocesses auto`; None leaves it to the environment."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return cores + (cores + 1) // 2


def let_workers_steal(config: pytest.Config) -> None:
    """Choose how tests are shared out, unless the command line does, or there is one process."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "worksteal"


def put_longest_first(items: list[pytest.Item]) -> None:
    """Move the longest tests to the front, and leave the rest as it was."""
    items.sort(key=lambda item: item.path.name not in FIRST)
