"""Read the options of a fake that a run of pytest sets for all tests: ini file and environment.

A variable of the environment is for one run and goes before a line of the ini file, which is for
all. The marker, and the attributes of the fixture, are a test's own and go before both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from ..errors import BadScript
from ..fake.option_values import options_from, read_option
from ..fake.options import OPTIONS, SCRUB_OPTIONS
from ..wording import did_you_mean
from .marker import as_list
from .switches import is_on

if TYPE_CHECKING:
    from .marker import MarkerOptions

INI_PREFIX = "fakegemini_"

_RUN_OPTIONS = pytest.StashKey[dict[str, Any]]()


def get_run_options(config: pytest.Config) -> dict[str, Any]:
    """Return the options that are set, by name; raises `pytest.UsageError` for one that is wrong.

    They are read once in a run.
    """
    if _RUN_OPTIONS not in config.stash:
        try:
            config.stash[_RUN_OPTIONS] = _read_ini(config) | options_from(os.environ)
        except BadScript as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[_RUN_OPTIONS]


def is_per_example(test: pytest.Item, marker_options: MarkerOptions | None) -> bool:
    """Tell whether each example of a test of Hypothesis finds the fake as the test did."""
    said = marker_options.per_example if marker_options else None
    return is_on(test.config, "--fakegemini-per-example") if said is None else bool(said)


def _read_ini(config: pytest.Config) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name in OPTIONS:
        line = f"{INI_PREFIX}{name}"
        try:
            value = config.getini(line)
            if value is not None and value != "":
                options[name] = int(value) if OPTIONS[name].form == "number" else value
                read_option(name, options[name])
        except (BadScript, pytest.UsageError, TypeError, ValueError) as error:
            where = f" in {config.inipath}" if config.inipath else ""
            raise BadScript(f"{line}{where}: {error}") from None
    return options


def read_project_options(options: Any) -> dict[str, Any]:
    """Return what the fixture `fakegemini_config` gave; raises `BadScript` where it is none."""
    if not isinstance(options, Mapping):
        raise BadScript(f"the fixture fakegemini_config gives a dict of options, not {options!r}")
    known_names = ("record", *OPTIONS)
    for name in options:
        if name not in known_names:
            raise BadScript(
                f"the fixture fakegemini_config takes {', '.join(known_names)}, not {name!r}"
                f"{did_you_mean(name, known_names)}"
            )
    return dict(options)


def merge_options(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Merge options, the nearest last, which goes before; what is a secret adds up."""
    merged: dict[str, Any] = {}
    for layer in layers:
        secrets = {
            name: [*as_list(merged.get(name)), *as_list(layer[name])]
            for name in SCRUB_OPTIONS
            if name in layer
        }
        merged |= {**layer, **secrets}
    return merged
