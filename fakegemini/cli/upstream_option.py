"""The option `--upstream` of every command that has one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from .safe_output import to_stderr

_Command = Callable[..., Any]


def add_upstream_option(text: str) -> Callable[[_Command], _Command]:
    """Add the option to a command; `text` is its help."""
    return click.option("--upstream", metavar="URL", callback=_warn_of_login, help=text)


def _warn_of_login(context: click.Context, option: click.Parameter, url: str | None) -> str | None:
    if not url:
        return url
    from ..record.upstream_login import VISIBLE_LOGIN, has_login

    if has_login(url):
        to_stderr(f"Warning: {VISIBLE_LOGIN}")
    return url
