"""The options that several commands have: `--upstream`, `--report`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .safe_output import to_stderr

_Command = Callable[..., Any]

add_report_option = click.option(
    "--report",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="At the end, write what was asked and answered: as a page, or as JSON (FILE.json).",
)
"""Adds `--report` to a command."""


def add_upstream_option(text: str) -> Callable[[_Command], _Command]:
    """Return what adds `--upstream` to a command; `text` is its help."""
    return click.option("--upstream", metavar="URL", callback=_warn_of_login, help=text)


def _warn_of_login(context: click.Context, option: click.Parameter, url: str | None) -> str | None:
    if not url:
        return url
    from ..record.upstream_login import VISIBLE_LOGIN, has_login

    if has_login(url):
        to_stderr(f"Warning: {VISIBLE_LOGIN}")
    return url
