"""The group of all commands. Each prints the next thing to type."""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import sys
from importlib import import_module
from typing import Any

import click

from .. import __version__
from ..errors import OutputLost
from ..recordings.uncollected import uncollected
from .safe_output import echo_error, leave_without_output

_HOMES = {
    **{"serve": "serve", "run": "run", "demo": "demo"},
    **dict.fromkeys(("check", "verify", "drift"), "check"),
    **dict.fromkeys(("record", "rerecord", "scrub"), "record"),
    **dict.fromkeys(("show", "diff", "convert"), "view"),
    **{"canary": "canary", "openapi": "openapi", "why": "explain_request"},
    **dict.fromkeys(("env", "completion"), "shell"),
}
"""The file of each command; it loads when the command is first used."""

_FUNCTIONS = {"why": "explain_request"}
"""The functions that are called otherwise than their commands."""


class LateGroup(click.Group):
    """A group whose commands load when somebody asks for them."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted(_HOMES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Load a command; for a name that is none load all, which an error compares with it."""
        for each in [name] if name in _HOMES else _HOMES:
            if each not in self.commands:
                with uncollected():
                    home = import_module(f".{_HOMES[each]}", __package__)
                self.add_command(getattr(home, _FUNCTIONS.get(each, each)))
        return super().get_command(context, name)

    def invoke(self, context: click.Context) -> Any:
        """Run the command; one whose output is lost ends with what is no verdict."""
        try:
            return super().invoke(context)
        except OutputLost as error:
            leave_without_output(error)
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            sys.exit(echo_error(f"{error.strerror}; ulimit -n says how many there may be"))


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """The Gemini Interactions API on your own machine."""
    _open_standard_files()
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)  # else the interpreter looks through all code as it ends
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a recording may hold any text


def _open_standard_files() -> None:
    """Open what whoever started us closed of the first three files, on nothing.

    A socket in its place would be written to as if it were the output, and libuv aborts over it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")


def load_commands() -> dict[str, click.Command]:
    """Load every command, and return them by name."""
    with click.Context(main) as context:
        return {name: command for name in _HOMES if (command := main.get_command(context, name))}
