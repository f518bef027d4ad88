"""The group of all commands. Each prints the next thing to type."""

from __future__ import annotations

import io
import sys

import click

from .. import __version__
from .canary import canary
from .check import check, drift, verify
from .demo import demo
from .openapi import openapi
from .record import record, rerecord, scrub
from .run import run
from .serve import serve
from .shell import completion, env
from .view import convert, diff, show


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """The Gemini Interactions API on your own machine."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a recording may hold any text


for command in (
    *(serve, run, demo),
    *(check, verify, drift),
    *(record, rerecord, scrub, canary),
    *(show, diff, convert),
    *(openapi, env, completion),
):
    main.add_command(command)
