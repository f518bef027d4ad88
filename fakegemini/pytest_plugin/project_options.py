"""Read what a whole project says of its recordings: options, lines of the ini file, a fixture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .switches import variable_of

_LISTS = {
    "scrub": ("NAME", "take out the values of this name, too, as a secret"),
    "scrub_pattern": ("REGEX", "take out what matches, too, as a secret"),
    "allow_secret": ("REGEX", "leave in what matches: it is no secret"),
    "tolerate": ("WHAT", "what may differ from a recording: dates, a path, …"),
}
"""The options that can be given several times, and as lines of the ini file."""


def add_project_options(parser: pytest.Parser, group: Any) -> None:
    """Add an option and a line of the ini file for each of `_LISTS`."""
    for name, (metavar, text) in _LISTS.items():
        flag = f"--fakegemini-{name.replace('_', '-')}"
        group.addoption(flag, action="append", default=[], metavar=metavar, help=text)
        parser.addini(variable_of(flag), text, type="linelist", default=[])


def read_project_options(config: pytest.Config, of_fixture: Any) -> dict[str, Any]:
    """Return the options of the whole project: those of the fixture, the ini file, the command.

    of_fixture: what the fixture `fakegemini_config` gave

    Raises `BadScript` where that is no dictionary of options.
    """
    from ..errors import BadScript
    from ..fake.replay.play_options import PLAY_OPTIONS
    from .marker import unknown_text

    if not isinstance(of_fixture, Mapping):
        raise BadScript(
            f"the fixture fakegemini_config gives a dict of options, not {of_fixture!r}"
        )
    known_names = ("record", *PLAY_OPTIONS)
    for name in of_fixture:
        if name not in known_names:
            raise BadScript(unknown_text("the fixture fakegemini_config takes", name, known_names))
    options = dict(of_fixture)
    for name in _LISTS:
        variable = variable_of(f"--fakegemini-{name}")
        texts = [*config.getini(variable), *config.getoption(variable)]
        if texts:
            options[name] = [*as_list(options.get(name)), *texts]
    return options


def as_list(value: Any) -> list[Any]:
    """Return the values of an option that may be given as one or as several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
