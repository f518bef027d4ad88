"""Tell whether a run of pytest is about the whole suite, or what it leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest

_SELECTIONS = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
    "lf": "--lf",
    "stepwise": "--stepwise",
    "collectonly": "--collect-only",
    "setupplan": "--setup-plan",
    "setuponly": "--setup-only",
}
"""The options by which a run leaves tests out, by the names that pytest keeps them under."""


def describe_part(config: pytest.Config) -> str:
    """Say what makes a run a part of the suite alone; empty for the whole suite.

    The whole suite is all of `testpaths`, or where the ini file has none, all below it; without an
    ini file, all below the folder in which pytest was started.
    """
    for name, option in _SELECTIONS.items():
        if getattr(config.option, name, None):
            return f"{option} leaves tests out"
    checked = config.getoption("--fakegemini-check")
    here = config.invocation_params.dir
    chosen = [(here / name).resolve() for name in config.args if name not in checked]
    for path in chosen:
        if not path.is_dir():
            return f"{path.name} is not the whole suite"
    for folder in _folders_of_suite(config):
        if not any(folder.is_relative_to(path) for path in chosen):
            return f"{folder} was not collected as a whole"
    return ""


def _folders_of_suite(config: pytest.Config) -> list[Path]:
    """Return the folders of which a run collects all where nothing is chosen."""
    if config.inipath is None:
        return [config.invocation_params.dir.resolve()]
    root = config.rootpath.resolve()
    patterns = config.getini("testpaths")
    folders = [path.resolve() for pattern in patterns for path in sorted(root.glob(pattern))]
    return [path for path in folders if path.is_dir()] or [root]
