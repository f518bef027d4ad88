"""The command that prints the API as a document for code generators: `openapi`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..wording import spell_json
from .safe_output import echo, echo_error, echo_json


@click.command()
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file instead."
)
@click.option("--no-control", is_flag=True, help="Leave out the control routes of fakegemini.")
def openapi(out: Path | None, no_control: bool) -> None:
    """Print the OpenAPI 3.1 document of the API and of the control routes.

    Generators make types of it that narrow on `type`. `fakegemini serve` serves it, too:
    GET /__fakegemini__/openapi.json. Exit status: 0 printed or written, 2 it could not be written.
    """
    from ..fake.openapi.openapi_document import build_document
    from ..recordings.atomic_write import write_atomically

    text = spell_json(build_document(control=not no_control), indent=2)
    if out is None:
        echo_json(text)
        return
    try:
        write_atomically(out, f"{text}\n".encode())
    except OSError as error:
        sys.exit(echo_error(f"{out} cannot be written: {error.strerror or error}"))
    echo(f"{out} is written")
