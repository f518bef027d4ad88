"""How pytest-xdist shares the tests out.

Many tests wait for a program that they started, so there are more workers than cores. Each has a
run of neighbours, which share what is made once for a module, and takes from the others when its
own are done: nobody idles at the end.
"""

from __future__ import annotations

import os
import signal

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


def measure_tests(config: pytest.Config) -> None:
    """Let coverage, where it is started, measure what runs tests, but no program that they start.

    There are some thousand programs, and each would load it. The floors hold without them.
    """
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):
        os.environ.pop("COVERAGE_PROCESS_START", None)


def let_programs_hear_signals() -> None:
    """Take what this process ignores from the programs that it starts.

    In a shell's background and under `nohup` SIGINT or SIGHUP are ignored, which programs inherit;
    the tests about signals would wait for them. A handler of ours is not inherited.
    """
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, _stay)


def _stay(*_: object) -> None:
    """Ignore a signal, as before."""
