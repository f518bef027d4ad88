"""Read the switches of a whole session: on the command line, or in the ini file."""

from __future__ import annotations

import pytest


def variable_of(option: str) -> str:
    """Return the name of an option in the ini file, and among the parsed ones."""
    return option.lstrip("-").replace("-", "_")


def is_on(config: pytest.Config, switch: str) -> bool:
    """Tell whether one of `SWITCHES` is on: on the command line, or in a line of the ini file."""
    name = variable_of(switch)
    if getattr(config.known_args_namespace, name, False):
        return True
    try:
        return bool(config.getini(name))
    except (ValueError, pytest.UsageError) as error:
        where = f" in {config.inipath}" if config.inipath else ""
        raise pytest.UsageError(f"{name}{where}: {error}") from None
