"""Print what the commands have to say; nothing else of `cli` writes to the terminal.

What is printed may quote recordings, scripts and names of files from anywhere, so it is spelt so
that it steers neither a terminal nor a CI. Colours are ours alone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from typing import Any, NoReturn

import click

from ..errors import OutputLost
from ..wording import spell_unsafe, spell_unsafe_json

_SIGPIPE_STATUS = 141

_STYLES: dict[str, dict[str, Any]] = {
    "head": {"bold": True},
    "dim": {"dim": True},
    "user": {"fg": "cyan"},
    "model": {"fg": "green"},
    "thought": {"fg": "magenta"},
    "call": {"fg": "yellow"},
    "result": {"fg": "yellow"},
    "error": {"fg": "red"},
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "old": {"fg": "red"},
    "new": {"fg": "green"},
}
_NONCE = os.urandom(8).hex()
_PAINTED = re.compile(rf"<{_NONCE}:(\w+)>(.*?)</{_NONCE}>", re.DOTALL)


def echo(text: str, *, err: bool = False) -> None:
    """Print a text, made safe."""
    _print(spell_unsafe(text), err=err)


def echo_json(text: str) -> None:
    """Print JSON text, made safe and still the same JSON."""
    _print(spell_unsafe_json(text))


def echo_report(text: str) -> None:
    """Print a report as its format has it, which made it safe: some are commands to a CI."""
    _print(text)


def echo_error(error: object) -> int:
    """Print what went wrong, and return the exit status."""
    echo(f"Error: {error}", err=True)
    return 2


def to_stderr(line: str) -> None:
    """Print a line about the work, which is not the output of the command."""
    with contextlib.suppress(OSError, ValueError):  # where it goes must not decide what happens
        echo(line, err=True)


def paint(text: str, kind: str) -> str:
    """Mark a text for its colours: what it is, such as `user` or `error`; `echo_painted` shows it.

    The mark has a number of this process in it, which nobody who writes a recording can know.
    """
    return f"<{_NONCE}:{kind}>{spell_unsafe(text)}</{_NONCE}>" if kind in _STYLES else text


def echo_painted(text: str) -> None:
    """Print a text with the colours of `paint`: on a terminal, unless `NO_COLOR` is set."""
    text = _PAINTED.sub(
        lambda match: click.style(match[2], **_STYLES[match[1]]), spell_unsafe(text)
    )
    _print(text, color=False if os.environ.get("NO_COLOR") else None)


def leave_without_output(error: OutputLost) -> NoReturn:
    """End the command whose output was lost: an exit status of 0 or 1 would be a verdict.

    A reader that has enough, such as `head`, is no error; the status is that of programs which a
    signal ends there.
    """
    _forget_output()
    if error.errno == errno.EPIPE:
        sys.exit(_SIGPIPE_STATUS)
    to_stderr(f"Error: the output cannot be written: {error.strerror}")
    sys.exit(2)


def _print(text: str, *, err: bool = False, color: bool | None = None) -> None:
    """Print; raises `OutputLost`."""
    try:
        click.echo(text, err=err, color=color)
    except OSError as error:
        raise OutputLost(error.errno, error.strerror) from None


def _forget_output() -> None:
    """Let nothing be written to where it is lost: the interpreter tries once more as it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
